//go:build amd64 || arm64

package native

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestProcessor: a processor whose instructions the code would trip over is named before anything is loaded.
func TestProcessor(t *testing.T) {
	t.Parallel()
	if err := processorWith("amd64", false); err == nil || !strings.Contains(err.Error(), "x86-64-v2") {
		t.Errorf("an old processor: %v", err)
	}
	if err := errors.Join(processorWith("amd64", true), processorWith("arm64", false)); err != nil {
		t.Error(err)
	}
}

// TestAddressSpace: what the system does not give is an error, and what it gives is given back.
func TestAddressSpace(t *testing.T) {
	t.Parallel()
	if err := checkSpaceOf(1 << 62); !errors.Is(err, unix.ENOMEM) || !strings.Contains(err.Error(), "ulimit -v") {
		t.Errorf("more than there is: %v", err)
	}
	for range 10_000 {
		if err := checkSpace(); err != nil {
			t.Fatal(err)
		}
	}
}
