package native

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pglite-toolbox/pglite/engine/internal/machine"
	"github.com/pglite-toolbox/pglite/engine/internal/wasm/ctranslate"
)

// Translate returns the C files of a module of the runtime, as so many parts. What clang makes of them is what [Engine.Load] loads.
func Translate(module []byte, parts int) (files map[string][]byte, err error) {
	prepared, err := machine.RewriteForC(module)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(module)
	return ctranslate.Translate(prepared, ctranslate.Options{
		Sum:   hex.EncodeToString(sum[:]),
		Hook:  ctranslate.Hook{Function: machine.TickExport, Every: machine.MinRounds, Batch: machine.BatchRounds, Exempt: machine.NoHook},
		Parts: parts,
	})
}
