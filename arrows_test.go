package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
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
		"internal/cachedir",
		"internal/doctor",
		"internal/filelock",
		"internal/manpage",
		"internal/pgclient",
		"internal/wire",
		"repl",
		"repl/edit",
		"repl/format",
		"repl/lex",
	},
	"dump": {
		"engine",
		"internal/partial",
		"internal/pgclient",
	},
	"embedded": {
		"engine",
		"install",
		"internal/localsocket",
		"internal/pgclient",
	},
	"engine": {
		"assets",
		"engine/internal/emscripten",
		"engine/internal/errno",
		"engine/internal/kernel",
		"engine/internal/machine",
		"engine/internal/machine/native",
		"engine/internal/machine/wazero",
		"engine/internal/memory",
		"engine/internal/readahead",
		"engine/internal/refusal",
		"engine/internal/relay",
		"engine/internal/vfs",
		"engine/internal/wasm",
		"engine/internal/x509name",
		"internal/accepting",
		"internal/cachedir",
		"internal/controlfile",
		"internal/filelock",
		"internal/partial",
		"internal/pgclient",
		"internal/plainfile",
		"internal/runtimes",
		"internal/wire",
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
	"engine/internal/machine/native": {
		"engine/internal/hostcall",
		"engine/internal/kernel",
		"engine/internal/machine",
		"engine/internal/memory",
		"engine/internal/wasm/ctranslate",
	},
	"engine/internal/machine/native/translate": {"engine/internal/machine/native"},
	"engine/internal/machine/wazero": {
		"engine/internal/hostcall",
		"engine/internal/kernel",
		"engine/internal/machine",
		"engine/internal/memory",
		"engine/internal/wasm",
		"internal/cachedir",
		"internal/filelock",
	},
	"engine/internal/relay": {
		"engine/internal/errno",
		"engine/internal/kernel",
		"engine/internal/readahead",
		"internal/wire",
	},
	"engine/internal/wasm/ctranslate": {"engine/internal/wasm"},
	"engine/internal/vfs":             {"engine/internal/errno"},
	"engine/server": {
		"engine",
		"engine/internal/readahead",
		"engine/internal/refusal",
		"internal/accepting",
		"internal/filelock",
		"internal/pgclient",
		"internal/wire",
	},
	"hexdump": {"internal/wire"},
	"install": {
		"engine",
		"internal/cachedir",
		"internal/controlfile",
		"internal/durable",
		"internal/filelock",
		"internal/plainfile",
		"internal/runtimes",
	},
	"internal/doctor": {"engine", "install"},
	"internal/localsocket": {
		"internal/accepting",
		"internal/cachedir",
		"internal/filelock",
	},
	"internal/partial": {"internal/filelock"},
	"internal/runtimes": {
		"assets",
		"internal/cachedir",
		"internal/durable",
		"internal/filelock",
	},
	"pgtest": {
		"engine",
		"install",
		"internal/localsocket",
		"internal/pgclient",
	},
	"repl": {
		"internal/wire",
		"repl/catalog",
		"repl/complete",
		"repl/format",
		"repl/lex",
	},
	"repl/catalog":  {"repl/format", "repl/lex"},
	"repl/complete": {"repl/lex"},
	"repl/edit":     {"repl/format", "repl/lex"},
}

// libraries are those that only some packages may import, so that another could take their place.
var libraries = map[string][]string{
	"github.com/chzyer/readline":        {"repl/edit"},
	"github.com/coreos/go-systemd":      {"cmd"},
	"github.com/olekukonko/tablewriter": {"cmd", "repl/format"},
	"github.com/tetratelabs/wazero":     {"engine/internal/machine/wazero"},
	"github.com/urfave/cli":             {"cmd"},
	"github.com/jackc/pgx": {
		"cmd",
		"dump",
		"embedded",
		"engine",
		"engine/internal/refusal",
		"engine/server",
		"internal/pgclient",
		"internal/wire",
		"pgtest",
		"repl",
		"repl/format",
	},
}

type listed struct {
	ImportPath string
	Imports    []string
}

// name returns the package's name in this file, and false for test helpers and programs.
func (p listed) name() (name string, ruled bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(p.ImportPath+"/", root), "/")
	free := strings.HasPrefix(name, "scripts/") || strings.HasPrefix(name, "examples/") || name == "internal/enginetest"
	return name, !free
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
	t.Parallel()
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
	t.Parallel()
	checked := 0
	for _, p := range packages(t) {
		name, ruled := p.name()
		if !ruled {
			continue
		}
		for _, i := range p.Imports {
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

// TestLibrariesStayInTheirPackages: a package that no longer imports a library leaves the list.
func TestLibrariesStayInTheirPackages(t *testing.T) {
	t.Parallel()
	importers := map[string]map[string]bool{}
	for _, p := range packages(t) {
		name, ruled := p.name()
		for _, i := range p.Imports {
			for library := range libraries {
				if !ruled || i != library && !strings.HasPrefix(i, library+"/") {
					continue
				}
				if importers[library] == nil {
					importers[library] = map[string]bool{}
				}
				importers[library][name] = true
			}
		}
	}
	for library, allowed := range libraries {
		got := slices.Sorted(maps.Keys(importers[library]))
		if slices.Sort(allowed); !slices.Equal(got, allowed) {
			t.Errorf("%s is imported by %v; it may be by %v", library, got, allowed)
		}
	}
}
