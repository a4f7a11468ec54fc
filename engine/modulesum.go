package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sumOf returns the SHA-256 of a module of the runtime. That of a file that has not changed since the last time is in the cache: reading
// 13 MB takes a tenth of the start. Then module is nil.
func (s *programs) sumOf(file string) (sum string, module []byte, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", nil, err
	}
	identity, memo := fileIdentity(info), s.memoName(file)
	if identity != "" && memo != "" {
		if b, err := os.ReadFile(memo); err == nil {
			if known, sum, ok := strings.Cut(strings.TrimSpace(string(b)), " "); ok && known == identity && len(sum) == 2*sha256.Size {
				return sum, nil, nil
			}
		}
	}
	if module, err = os.ReadFile(file); err != nil {
		return "", nil, err
	}
	b := sha256.Sum256(module)
	sum = hex.EncodeToString(b[:])
	if identity != "" && memo != "" && settled(info) {
		keep(memo, fmt.Appendf(nil, "%s %s\n", identity, sum))
	}
	return sum, module, nil
}

// settled reports whether a later change of the file is sure to have another time. It was looked at before it was read.
func settled(info os.FileInfo) bool {
	const grain = 2 * time.Second // of the times of the coarsest file systems
	return time.Since(changed(info)) > grain
}

// memoName names the file that has a module's sum, "" when nothing is kept.
func (s *programs) memoName(file string) string {
	if s.cache == "" {
		return ""
	}
	const enough = 16
	sum := sha256.Sum256([]byte(file))
	return filepath.Join(s.cache, "modules", hex.EncodeToString(sum[:enough])+".sum")
}
