//go:build unix

package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// effectiveUser is who we are; tests are somebody else.
var effectiveUser = os.Geteuid

func checkOwnership(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == effectiveUser() {
		return nil
	}
	return &OwnershipError{Dir: dir, Owner: userName(int(stat.Uid)), User: userName(effectiveUser())}
}

// userName returns the name of a user, or what sudo -u takes for one without a name.
func userName(id int) string {
	u, err := user.LookupId(strconv.Itoa(id))
	if err != nil || u.Username == "" {
		return "#" + strconv.Itoa(id)
	}
	return u.Username
}
