package cmd

import (
	"errors"
	"fmt"

	"github.com/pglite-toolbox/pglite/dump"
	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/engine/server"
	"github.com/pglite-toolbox/pglite/hexdump"
	"github.com/pglite-toolbox/pglite/install"
)

// optionAdvice names the command or the option that helps against an error of the packages below, which know of neither.
func optionAdvice(err error) string {
	var (
		missing     *engine.MissingError
		notCluster  *engine.NotClusterError
		owner       *engine.OwnershipError
		directories *engine.DirectoriesError
		link        *engine.LinkError
		broken      *dump.BrokenError
	)
	switch {
	case errors.As(err, &missing):
		return ": make it with pglite init"
	case errors.As(err, &notCluster) && notCluster.Interrupted:
		return ": run pglite init again"
	case errors.As(err, &notCluster):
		return ": make a cluster with pglite init"
	case errors.As(err, &owner):
		return fmt.Sprintf(" (sudo -u '%s' pglite …)", owner.Owner)
	case errors.As(err, &directories) && directories.Repairable:
		return ", or run pglite doctor --repair-directories to go on without them"
	case errors.As(err, &link):
		return fmt.Sprintf(": --mount %s:%s", link.Mount.Host, link.Mount.Guest)
	case errors.As(err, &broken):
		return ", or load what there is with --continue"
	}
	for _, known := range []struct {
		err  error
		text string
	}{
		{server.ErrTrusting, ", or say --insecure"},
		{server.ErrTrustUnknown, ", or say --insecure"},
		{server.ErrNoCertificate, ": give --tls-cert and --tls-key, --tls-self-signed, or --set ssl=on"},
		{install.ErrNoHome, " with -D"},
		{install.ErrDump, " with pglite restore"},
		{dump.ErrBackup, " with pglite init --from"},
		{dump.ErrDataDirectory, ": name it with -D"},
		{hexdump.ErrNoCapture, ": --record of pglite exec, repl, serve and hexdump writes one"},
	} {
		if errors.Is(err, known.err) {
			return known.text
		}
	}
	return ""
}
