package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// privateSocket returns where the owner of a data directory listens for other processes of the same user. It is not in the data
// directory because socket paths must be short.
func privateSocket(dataDir string) (string, error) {
	real, err := filepath.EvalSymlinks(dataDir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return "", err
	}
	dir, err := privateDir()
	if err != nil {
		return "", err
	}
	const enough = 8
	sum := sha256.Sum256([]byte(real))
	return filepath.Join(dir, hex.EncodeToString(sum[:enough])), nil
}

// longestSocketDir leaves room for a socket's name, and the attempts' suffix, in the shortest sun_path that there is, of 103 bytes.
const longestSocketDir = 103 - len("/0123456789abcdef-4194304-2")

// SocketDir tells in which directory the owner of a data directory listens for other processes of the same user. It makes nothing; where
// that directory cannot be made, the owner takes one among the temporary files.
func SocketDir() string {
	if dir := runtimeSocketDir(); dir != "" {
		return dir
	}
	return tempSocketDir()
}

// runtimeDirName is the name of the directory in XDG_RUNTIME_DIR.
const runtimeDirName = "pglite"

// runtimeSocketDir is in XDG_RUNTIME_DIR; it is empty where there is none that is fit for sockets.
func runtimeSocketDir() string {
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), runtimeDirName)
	if !filepath.IsAbs(dir) || len(dir) > longestSocketDir {
		return ""
	}
	return dir
}

// tempSocketDir is among the temporary files, those that every user shares where the names of the user's own are too long.
func tempSocketDir() string {
	dir := filepath.Join(os.TempDir(), userDirName())
	if len(dir) > longestSocketDir && runtime.GOOS != "windows" {
		dir = filepath.Join("/tmp", userDirName())
	}
	return dir
}

// privateDir makes a directory that the user alone can enter: in XDG_RUNTIME_DIR where there is one, or in the directory of temporary
// files, where others may have made one of that name before.
func privateDir() (string, error) {
	dir := runtimeSocketDir()
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		dir = tempSocketDir()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("make a directory for sockets: %w", err)
		}
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !private(info) {
		return "", fmt.Errorf("directory for sockets %q is not ours alone: remove it, or set XDG_RUNTIME_DIR to a directory of your own", dir)
	}
	return dir, nil
}
