package wazero

import (
	"strings"
	"testing"
)

// TestSupported: a processor whose instructions the compiler's code would trip over is named before anything is
// compiled.
func TestSupported(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arch           string
		sse41, atomics bool
		want           string
	}{
		{"amd64", true, false, ""},
		{"arm64", false, true, ""},
		{"amd64", false, true, "lacks SSE4.1"},
		{"arm64", true, false, "lacks the atomic instructions of ARMv8.1"},
		{"riscv64", true, true, "this is riscv64"},
		{"386", true, true, "this is 386"},
	} {
		err := supported(test.arch, test.sse41, test.atomics)
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), ": use ")) {
			t.Errorf("%+v: %v", test, err)
		}
	}
	if err := Supported(); err != nil {
		t.Errorf("here, where the tests of compiled code run: %v", err)
	}
}
