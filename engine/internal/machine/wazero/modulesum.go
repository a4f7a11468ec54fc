package wazero

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// knownSum returns the SHA-256 of a module of the runtime without reading 13 MB, which takes a tenth of the start. It
// is in the cache when the file has not changed since the last time; else it is "".
func (e *Engine) knownSum(source machine.Source) string {
	info, err := os.Stat(source.Module())
	if err != nil {
		return ""
	}
	for _, cache := range e.cfg.dirs() {
		b, err := os.ReadFile(memoName(cache.Modules, source.Module()))
		state, sum, ok := strings.Cut(strings.TrimSpace(string(b)), " ")
		if err == nil && ok && len(sum) == 2*sha256.Size && state != "" && state == identity(source, info) {
			return sum
		}
	}
	return ""
}

// read reads a module of the runtime and keeps its SHA-256 for the next time, unless the file may be changing.
func (e *Engine) read(source machine.Source) (sum string, module []byte, err error) {
	f, err := os.Open(source.Module()) // another may get its name at any time
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, before.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(f); err != nil {
		return "", nil, err
	}
	after, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	h := sha256.Sum256(b.Bytes())
	sum = hex.EncodeToString(h[:])
	state, memo := identity(source, before), memoName(e.cfg.ModulesDir, source.Module())
	if state != "" && state == identity(source, after) && e.cfg.ModulesDir != "" && settled(before, e.cfg.now()) {
		keepFile(memo, fmt.Appendf(nil, "%s %s\n", state, sum))
	}
	return sum, b.Bytes(), nil
}

// identity tells one state of a module's file from others, "" when nothing does. The manifest names the sums of all
// modules, so that no other runtime is taken for this one where [fileIdentity] is not to be relied on.
func identity(source machine.Source, info os.FileInfo) string {
	file := fileIdentity(info)
	manifest, err := os.ReadFile(source.Manifest())
	if err != nil || file == "" {
		return ""
	}
	sum := sha256.Sum256(manifest)
	return file + ":" + hex.EncodeToString(sum[:])
}

// settled reports whether a change of the file after now is sure to have another time.
func settled(info os.FileInfo, now time.Time) bool {
	const grain = 2 * time.Second // of the times of the coarsest file systems
	return now.Sub(changed(info)) > grain
}

// memoName names the file in a directory of modules that has a module's sum.
func memoName(dir, file string) string {
	const enough = 16
	sum := sha256.Sum256([]byte(file))
	return filepath.Join(dir, hex.EncodeToString(sum[:enough])+".sum")
}
