package runtimes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/internal/filetest"
	"github.com/ulikunitz/xz"
)

// member is an entry of a test archive.
type member struct {
	tar.Header
	content string
}

func file(name, content string) member {
	return member{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o777, Size: int64(len(content))}, content}
}

func directory(name string) member {
	return member{tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o777}, ""}
}

func link(kind byte, name, to string) member {
	return member{tar.Header{Name: name, Typeflag: kind, Linkname: to}, ""}
}

// archive makes a tar archive.
func archive(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func xzed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(b)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("\x00", 1<<20)
	plain := archive(t,
		directory("./"), file("./first", "1"), directory("empty/"), file("a/b/c", "deep"),
		file("hole", "x"+zeros), file("tail", zeros+"x"), file("zeros", zeros), file("nothing", ""))
	want := map[string]string{"first": "1", "a/b/c": "deep", "hole": "x" + zeros, "tail": zeros + "x", "zeros": zeros, "nothing": ""}
	for form, b := range map[string][]byte{"tar": plain, "gzip": gzipped(t, plain), "xz": xzed(t, plain)} {
		t.Run(form, func(t *testing.T) {
			dir := t.TempDir()
			if err := Unpack(t.Context(), bytes.NewReader(b), dir, archiveLimits); err != nil {
				t.Fatal(err)
			}
			for name, content := range want {
				got, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil || string(got) != content {
					t.Errorf("%s: %d bytes, %v; want %d bytes", name, len(got), err, len(content))
				}
			}
			if info, err := os.Stat(filepath.Join(dir, "empty")); err != nil || !info.IsDir() {
				t.Errorf("empty: %v", err)
			}
			filetest.WantPrivate(t, dir)
		})
	}
}

// TestUnpackRooted unpacks what PGlite's dumpDataDir calls by names below the root.
func TestUnpackRooted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := archive(t, directory("/base"), file("/base/1", "x"), file("//PG_VERSION", "18"))
	if err := Unpack(t.Context(), bytes.NewReader(b), dir, Limits{Entries: 10, Bytes: 1 << 20, Rooted: true}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"base/1": "x", "PG_VERSION": "18"} {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if err := Unpack(t.Context(), bytes.NewReader(archive(t, file("/../evil", "x"))), dir, Limits{Entries: 10, Bytes: 1 << 20, Rooted: true}); err == nil {
		t.Error("a name leads out of the directory")
	}
}

// TestUnpackHostile unpacks what must not be unpacked; whatever happens, nothing may change outside of the directory.
func TestUnpackHostile(t *testing.T) {
	t.Parallel()
	big := file("big", "")
	big.Size = archiveLimits.Bytes + 1
	good := archive(t, file("good", strings.Repeat("good", 10000)))
	tests := map[string]struct {
		archive []byte
		want    string
	}{
		"parent":          {archive(t, file("../evil", "x")), "outside"},
		"parent below":    {archive(t, file("a/../../evil", "x")), "outside"},
		"parent only":     {archive(t, directory("..")), "outside"},
		"absolute":        {archive(t, file("/evil", "x")), "outside"},
		"backslash":       {archive(t, file(`..\evil`, "x")), "outside"},
		"drive":           {archive(t, file("C:evil", "x")), "outside"},
		"symbolic link":   {archive(t, link(tar.TypeSymlink, "l", "../"), file("l/evil", "x")), "neither a file nor a directory"},
		"hard link":       {archive(t, link(tar.TypeLink, "l", "../secret")), "neither a file nor a directory"},
		"device":          {archive(t, link(tar.TypeChar, "null", "")), "neither a file nor a directory"},
		"pipe":            {archive(t, link(tar.TypeFifo, "pipe", "")), "neither a file nor a directory"},
		"twice":           {archive(t, file("a", "1"), file("a", "2")), "exists"},
		"file as parent":  {archive(t, file("a", "1"), file("a/evil", "2")), "a"},
		"too many":        {archive(t, file("a", ""), file("b", ""), file("c", ""), file("d", "")), "too many"},
		"cut in a file":   {good[:5000], "damaged"},
		"cut at the end":  {good[:len(good)-1024], "damaged"},
		"cut xz":          {xzed(t, good)[:100], "damaged"},
		"xz without end":  {xzed(t, good)[:len(xzed(t, good))-12], "damaged"},
		"no archive":      {[]byte(strings.Repeat("nonsense", 1000)), "damaged"},
		"nothing":         {nil, "damaged"},
		"something after": {append(bytes.Clone(good), make([]byte, 2<<20)...), "damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			outer := t.TempDir()
			dir := filepath.Join(outer, "a", "inner")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(outer, "a", "secret"), []byte("s"), 0o600); err != nil {
				t.Fatal(err)
			}
			max := Limits{Entries: 3, Bytes: 1 << 20}
			err := Unpack(t.Context(), bytes.NewReader(test.archive), dir, max)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			for _, evil := range []string{filepath.Join(outer, "evil"), filepath.Join(outer, "a", "evil"), "/evil"} {
				if _, err := os.Lstat(evil); err == nil {
					t.Errorf("%s was made", evil)
				}
			}
		})
	}
}

func TestUnpackTooMuch(t *testing.T) {
	t.Parallel()
	b := archive(t, file("a", strings.Repeat("x", 600)), file("b", strings.Repeat("x", 600)))
	err := Unpack(t.Context(), bytes.NewReader(b), t.TempDir(), Limits{Entries: 10, Bytes: 1000})
	if err == nil || !strings.Contains(err.Error(), "too much") {
		t.Errorf("error %v", err)
	}
}

func TestUnpackCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Unpack(ctx, bytes.NewReader(archive(t, file("a", "1"))), t.TempDir(), archiveLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// FuzzUnpack: whatever the bytes, unpacking returns, and leaves nothing outside.
func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, directory("d/"), file("d/f", "content")))
	f.Add(archive(f, file("../evil", "x")))
	f.Add(archive(f, link(tar.TypeSymlink, "l", "..")))
	f.Add(gzipped(f, archive(f, file("f", "content"))))
	f.Add([]byte("\xfd7zXZ\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "inner")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = Unpack(t.Context(), bytes.NewReader(b), dir, Limits{Entries: 100, Bytes: 1 << 20})
		entries, err := os.ReadDir(outer)
		if err != nil || len(entries) != 1 {
			t.Errorf("beside the directory there is %v, %v", entries, err)
		}
	})
}
