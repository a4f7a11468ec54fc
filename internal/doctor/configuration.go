package doctor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// configuration finds out whether a server starts with the cluster's configuration: one does, or does not, on a fresh
// cluster in the temporary directory that has the same configuration files. So PostgreSQL itself says what it thinks of
// them.
func (x *examination) configuration(ctx context.Context) {
	const check = "config"
	if slices.ContainsFunc([]string{"version", "layout", "files", "start"}, x.failed) {
		return
	}
	dir, err := os.MkdirTemp(x.o.Temp, "pglite-doctor-")
	if err != nil {
		x.warn(check, "not tried: "+err.Error(), "set TMPDIR to a directory that can be written")
		return
	}
	defer os.RemoveAll(dir)
	twin := filepath.Join(dir, "data")
	source := install.RuntimeOptions{Source: x.runtime}
	if _, err = install.InitWith(ctx, install.Paths{Data: twin}, install.Options{RuntimeOptions: source}); err == nil {
		err = copyConfiguration(x.Data, twin)
	}
	if err != nil {
		x.warn(check, "not tried: "+err.Error(), "")
		return
	}
	said, err := x.rehearse(ctx, twin)
	if err == nil {
		x.ok(check, "the server starts with it")
		return
	}
	said = strings.ReplaceAll(said, twin, x.Data)
	if said == "" {
		said = err.Error()
	}
	todo := "correct it, or override it for one start: pglite --set NAME=VALUE"
	if name, place := x.setting(said); name != "" {
		todo = fmt.Sprintf("%s sets %s: correct it there, or override it for one start: pglite --set %s=VALUE", place, name, name)
	}
	if strings.Contains(said, "unrecognized configuration parameter") || strings.Contains(said, "syntax error") || strings.Contains(said, "pg_hba.conf") {
		todo = "correct it there"
	}
	x.fail(check, said, todo)
}

// rehearse starts a server and stops it. said is what the server has said about a failure.
func (x *examination) rehearse(ctx context.Context, dir string) (said string, err error) {
	cfg := x.o.Server
	cfg.Runtime, cfg.DataDir, cfg.NoAttach, cfg.NoLogInErrors, cfg.Log = x.runtime, dir, true, false, nil
	cfg.Settings = maps.Clone(cfg.Settings)
	if cfg.Settings == nil {
		cfg.Settings = map[string]string{}
	}
	for name, value := range map[string]string{"fsync": "off", "logging_collector": "off", "log_destination": "stderr", "log_min_messages": "warning"} {
		cfg.Settings[name] = value // so that what is said about a failure is seen
	}
	db, err := engine.Open(ctx, cfg)
	if err == nil {
		return "", db.CloseImmediately()
	}
	if server := (*engine.ServerError)(nil); errors.As(err, &server) {
		return complaints(server.Log), err
	}
	return "", err
}

// logLine is a line of the server's log behind its prefix, or one that the server writes before it has a log.
var logLine = regexp.MustCompile(`(?m)^(?:.*?(LOG|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT): |postgres:) +(.*)$`)

// everyStart begins what every start says.
var everyStart = []string{"starting PostgreSQL", "listening on", "database system", "shutting down"}

// complaints are what the log says about a start that failed.
func complaints(log string) string {
	var lines []string
	for _, m := range logLine.FindAllStringSubmatch(log, -1) {
		if !slices.ContainsFunc(everyStart, func(begin string) bool { return strings.HasPrefix(m[2], begin) }) {
			lines = append(lines, strings.TrimPrefix(m[1]+": "+m[2], ": "))
		}
	}
	return strings.Join(lines, "; ")
}

// quoted is a word that a message has in quotes.
var quoted = regexp.MustCompile(`"([^"]+)"`)

// assignment is a line of a configuration file that sets a parameter.
var assignment = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(?:=\s*|\s)(.*)$`)

// setting finds the parameter that a message speaks of, by its name or its value, and the line that sets it last.
func (x *examination) setting(message string) (name, place string) {
	var words []string
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		words = append(words, m[1])
	}
	for _, file := range []string{"postgresql.conf", "postgresql.auto.conf"} {
		content, err := readFile(x.Data, file)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(bytes.NewReader(content))
		for n := 1; lines.Scan(); n++ {
			m := assignment.FindStringSubmatch(lines.Text())
			if m == nil {
				continue
			}
			value, _, _ := strings.Cut(m[2], "#")
			spoken := func(word string) bool {
				return strings.EqualFold(word, m[1]) || len(word) > 1 && strings.Contains(value, word)
			}
			if slices.ContainsFunc(words, spoken) {
				name, place = m[1], fmt.Sprintf("%s line %d", filepath.Join(x.Data, file), n)
			}
		}
	}
	return name, place
}

// largestConfiguration is more than a configuration file has.
const largestConfiguration = 4 << 20

// readFile reads a configuration file, which may be a stranger's.
func readFile(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, largestConfiguration))
}

// copyConfiguration gives a fresh cluster the configuration of another: its files, and those of directories that only
// it has, which configuration files may include. What tells a server to recover, or who runs, is not among them.
func copyConfiguration(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		target := filepath.Join(to, e.Name())
		_, err := os.Lstat(target)
		fresh := errors.Is(err, fs.ErrNotExist)
		switch {
		case e.IsDir() && fresh:
			if err := copyIncluded(from, e.Name(), to); err != nil {
				return err
			}
		case !e.IsDir() && (fresh || filepath.Ext(e.Name()) == ".conf") && !isState(e.Name()):
			if err := copyFile(from, e.Name(), to); err != nil {
				return err
			}
		}
	}
	return nil
}

// isState reports whether a file tells about a run of the server, and not about its configuration.
func isState(name string) bool {
	return filepath.Ext(name) == ".signal" || slices.Contains([]string{
		"backup_label", "backup_manifest", "current_logfiles", "pglite.lock", "postmaster.opts", "postmaster.pid", "tablespace_map",
	}, name)
}

// copyIncluded copies the configuration files of a directory.
func copyIncluded(from, dir, to string) error {
	names, err := filepath.Glob(filepath.Join(from, dir, "*.conf"))
	if err != nil || len(names) == 0 {
		return err
	}
	if err := os.Mkdir(filepath.Join(to, dir), 0o700); err != nil {
		return err
	}
	for _, name := range names {
		if err := copyFile(from, filepath.Join(dir, filepath.Base(name)), to); err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a small file; what is none is left out.
func copyFile(from, name, to string) error {
	content, err := readFile(from, name)
	if err != nil || len(content) == largestConfiguration {
		return nil //nolint:nilerr // the server will miss it if it needs it
	}
	return os.WriteFile(filepath.Join(to, name), content, 0o600)
}
