package cmd

import (
	"bytes"
	"strings"
	"testing"
)

// TestRestoreListAlone: what says where to restore is refused when nothing is restored.
func TestRestoreListAlone(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"--data=x": "--data", "-Dx": "--data", "--dbname=x": "--dbname", "--username=x": "--username", "--set=a=b": "--set", "--no-attach": "--no-attach", "--uri=host=x": "--uri",
		"--runtime=x": "", "--env=A=b": "", "--mount=/:/x": "", "--max-memory=64MB": "",
	} {
		var n noticing
		var out, errs bytes.Buffer
		args := []string{"pglite", "restore", "--list", option, "-"}
		code := run(args, Streams{In: strings.NewReader("PGDMP"), Out: &out, Err: &errs}, n.backend())
		refused := code == exitFailure && strings.Contains(errs.String(), want) && strings.Contains(errs.String(), "\nUsage: pglite restore")
		if want == "" && (len(n.got) != 1 || refused) || want != "" && (len(n.got) != 0 || !refused) {
			t.Errorf("%s: asked %d times, exit code %d: %s", option, len(n.got), code, &errs)
		}
	}
}
