package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const makefile = `MODULE_big = sample
OBJS = a.o
REGRESS = first \
	second $(MORE)
REGRESS_OPTS = --temp-config $(top_srcdir)/contrib/sample/sample.conf --dlpath=$(x)
ISOLATION = third
ISOLATION_OPTS = --load-extension=sample
`

func TestModuleJobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conf := "wal_level = logical\n# comment\nshared_preload_libraries = 'sample' # why\n"
	if err := os.WriteFile(filepath.Join(dir, "sample.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	jobs, err := moduleJobs("sample", dir, makeVariables(makefile))
	if err != nil || len(jobs) != 2 {
		t.Fatalf("got %v, %v", jobs, err)
	}
	first, second := jobs[0], jobs[1]
	if first.name != "contrib/sample" || first.tests.String() != "test: first\ntest: second\n" ||
		len(first.settings) != 2 || first.settings["wal_level"] != "logical" || first.settings["shared_preload_libraries"] != "sample" {
		t.Errorf("regression tests: %+v", first)
	}
	if second.name != "contrib/sample-isolation" || second.driver != isolationDriver || !slices.Contains(second.args, "--load-extension=sample") {
		t.Errorf("isolation tests: %+v", second)
	}
}

func TestModuleJobsErrors(t *testing.T) {
	t.Parallel()
	for _, options := range []string{"--other", "--temp-config", "--temp-config missing.conf"} {
		if _, err := moduleJobs("sample", t.TempDir(), makeVariables("REGRESS = x\nREGRESS_OPTS = "+options+"\n")); err == nil {
			t.Errorf("%s: no error", options)
		}
	}
}

func TestHasLibraries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lib := filepath.Join(dir, "lib", "postgresql")
	if err := os.MkdirAll(lib, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"_int.so", "plpgsql.so"} {
		if err := os.WriteFile(filepath.Join(lib, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, makefile string
		want           bool
	}{
		{"intarray", "MODULE_big = _int\n", true},
		{"plpgsql", "", true},
		{"pgcrypto", "MODULE_big = pgcrypto\n", false},
		{"spi", "MODULES = _int refint\n", false},
	} {
		if got := hasLibraries(dir, makeVariables(test.makefile), test.name); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}
