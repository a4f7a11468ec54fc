package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
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

// SocketDir tells in which directory the owner of a data directory listens for other processes of the same user. It makes nothing; where
// that directory cannot be made, the owner takes one among the temporary files.
func SocketDir() string {
	if dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "pglite"); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(os.TempDir(), userDirName())
}

// privateDir makes a directory that the user alone can enter: in XDG_RUNTIME_DIR where there is one, or in the directory of temporary
// files, where others may have made one of that name before.
func privateDir() (string, error) {
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "pglite")
	if !filepath.IsAbs(dir) || os.MkdirAll(dir, 0o700) != nil {
		dir = filepath.Join(os.TempDir(), userDirName())
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("make a directory for sockets: %w", err)
		}
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !private(info) {
		return "", fmt.Errorf("directory for sockets %q is not ours alone: remove it", dir)
	}
	return dir, nil
}
