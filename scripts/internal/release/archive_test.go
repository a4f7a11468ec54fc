package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var when = time.Unix(1_700_000_000, 0).UTC()

// content makes a directory of which every copy differs in what an archive must not tell: times, modes, order of creation.
func content(t *testing.T, mode os.FileMode, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pglite-1.0")
	for _, name := range names {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte("content of "+name), mode)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestArchivesDependOnContentAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.tar.gz", "a.zip"} {
		t.Run(name, func(t *testing.T) {
			var made [2][]byte
			dirs := [2]string{content(t, 0o644, "b", "man/a", "c"), content(t, 0o600, "c", "b", "man/a")}
			for i, dir := range dirs {
				target := filepath.Join(t.TempDir(), name)
				if err := writeArchive(target, dir, when); err != nil {
					t.Fatal(err)
				}
				var err error
				if made[i], err = os.ReadFile(target); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(made[0], made[1]) {
				t.Error("two archives of the same content differ")
			}
		})
	}
}

func TestWhatArchivesHold(t *testing.T) {
	t.Parallel()
	dir := content(t, 0o755, "pglite", "man/pglite.1")
	want := []string{"pglite-1.0/", "pglite-1.0/man/", "pglite-1.0/man/pglite.1", "pglite-1.0/pglite"}
	for name, list := range map[string]func(*testing.T, string) []string{"a.tar.gz": listTarGz, "a.zip": listZip} {
		target := filepath.Join(t.TempDir(), name)
		if err := writeArchive(target, dir, when); err != nil {
			t.Fatal(err)
		}
		if got := list(t, target); !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

func listTarGz(t *testing.T, file string) (names []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(compressed); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(when) || h.Uid != 0 || h.Gid != 0 || h.Mode != 0o755 {
			t.Errorf("%s: time %v, owner %d:%d, mode %o", h.Name, h.ModTime, h.Uid, h.Gid, h.Mode)
		}
		names = append(names, h.Name)
	}
}

func listZip(t *testing.T, file string) (names []string) {
	t.Helper()
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		if !f.Modified.Equal(when) || f.Mode().Perm() != 0o755 {
			t.Errorf("%s: time %v, mode %v", f.Name, f.Modified, f.Mode())
		}
		names = append(names, f.Name)
	}
	return names
}

func TestArchiveErrors(t *testing.T) {
	t.Parallel()
	empty, full := t.TempDir(), content(t, 0o644, "a")
	linked := content(t, 0o644, "a")
	if err := os.Symlink("a", filepath.Join(linked, "b")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ target, dir, want string }{
		{"a.tar.gz", empty, "no files"},
		{"a.zip", filepath.Join(empty, "none"), "none"},
		{"a.rar", full, "neither"},
		{"a.zip", linked, "no regular file"},
		{filepath.Join("none", "a.zip"), full, "none"},
	} {
		err := writeArchive(filepath.Join(t.TempDir(), c.target), c.dir, when)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("archive %s of %s: error %v, want one with %q", c.target, c.dir, err, c.want)
		}
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := writeSums(&out, content(t, 0o644, "b", "a")); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "  a") || len(lines[0]) != 64+len("  a") {
		t.Errorf("sums are %q", lines)
	}
	if err := writeSums(&out, t.TempDir()); err == nil {
		t.Error("sums of nothing are no error")
	}
}
