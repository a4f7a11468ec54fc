package engine

import "io/fs"

// userDirName is the name of the directory among the temporary files, which are the user's own here.
func userDirName() string { return "pglite" }

// checksPrivacy tells that private looks at the directory.
const checksPrivacy = false

// private trusts the access control list of the user's temporary files.
func private(fs.FileInfo) bool { return true }
