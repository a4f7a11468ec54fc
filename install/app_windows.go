package install

import "path/filepath"

// dirName is Organization\App.
func (a AppID) dirName() (string, error) {
	return filepath.Join(a.Organization, a.App), a.check()
}
