package engine

// SetPhysicalMemory makes the computer have n bytes of memory until the returned function is called.
func SetPhysicalMemory(n uint64) (restore func()) {
	before := physicalMemory
	physicalMemory = func() uint64 { return n }
	return func() { physicalMemory = before }
}
