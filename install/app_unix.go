//go:build unix && !darwin

package install

import "strings"

// dirName is the application's name as XDG programs write it: my-app.
func (a AppID) dirName() (string, error) {
	return strings.ToLower(strings.ReplaceAll(a.App, " ", "-")), a.check()
}
