package cmd

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/install"
)

// TestOptionAdvice: the packages name no option and no command; the command line adds them.
func TestOptionAdvice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{&engine.MissingError{Dir: "d"}, "does not exist: make it with pglite init"},
		{&engine.NotClusterError{Dir: "d"}, "(it has no PG_VERSION): make a cluster with pglite init"},
		{&engine.NotClusterError{Dir: "d", Interrupted: true}, "(its making was interrupted): run pglite init again"},
		{&engine.OwnershipError{Dir: "d", Owner: "alice", User: "root"}, "(sudo -u 'alice' pglite …)"},
		{&engine.DirectoriesError{Dir: "d", Why: "lost", Repairable: true}, "lost, or run pglite doctor --repair-directories to go on without them"},
		{&engine.DirectoriesError{Dir: "d", Why: "lost"}, "lost"},
		{&engine.LinkError{Dir: "d", Mount: engine.Mount{Host: "/h", Guest: "/g"}}, "mounted there: --mount /h:/g"},
		{&dump.BrokenError{File: "f", Err: dump.ErrCut}, "dump it again, or load what there is with --continue"},
		{fmt.Errorf("x, and %w", server.ErrTrusting), ", or say --insecure"},
		{fmt.Errorf("x: %w", server.ErrTrustUnknown), ", or say --insecure"},
		{server.ErrNoCertificate, ": give --tls-cert and --tls-key, --tls-self-signed, or --set ssl=on"},
		{fmt.Errorf("%w; name a data directory", install.ErrNoHome), "name a data directory with -D"},
		{install.ErrDump, "restore the dump there with pglite restore"},
		{dump.ErrBackup, "make a cluster from it with pglite init --from"},
		{dump.ErrDataDirectory, "not a dump: name it with -D"},
		{hexdump.ErrNoCapture, "this is no capture: --record of pglite exec, repl, serve and hexdump writes one"},
		{errors.New("anything else"), "anything else"},
	} {
		if _, got := explain(fmt.Errorf("what was done: %w", test.err)); !strings.HasSuffix(got, test.want) {
			t.Errorf("got %q, want %q at its end", got, test.want)
		}
		if text := test.err.Error(); strings.Contains(text, "pglite ") || strings.Contains(text, "--") {
			t.Errorf("the library's error names a command or an option: %q", text)
		}
	}
}
