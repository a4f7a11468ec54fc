package engine

// limitReached tells which limit of this program an error about memory comes from; Windows has none that a shell sets.
func limitReached(error) string { return "" }
