package install

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// TimeZone returns the name of the time zone that a new cluster gets, "" for the runtime's choice, UTC. As initdb does,
// it takes the one that TZ names, or else the system's. asked replaces TZ when it is not empty. A name that the runtime
// does not know is ignored.
func TimeZone(runtime, asked string) string {
	if asked == "" {
		asked = os.Getenv("TZ")
	}
	if name := strings.TrimPrefix(asked, ":"); knowsZone(runtime, name) {
		return name
	}
	name := systemZone()
	if name == "Etc/UTC" || !knowsZone(runtime, name) {
		return ""
	}
	return name
}

// knowsZone reports whether the runtime has the time zone.
func knowsZone(runtime, name string) bool {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, `'\`) {
		return false
	}
	info, err := os.Stat(filepath.Join(runtime, "share", "zoneinfo", filepath.FromSlash(name)))
	return err == nil && info.Mode().IsRegular()
}

// systemZone returns the name of the computer's time zone, "" when it cannot be told.
func systemZone() string {
	if to, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(filepath.ToSlash(to), "zoneinfo/"); ok {
			return strings.TrimPrefix(name, "posix/")
		}
	}
	b, err := os.ReadFile("/etc/timezone")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// zoneLines are the lines of postgresql.conf that initdb writes the time zone to.
var zoneLines = regexp.MustCompile(`(?m)^(log_timezone|timezone) = \S+`)

// configuration copies postgresql.conf with the new cluster's time zone.
func (c *copier) configuration(from, to *os.File) error {
	b, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	_, err = to.Write(zoneLines.ReplaceAll(b, []byte("${1} = '"+c.zone+"'")))
	return err
}
