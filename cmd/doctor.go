package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

func (p *program) doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "diagnose a cluster without changing it",
		UsageText: "pglite doctor [--json] [--checksums] [--amcheck]",
		Description: `Looks at the data directory: version, control file, owner, missing files, WAL, permissions, free space. No byte of it changes, and
it may be in use. The exit code is 0 when all is well, 1 otherwise, with what to do next.

--checksums verifies all pages; the cluster must not be running then. --amcheck verifies tables and indexes through the server, which
is started for it unless it runs.

Examples:
   pglite doctor
   pglite -D ./data doctor --json
   pglite -D ./data doctor --checksums --amcheck`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.BoolFlag{Name: "checksums", Usage: "verify the checksums of all pages (pg_checksums)"},
			&cli.BoolFlag{Name: "amcheck", Usage: "verify tables and indexes (pg_amcheck); starts the server"},
		},
		Action: p.doctor,
	}
}

// The results of a check; JSON has them, so they stay.
const (
	fine    = "ok"
	warning = "warning"
	problem = "problem"
)

// finding is the result of one check. Names in its JSON stay.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"`
	Detail string `json:"detail"`
	ToDo   string `json:"todo,omitempty"`
}

// diagnosis is what doctor found out.
type diagnosis struct {
	Data     string            `json:"data"`
	Healthy  bool              `json:"healthy"`
	Findings []finding         `json:"findings"`
	Control  map[string]string `json:"control,omitempty"` // pg_controldata's
}

func (d *diagnosis) ok(check, format string, args ...any) {
	d.Findings = append(d.Findings, finding{check, fine, fmt.Sprintf(format, args...), ""})
}

func (d *diagnosis) warn(check, detail, todo string) {
	d.Findings = append(d.Findings, finding{check, warning, detail, todo})
}

func (d *diagnosis) fail(check, detail, todo string) {
	d.Healthy = false
	d.Findings = append(d.Findings, finding{check, problem, detail, todo})
}

func (p *program) doctor(c *cli.Context) error {
	if c.NArg() > 0 {
		return &usageError{"doctor", "doctor takes no arguments: name the cluster with -D"}
	}
	cfg, err := p.config(c)
	if err != nil {
		return err
	}
	paths, err := dataPaths(cfg)
	if err != nil {
		return err
	}
	d := &diagnosis{Data: paths.Data, Healthy: true}
	if d.files(paths) {
		d.fit(c.Context, cfg)
		p.diagnoseControl(c.Context, cfg, d)
		if c.Bool("checksums") {
			p.diagnoseChecksums(c.Context, cfg, d)
		}
		if c.Bool("amcheck") && d.Healthy {
			p.diagnoseAmcheck(c.Context, cfg, d)
		}
	}
	if err := c.Context.Err(); err != nil {
		return err
	}
	if err := d.write(p.streams.Out, c.Bool("json")); err != nil {
		return err
	}
	if !d.Healthy {
		return exitStatus(exitFailure)
	}
	return nil
}

func (d *diagnosis) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	if _, err := fmt.Fprintf(w, "%-12s %s\n", "cluster:", d.Data); err != nil {
		return err
	}
	for _, f := range d.Findings {
		mark := map[string]string{fine: "", warning: "WARNING: ", problem: "PROBLEM: "}[f.Result]
		if _, err := fmt.Fprintf(w, "%-12s %s%s\n", f.Check+":", mark, f.Detail); err != nil {
			return err
		}
		if f.ToDo != "" {
			if _, err := fmt.Fprintf(w, "%-12s -> %s\n", "", f.ToDo); err != nil {
				return err
			}
		}
	}
	return nil
}

// diagnoseAmcheck runs pg_amcheck over all databases.
func (p *program) diagnoseAmcheck(ctx context.Context, cfg clusterConfig, d *diagnosis) {
	const check = "amcheck"
	db, err := p.backend.open(ctx, cfg)
	if err != nil {
		d.fail(check, "the server does not start: "+err.Error(), "restore a backup, or start with pglite -v for the server's log")
		return
	}
	out, code, err := capturedTool(func(w io.Writer) (int, error) {
		return db.Run(ctx, "pg_amcheck", []string{"--all", "--install-missing", "--heapallindexed"}, nil, w, w, toolEnv(cfg))
	})
	switch e := db.Close(); {
	case err != nil:
		d.fail(check, err.Error(), "")
	case code != 0:
		d.fail(check, out, "rebuild broken indexes with REINDEX; restore a backup when tables are damaged")
	case e != nil:
		d.fail(check, "close: "+e.Error(), "")
	default:
		d.ok(check, "all tables and indexes are sound")
	}
}
