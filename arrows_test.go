package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const root = "github.com/pglite-toolbox/pglite/"

// arrows are the packages that a package may import; what is not listed may import nothing of the project.
// Test helpers (enginetest) and programs below scripts/ and examples/ are left out: nothing imports them.
var arrows = map[string][]string{
	"": {"cmd"},
	"cmd": {
		"assets",
		"dump",
		"engine",
		"engine/server",
		"hexdump",
		"install",
		"internal/pgclient",
		"internal/wire",
		"repl",
		"repl/edit",
		"repl/format",
		"repl/lex",
	},
	"dump": {"engine", "internal/pgclient"},
	"engine": {
		"engine/internal/emscripten",
		"engine/internal/errno",
		"engine/internal/kernel",
		"engine/internal/machine",
		"engine/internal/machine/wazero",
		"engine/internal/memory",
		"engine/internal/readahead",
		"engine/internal/refusal",
		"engine/internal/vfs",
		"engine/internal/wasm",
		"internal/controlfile",
		"internal/filelock",
		"internal/pgclient",
		"internal/plainfile",
	},
	"engine/internal/emscripten": {
		"engine/internal/errno",
		"engine/internal/hostcall",
		"engine/internal/kernel",
		"engine/internal/vfs",
	},
	"engine/internal/hostcall": {"engine/internal/kernel"},
	"engine/internal/kernel": {
		"engine/internal/errno",
		"engine/internal/memory",
		"engine/internal/vfs",
	},
	"engine/internal/machine": {
		"engine/internal/hostcall",
		"engine/internal/kernel",
		"engine/internal/wasm",
	},
	"engine/internal/machine/wazero": {
		"engine/internal/hostcall",
		"engine/internal/kernel",
		"engine/internal/machine",
		"engine/internal/memory",
		"engine/internal/wasm",
	},
	"engine/internal/vfs": {"engine/internal/errno"},
	"engine/server": {
		"engine",
		"engine/internal/readahead",
		"engine/internal/refusal",
		"internal/filelock",
		"internal/pgclient",
	},
	"hexdump": {"internal/wire"},
	"install": {
		"assets",
		"engine",
		"internal/controlfile",
		"internal/filelock",
		"internal/plainfile",
	},
	"pgtest": {"engine", "install"},
	"repl": {
		"internal/wire",
		"repl/format",
		"repl/lex",
	},
	"repl/edit": {"repl/format", "repl/lex"},
}

// wazeroAllowed may know wazero.
var wazeroAllowed = []string{"engine/internal/machine/wazero"}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestArrowsKeepSiblingsApart: what two of them share moves down.
func TestArrowsKeepSiblingsApart(t *testing.T) {
	siblings := []string{"repl", "dump", "hexdump", "install", "engine/server"}
	for _, from := range siblings {
		for _, to := range siblings {
			if slices.Contains(arrows[from], to) {
				t.Errorf("%s may import %s, which is beside it", from, to)
			}
		}
	}
}

func TestImportsFollowTheArrows(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath+"/", root)
		name = strings.TrimSuffix(name, "/")
		if strings.HasPrefix(name, "scripts/") || strings.HasPrefix(name, "examples/") || name == "engine/enginetest" {
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/tetratelabs/wazero") && !slices.Contains(wazeroAllowed, name) {
				t.Errorf("%s imports %s: wazero stays inside %v", name, i, wazeroAllowed)
			}
			if to, ours := strings.CutPrefix(i, root); ours {
				checked++
				if !slices.Contains(arrows[name], to) {
					t.Errorf("%s imports %s, which its layer may not", name, to)
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d imports were checked", checked)
	}
}
