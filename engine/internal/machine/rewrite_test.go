package machine

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// rewriteSum is the sum of what decides about Rewrite's output, as of RewriteVersion.
const rewriteSum = "4e14b65c52f3c5df67632779315efcc2e71e52a4a0c5286342dc496902f84ef2"

// TestRewriteVersion fails when Rewrite's output has changed and its version has not: the user's cache would hold the
// old output.
func TestRewriteVersion(t *testing.T) {
	t.Parallel()
	golden, err := filepath.Glob(filepath.Join("..", "wasm", "testdata", "golden", "*.txt"))
	if err != nil || len(golden) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %+v", RewriteVersion, rewrites(guards))
	for _, name := range golden {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != rewriteSum {
		t.Errorf("the rewriter has changed: count RewriteVersion %s up, then set rewriteSum to what the next run of this test names, not %s", RewriteVersion, got)
	}
}
