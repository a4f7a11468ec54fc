package wazero

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine/internal/kernel"
	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// addressSpace returns how much of it this program takes, in bytes; 0 where nobody tells.
func addressSpace() (size int) {
	b, _ := os.ReadFile("/proc/self/statm")
	_, _ = fmt.Sscan(string(b), &size)
	return size * os.Getpagesize()
}

func TestTooLittleMemoryToBegin(t *testing.T) {
	m := New(Config{MaxMemory: 1 << 20})
	defer m.Close()
	p, err := m.LoadModule(context.Background(), "invoker", invokeModule)
	if err != nil {
		t.Fatal(err)
	}
	before := addressSpace()
	for range 20 {
		_, err = p.instantiate(&kernel.Process{})
		if err == nil || !strings.Contains(err.Error(), "Config.MaxMemory") || strings.Contains(err.Error(), "goroutine") {
			t.Fatalf("got %v, want a short error about Config.MaxMemory", err)
		}
	}
	if grown := addressSpace() - before; grown > 10<<30 {
		t.Errorf("%d MiB of address space were not given back", grown>>20)
	}
}

func TestInstanceWithoutAStackGivesItsMemoryBack(t *testing.T) {
	m := New(Config{})
	defer m.Close()
	p, err := m.LoadModule(context.Background(), "bare", []byte("\x00asm\x01\x00\x00\x00"+section(5, "\x01"+"\x01\x80\x02\x80\x80\x02")))
	if err != nil {
		t.Fatal(err)
	}
	before := addressSpace()
	for range 20 {
		if _, err = p.instantiate(&kernel.Process{}); err == nil || !strings.Contains(err.Error(), machine.StackExport) {
			t.Fatalf("got %v, want an error about %s", err, machine.StackExport)
		}
	}
	if grown := addressSpace() - before; grown > 10<<30 {
		t.Errorf("%d MiB of address space were not given back", grown>>20)
	}
}
