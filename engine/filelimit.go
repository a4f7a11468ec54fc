package engine

// How many files a server process may have open: PostgreSQL keeps the files of tables open as long as it may. Where the
// program around the server may have few, each process takes its part, so that many busy sessions do not use up what
// new ones, and the program, need.
const (
	fewestDescriptors = 96   // of one process: PostgreSQL wants 58 for files beside what it has open at its start
	allDescriptors    = 1024 // of one process where there is room
	reservedFiles     = 256  // of the program around the server: connections, its own files
	busySessions      = 100  // sessions that may be busy at once, PostgreSQL's default max_connections
)

// descriptors returns how many descriptors one process of the server may have when the program may have so many files;
// 0 means no limit.
func descriptors(files uint64) int {
	if files == 0 {
		return allDescriptors
	}
	share := (max(files, reservedFiles) - reservedFiles) / busySessions
	return int(min(max(share, fewestDescriptors), allDescriptors))
}
