package doctor

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// captured runs a program that only reads the cluster, and returns what it has written.
func (x *examination) captured(ctx context.Context, name string, args ...string) (out string, code int, err error) {
	cfg := x.o.Server
	cfg.Runtime, cfg.DataDir = x.runtime, x.Data
	return captured(func(w io.Writer) (int, error) {
		return engine.RunTool(ctx, cfg, engine.Tool{Name: name, Args: args, Stdout: w, Stderr: w, ReadOnly: true})
	})
}

// captured returns what a program has written.
func captured(run func(io.Writer) (int, error)) (out string, code int, err error) {
	var b bytes.Buffer
	code, err = run(&b)
	return strings.TrimSpace(b.String()), code, err
}

// fromBackup is the advice where nothing else helps.
const fromBackup = "restore a backup into a new directory: pglite init --from FILE DIR"

// control reads the control file with pg_controldata and looks at what it says about the last end and the WAL.
func (x *examination) control(ctx context.Context) {
	const check = "control"
	out, code, err := x.captured(ctx, "pg_controldata")
	if err != nil || code != 0 {
		x.fail(check, "pg_controldata cannot read it: "+strings.TrimSpace(out+" "+errorText(err)), fromBackup)
		return
	}
	x.Control = map[string]string{}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			x.Control[name] = strings.TrimSpace(value)
		}
		if strings.HasPrefix(line, "WARNING") {
			x.fail(check, strings.TrimSpace(line), fromBackup)
		}
	}
	x.state(x.Control["Database cluster state"])
	x.wal()
	if x.Control["Data page checksum version"] == "0" {
		x.warn("checksums", "pages have none: damage by a disk is not noticed", "pglite tool pg_checksums --enable, while the cluster does not run")
	}
	x.prepared()
}

// prepared tells of a fault of PostgreSQL that clusters with prepared transactions are exposed to.
func (x *examination) prepared() {
	if n := x.Control["max_prepared_xacts setting"]; n != "" && n != "0" {
		x.warn("two-phase", "max_prepared_transactions is "+n+": a crash within a checkpoint may lose a prepared transaction (a fault of PostgreSQL "+
			"up to 18.6 at least)", "set it to 0 unless a transaction manager needs it; after a crash compare pg_prepared_xacts with what that has prepared")
	}
}

// state tells how the last run ended.
func (x *examination) state(state string) {
	info, err := os.Stat(filepath.Join(x.Data, "postmaster.pid"))
	owned := false
	for _, f := range x.Findings {
		owned = owned || f.Check == "owner" && f.Detail != "not in use"
	}
	switch {
	case err == nil && info.Size() == 0 && !owned:
		x.fail("state", "postmaster.pid is empty, as a crash of the computer can leave it", "remove it when no other PostgreSQL runs on the directory")
	case state == "shut down", owned:
		x.ok("state", "%s", state)
	case state == "in production" && err == nil:
		x.warn("state", "the last server did not shut down", "nothing: the next start recovers from the WAL; if another PostgreSQL runs on the directory, stop that first")
	case state == "":
		x.fail("state", "pg_controldata does not tell it", fromBackup)
	default:
		x.warn("state", state, "nothing: the next start recovers from the WAL")
	}
}

// wal looks for the segment from which recovery would begin.
func (x *examination) wal() {
	const check = "WAL"
	if _, err := os.Stat(filepath.Join(x.Data, "backup_label")); err == nil {
		x.warn(check, "backup_label is there: the cluster is an unpacked backup that has not been started", "nothing: the next start recovers it")
		return
	}
	segment := x.Control["Latest checkpoint's REDO WAL file"]
	if _, err := os.Stat(filepath.Join(x.Data, "pg_wal", segment)); segment == "" || err != nil {
		x.fail(check, "segment "+segment+", with which recovery begins, is missing", "restore a backup; as a last resort pglite tool pg_resetwal, which may lose data")
		return
	}
	x.ok(check, "segment %s of the last checkpoint is there", segment)
}

// checksums verifies all pages.
func (x *examination) checksums(ctx context.Context) {
	const check = "pages"
	out, code, err := x.captured(ctx, "pg_checksums", "--check")
	switch {
	case err != nil:
		x.fail(check, err.Error(), "")
	case strings.Contains(out, "cluster must be shut down"):
		x.warn(check, "not verified: the cluster runs or was not shut down", "stop it first; pglite exec 'SELECT 1' starts and stops one that crashed")
	case strings.Contains(out, "data checksums are not enabled"):
		x.warn(check, "not verified: pages have no checksums", "")
	case code != 0:
		x.fail(check, out, "restore a backup, or dump what can still be read")
	default:
		x.ok(check, "all checksums are right")
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
