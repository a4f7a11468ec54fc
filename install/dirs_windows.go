package install

import (
	"fmt"
	"os"
	"path/filepath"
)

// dataHome is where programs keep the user's data on this machine: FOLDERID_LocalAppData
// (https://learn.microsoft.com/windows/win32/shell/knownfolderid). A database does not roam.
func dataHome() (string, error) {
	dir := os.Getenv("LOCALAPPDATA")
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("%w (%%LOCALAPPDATA%% is not set): name a data directory with -D", errNoHome)
	}
	return dir, nil
}
