package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
)

// wazeroVersion is the version that go.mod asks for.
const wazeroVersion = "v1.12.0"

// CodeVersion tells code of this program's wazero, of modules that this [Rewrite] has prepared, from other code. wazero calls itself "dev"
// in each program that "go test" builds, which its own names for code do not tell apart.
var CodeVersion = sync.OnceValue(func() string {
	const enough = 8
	sum := sha256.Sum256([]byte(wazeroVersion + " " + wazeroSource()))
	return RewriteVersion + "-" + hex.EncodeToString(sum[:enough])
})

// wazeroSource names what wazero was built from: "wazero@v1.12.0", which may be newer than what go.mod asks for, or the directory of a
// replacement or a vendored copy.
func wazeroSource() string {
	f := runtime.FuncForPC(reflect.ValueOf(wazero.NewRuntimeConfigCompiler).Pointer())
	file, _ := f.FileLine(f.Entry())
	dir := path.Dir(file)
	if base := path.Base(dir); strings.Contains(base, "@") {
		return base
	}
	return dir
}
