package engine

import "fmt"

// OwnershipError tells that a data directory belongs to another user. A server that this user starts would leave files
// in it that its owner's server cannot open.
type OwnershipError struct {
	Dir   string
	Owner string // name of the user who owns it, or "#" and a number that has no name here
	User  string // who we are, in the same form
}

func (e *OwnershipError) Error() string {
	return fmt.Sprintf("data directory %q belongs to the user %s, and this is %s: "+
		"PostgreSQL runs as the owner of its files only", e.Dir, e.Owner, e.User)
}

// CheckOwnership refuses a directory of another user with an *OwnershipError, also for root, as PostgreSQL does. What
// is not there is nobody's. On Windows, where access is a matter of lists, it refuses nothing.
func CheckOwnership(dir string) error { return checkOwnership(dir) }
