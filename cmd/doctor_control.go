package cmd

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pglite-toolbox/pglite/engine"
)

// capturedTool returns what a program has written.
func capturedTool(run func(io.Writer) (int, error)) (out string, code int, err error) {
	var b bytes.Buffer
	code, err = run(&b)
	return strings.TrimSpace(b.String()), code, err
}

func (p *program) captured(ctx context.Context, cfg clusterConfig, name string, args ...string) (string, int, error) {
	return capturedTool(func(w io.Writer) (int, error) {
		return p.backend.offline(ctx, cfg, reading, engine.Tool{Name: name, Args: args, Stdout: w, Stderr: w})
	})
}

// diagnoseControl reads the control file with pg_controldata and looks at what it says about the last end and the WAL.
func (p *program) diagnoseControl(ctx context.Context, cfg clusterConfig, d *diagnosis) {
	const check = "control"
	out, code, err := p.captured(ctx, cfg, "pg_controldata")
	if err != nil || code != 0 {
		d.fail(check, "pg_controldata cannot read it: "+strings.TrimSpace(out+" "+errorText(err)), "restore a backup into a new directory: pglite init --from FILE DIR")
		return
	}
	d.Control = map[string]string{}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			d.Control[name] = strings.TrimSpace(value)
		}
		if strings.HasPrefix(line, "WARNING") {
			d.fail(check, strings.TrimSpace(line), "restore a backup into a new directory: pglite init --from FILE DIR")
		}
	}
	d.state(d.Control["Database cluster state"])
	d.wal()
	if d.Control["Data page checksum version"] == "0" {
		d.warn("checksums", "pages have none: damage by a disk is not noticed", "pglite tool pg_checksums --enable, while the cluster does not run")
	}
}

// state tells how the last run ended.
func (d *diagnosis) state(state string) {
	_, err := os.Stat(filepath.Join(d.Data, "postmaster.pid"))
	owned := false
	for _, f := range d.Findings {
		owned = owned || f.Check == "owner" && f.Detail != "not in use"
	}
	switch {
	case state == "shut down", owned:
		d.ok("state", "%s", state)
	case state == "in production" && err == nil:
		d.warn("state", "the last server did not shut down", "nothing: the next start recovers from the WAL; if another PostgreSQL runs on the directory, stop that first")
	case state == "":
		d.fail("state", "pg_controldata does not tell it", "restore a backup into a new directory: pglite init --from FILE DIR")
	default:
		d.warn("state", state, "nothing: the next start recovers from the WAL")
	}
}

// wal looks for the segment from which recovery would begin.
func (d *diagnosis) wal() {
	const check = "WAL"
	if _, err := os.Stat(filepath.Join(d.Data, "backup_label")); err == nil {
		d.warn(check, "backup_label is there: the cluster is an unpacked backup that has not been started", "nothing: the next start recovers it")
		return
	}
	segment := d.Control["Latest checkpoint's REDO WAL file"]
	if _, err := os.Stat(filepath.Join(d.Data, "pg_wal", segment)); segment == "" || err != nil {
		d.fail(check, "segment "+segment+", with which recovery begins, is missing", "restore a backup; as a last resort pglite tool pg_resetwal, which may lose data")
		return
	}
	d.ok(check, "segment %s of the last checkpoint is there", segment)
}

// diagnoseChecksums verifies all pages.
func (p *program) diagnoseChecksums(ctx context.Context, cfg clusterConfig, d *diagnosis) {
	const check = "pages"
	out, code, err := p.captured(ctx, cfg, "pg_checksums", "--check")
	switch {
	case err != nil:
		d.fail(check, err.Error(), "")
	case strings.Contains(out, "cluster must be shut down"):
		d.warn(check, "not verified: the cluster runs or was not shut down", "stop it first; pglite exec 'SELECT 1' starts and stops one that crashed")
	case strings.Contains(out, "data checksums are not enabled"):
		d.warn(check, "not verified: pages have no checksums", "")
	case code != 0:
		d.fail(check, out, "restore a backup, or dump what can still be read")
	default:
		d.ok(check, "all checksums are right")
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
