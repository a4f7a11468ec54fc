package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/zip"
)

// writeModule writes the module in the directory src, as it lies there, into a tree that the go command takes for a module proxy
// (https://go.dev/ref/mod#goproxy-protocol). What git ignores is in it too: the runtime's archive, which is built into programs.
func writeModule(tree, src, version string, when time.Time) error {
	text, err := os.ReadFile(filepath.Join(src, "go.mod"))
	if err != nil {
		return err
	}
	m := module.Version{Path: modfile.ModulePath(text), Version: version}
	if semver.Canonical(version) != version {
		return fmt.Errorf("%q is no version of a module, such as v1.2.3", version)
	}
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	escaped, err := module.EscapeVersion(version)
	if err != nil {
		return err
	}
	dir := filepath.Join(tree, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, when})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{escaped + ".info": info, escaped + ".mod": text, "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return writeModuleZip(filepath.Join(dir, escaped+".zip"), m, src)
}

func writeModuleZip(name string, m module.Version, src string) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return zip.CreateFromDir(f, m, src)
}
