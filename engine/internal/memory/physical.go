package memory

// Physical returns how much memory the computer has, in bytes, or on Linux what this program's control groups (a
// container's, a service's) allow of it; 0 when the system does not tell.
func Physical() uint64 { return physical() }
