package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestEngineWithoutMachineCode: a runtime from elsewhere runs on wazero, with the reason, and asking for machine code
// of it is an error.
func TestEngineWithoutMachineCode(t *testing.T) {
	t.Parallel()
	r := newSmallRuntime(t)
	for name, cfg := range map[string]engine.Config{
		"auto":   {Runtime: r.dir, Engine: engine.EngineAuto},
		"native": {Runtime: r.dir, Engine: engine.EngineNative},
	} {
		info, err := engine.DescribeEngine(cfg)
		if err != nil || info.Name != engine.EngineWazero || !strings.Contains(info.Reason, "machine code of postgres") || info.Version == "" {
			t.Errorf("%s: got %+v, %v, want wazero with the reason", name, info, err)
		}
	}
	info, err := engine.DescribeEngine(engine.Config{Runtime: enginetest.Runtime(t), Engine: engine.EngineWazero})
	if err != nil || info.Name != engine.EngineWazero || !strings.Contains(info.Reason, "asked for") {
		t.Errorf("wazero: got %+v, %v", info, err)
	}
}

// TestUntrustedMachineCode: code that is not what this program was built with does not run, and asking for it is an
// error that says so.
func TestUntrustedMachineCode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is machine code for Linux only")
	}
	r := newSmallRuntime(t)
	name := filepath.Join(r.dir, "bin", "pg_archivecleanup."+runtime.GOARCH+".so")
	if err := os.WriteFile(name, []byte("\x7fELF, but a stranger's"), 0o600); err != nil {
		t.Fatal(err)
	}
	tool := engine.Tool{Name: "pg_archivecleanup", Args: []string{"--version"}}
	_, err := engine.RunTool(context.Background(), engine.Config{Runtime: r.dir, CacheDir: "-", Engine: engine.EngineNative}, tool)
	if err == nil || !strings.Contains(err.Error(), "this pglite was") {
		t.Errorf("native: got %v, want an error", err)
	}
	code, err := engine.RunTool(context.Background(), engine.Config{Runtime: r.dir, CacheDir: "-", Engine: engine.EngineAuto}, tool)
	if err != nil || code != 0 {
		t.Errorf("auto: got %d, %v, want wazero to run it", code, err)
	}
}

func TestUnknownEngine(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{DataDir: engine.Memory, Runtime: enginetest.Runtime(t), Engine: "steam"}
	db, err := engine.Open(context.Background(), cfg)
	if err == nil {
		err = errors.Join(errors.New("it was opened"), db.Close())
	}
	if !strings.Contains(err.Error(), `no engine "steam"`) {
		t.Errorf("got %v", err)
	}
}
