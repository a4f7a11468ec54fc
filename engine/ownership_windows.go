package engine

func checkOwnership(string) error { return nil }
