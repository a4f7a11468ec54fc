package install

import (
	"fmt"
	"os"
	"path/filepath"
)

// dataHome is where programs keep the user's data: Apple's File System Programming Guide, "The Library Directory Stores App-Specific Files".
func dataHome() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w (%w): name a data directory with -D", errNoHome, err)
	}
	return filepath.Join(home, "Library", "Application Support"), nil
}
