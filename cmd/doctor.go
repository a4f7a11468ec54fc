package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

func (p *program) doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "diagnose a cluster without changing it",
		UsageText: "pglite doctor [--json] [--checksums] [--amcheck]",
		Description: `Looks at the data directory: version, control file, owner, missing files, WAL, permissions, free space. No byte of it changes, and
it may be in use. The exit code is 0 when all is well, 1 otherwise, with what to do next.

--checksums verifies all pages; the cluster must not be running then. --amcheck verifies tables and indexes through a server, which is
started on a copy of the cluster in the temporary directory (TMPDIR). Where the server runs already it does it itself, and the extension
amcheck is made for that and dropped again where it was not.

Examples:
   pglite doctor
   pglite -D ./data doctor --json
   pglite -D ./data doctor --checksums --amcheck`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
			&cli.BoolFlag{Name: "checksums", Usage: "verify the checksums of all pages (pg_checksums)"},
			&cli.BoolFlag{Name: "amcheck", Usage: "verify tables and indexes (pg_amcheck), on a copy unless the server runs"},
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

// fail takes back that the check was fine so far.
func (d *diagnosis) fail(check, detail, todo string) {
	d.Healthy = false
	d.Findings = slices.DeleteFunc(d.Findings, func(f finding) bool { return f.Check == check && f.Result == fine })
	d.Findings = append(d.Findings, finding{check, problem, detail, todo})
}

func (p *program) doctor(c *cli.Context) error {
	if c.NArg() > 0 {
		return &usageError{"doctor", "doctor takes no arguments: name the cluster with -D"}
	}
	doing, names := "doctor without --amcheck", []string{"data", "runtime", "env", "mount", "max-memory"}
	if c.Bool("amcheck") {
		doing, names = "doctor", append(names, "username", "set", "no-attach")
	}
	if err := p.wants("doctor", doing, names...); err != nil {
		return err
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
