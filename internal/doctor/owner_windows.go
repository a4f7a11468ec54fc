package doctor

// ownerOf names nobody: who may do what is in access control lists.
func ownerOf(string) string { return "" }
