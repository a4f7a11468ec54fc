package machine

import (
	"os"
	"regexp"
	"testing"
)

// TestWazeroVersion: code of another wazero is never taken for this one's, in a program of "go test" either.
func TestWazeroVersion(t *testing.T) {
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*github\.com/tetratelabs/wazero (\S+)`).FindSubmatch(mod)
	if required == nil || string(required[1]) != wazeroVersion {
		t.Errorf("wazeroVersion is %s, go.mod asks for %s", wazeroVersion, required)
	}
	if got := wazeroSource(); got != "wazero@"+wazeroVersion {
		t.Errorf("wazero's source is %q", got)
	}
}
