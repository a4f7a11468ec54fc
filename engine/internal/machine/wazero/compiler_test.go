package wazero

import (
	"os"
	"regexp"
	"runtime/debug"
	"testing"
)

// TestWazeroVersion: code of another wazero is never taken for this one's, in a program of "go test" either.
func TestWazeroVersion(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*github\.com/tetratelabs/wazero (\S+)`).FindSubmatch(mod)
	if required == nil || string(required[1]) != Version {
		t.Errorf("Version is %s, go.mod asks for %s", Version, required)
	}
	if got := wazeroSource(); got != "wazero@"+Version {
		t.Errorf("wazero's source is %q", got)
	}
}

// TestReplacedWazero: code of a replacement is not taken for wazero's own.
func TestReplacedWazero(t *testing.T) {
	t.Parallel()
	wazero := debug.Module{Path: "github.com/tetratelabs/wazero", Version: "v1.12.0"}
	replaced := wazero
	replaced.Replace = &debug.Module{Path: "../wazero"}
	for _, c := range []struct {
		file string
		dep  *debug.Module
		want string
	}{
		{"/go/pkg/mod/github.com/tetratelabs/wazero@v1.12.0/config.go", nil, "wazero@v1.12.0"},
		{"github.com/tetratelabs/wazero@v1.12.0/config.go", &wazero, "wazero@v1.12.0"},
		{"/src/wazero/config.go", nil, "/src/wazero"},
		{"github.com/tetratelabs/wazero@v1.12.0/config.go", &replaced, "wazero@v1.12.0 ../wazero@"},
	} {
		info := &debug.BuildInfo{}
		if c.dep != nil {
			info.Deps = []*debug.Module{{Path: "example.org/other"}, c.dep}
		}
		if got := sourceOf(c.file, info); got != c.want {
			t.Errorf("%s: got %q, want %q", c.file, got, c.want)
		}
	}
}
