package doctor

// isReadOnly reports whether a directory is on a file system that can only be read. Windows does not tell without a
// try.
func isReadOnly(string) bool { return false }
