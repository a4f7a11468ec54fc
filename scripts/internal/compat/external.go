package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// external is a client whose program is run by another language's interpreter.
type external struct {
	name    string
	install func(ctx context.Context, dir string) error // into dir, by the language's package manager
	command func(dir, programs string) (*exec.Cmd, error)
}

// externals are the clients in other languages. A package manager that does not have a client is followed by Debian's.
var externals = []external{
	{"node-postgres", npm("pg", "pg-copy-streams"), node("node-postgres.mjs")},
	{"postgres.js", npm("postgres"), node("postgres-js.mjs")},
	{"Prisma", npm("--ignore-scripts", "prisma", "@prisma/client", "@prisma/adapter-pg"), node("prisma.mjs")}, // its scripts fetch engines from elsewhere
	{"Drizzle ORM", npm("drizzle-orm", "pg"), node("drizzle.mjs")},
	{"psycopg 3", either(pip("psycopg[binary]"), deb("python3-psycopg", "python3-typing-extensions")), python("psycopg3.py")},
	{"psycopg 2", either(pip("psycopg2-binary"), deb("python3-psycopg2")), python("psycopg_two.py")},
	{"JDBC", either(maven("org.postgresql:postgresql:RELEASE"), deb("libpostgresql-jdbc-java", "libscram-java", "libstringprep-java", "libsaslprep-java")), java("Jdbc.java")},
}

type installer = func(ctx context.Context, dir string) error

// run runs a command of an installation; what it says is in the error only.
func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, gist(string(out)))
	}
	return nil
}

func npm(packages ...string) installer {
	return func(ctx context.Context, dir string) error {
		return run(ctx, dir, "npm", append([]string{"install", "--no-audit", "--no-fund", "--prefix", dir}, packages...)...)
	}
}

func pip(packages ...string) installer {
	return func(ctx context.Context, dir string) error {
		return run(ctx, dir, "python3", append([]string{"-m", "pip", "install", "--quiet", "--target", dir}, packages...)...)
	}
}

func maven(artifact string) installer {
	return func(ctx context.Context, dir string) error {
		return run(ctx, dir, "mvn", "-q", "-B", "dependency:copy", "-Dartifact="+artifact, "-DoutputDirectory="+dir)
	}
}

// deb unpacks Debian packages; nothing is installed on the machine. Of the packages, those that the system does not know are left out
// as long as it knows the first.
func deb(packages ...string) installer {
	return func(ctx context.Context, dir string) error {
		for i, p := range packages {
			if err := run(ctx, dir, "apt-get", "download", p); err != nil && i == 0 {
				return err
			}
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.deb"))
		if err != nil || len(files) == 0 {
			return errors.Join(err, errors.New("apt-get has downloaded nothing"))
		}
		for _, f := range files {
			if err := run(ctx, dir, "dpkg-deb", "-x", f, dir); err != nil {
				return err
			}
		}
		return nil
	}
}

// either tries one way to install, then another.
func either(ways ...installer) installer {
	return func(ctx context.Context, dir string) error {
		var errs []error
		for _, install := range ways {
			err := install(ctx, dir)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
}

func node(program string) func(dir, programs string) (*exec.Cmd, error) {
	return func(dir, programs string) (*exec.Cmd, error) {
		cmd := exec.Command("node", filepath.Join(programs, "js", program))
		cmd.Dir = dir // where the packages are looked for
		return cmd, nil
	}
}

// debianPython is where Debian's packages have Python modules.
const debianPython = "usr/lib/python3/dist-packages"

func python(program string) func(dir, programs string) (*exec.Cmd, error) {
	return func(dir, programs string) (*exec.Cmd, error) {
		interpreter, path := "python3", dir
		if _, err := os.Stat(filepath.Join(dir, debianPython)); err == nil {
			interpreter, path = "/usr/bin/python3", filepath.Join(dir, debianPython)
		}
		cmd := exec.Command(interpreter, filepath.Join(programs, "python", program))
		cmd.Env = append(os.Environ(), "PYTHONPATH="+path, "PYTHONDONTWRITEBYTECODE=1")
		return cmd, nil
	}
}

func java(program string) func(dir, programs string) (*exec.Cmd, error) {
	return func(dir, programs string) (*exec.Cmd, error) {
		var jars []string
		for _, pattern := range []string{"*.jar", "usr/share/java/*.jar"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return nil, err
			}
			jars = append(jars, found...)
		}
		if len(jars) == 0 {
			return nil, errors.New("there are no jar files")
		}
		return exec.Command("java", "-cp", strings.Join(jars, string(os.PathListSeparator)), filepath.Join(programs, "java", program)), nil
	}
}

// try installs the client and runs its program. An error tells that the client could not be had.
func (e external) try(ctx context.Context, work, programs string, t target) (version string, r report, err error) {
	dir := filepath.Join(work, strings.ReplaceAll(strings.ToLower(e.name), " ", "-"))
	if err := e.provide(ctx, dir); err != nil {
		return "", nil, err
	}
	cmd, err := e.command(dir, programs)
	if err != nil {
		return "", nil, err
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, t.env()...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	timer := time.AfterFunc(2*patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	version, r = readReport(out)
	if err != nil && version == "" {
		return "", nil, fmt.Errorf("%w: %s", err, gist(errs.String()))
	}
	if err != nil { // it got as far as this
		r["program"] = outcome{statusFail, fmt.Sprintf("%v: %s", err, gist(errs.String()))}
	}
	return version, r, nil
}

// provide installs into dir unless that was done before.
func (e external) provide(ctx context.Context, dir string) error {
	done := filepath.Join(dir, ".installed")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := e.install(ctx, dir); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o644)
}

// readReport reads lines of feature, status, text; the version comes as a feature of that name.
func readReport(out []byte) (version string, r report) {
	r = report{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), "\t", 3)
		if len(parts) < 3 {
			continue
		}
		if parts[0] == "version" {
			version = parts[1]
			continue
		}
		r[parts[0]] = outcome{parts[1], parts[2]}
	}
	return version, r
}

// gist returns the line of an error message that says most: the first that speaks of an error, else the last.
func gist(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines {
		if strings.Contains(line, "Error") || strings.Contains(line, "error:") {
			return strings.TrimSpace(line)
		}
	}
	return lines[len(lines)-1]
}
