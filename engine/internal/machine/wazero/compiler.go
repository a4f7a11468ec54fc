package wazero

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"

	"github.com/pglite-toolbox/pglite/engine/internal/machine"
)

// Version is the version of wazero that go.mod asks for.
const Version = "v1.12.0"

// CodeVersion tells code of this program's wazero, of modules that this [machine.Rewrite] has prepared, from other
// code. wazero calls itself "dev" in each program that "go test" builds, which its own names for code do not tell
// apart.
var CodeVersion = sync.OnceValue(func() string {
	const enough = 8
	sum := sha256.Sum256([]byte(Version + " " + wazeroSource()))
	return machine.RewriteVersion + "-" + hex.EncodeToString(sum[:enough])
})

// wazeroSource names what wazero was built from.
func wazeroSource() string {
	f := runtime.FuncForPC(reflect.ValueOf(wazero.NewRuntimeConfigCompiler).Pointer())
	file, _ := f.FileLine(f.Entry())
	info, _ := debug.ReadBuildInfo()
	return sourceOf(file, info)
}

// sourceOf is "wazero@v1.12.0", the version that was chosen, or the directory of a vendored copy. A replacement is told
// by its directory or by the build information; a program that "go test -trimpath" builds has neither.
func sourceOf(file string, info *debug.BuildInfo) string {
	source := path.Dir(file)
	if base := path.Base(source); strings.Contains(base, "@") {
		source = base
	}
	if info == nil {
		return source
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/tetratelabs/wazero" && d.Replace != nil {
			source += " " + d.Replace.Path + "@" + d.Replace.Version
		}
	}
	return source
}
