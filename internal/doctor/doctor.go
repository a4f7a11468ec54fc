// Package doctor diagnoses a cluster. It changes no byte of it, except that amcheck through a running server makes an
// extension and drops it again.
package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/install"
)

// The results of a check. JSON has them, so they stay.
const (
	Fine    = "ok"
	Warning = "warning"
	Problem = "problem"
)

// Finding is the result of one check. Names in its JSON stay.
type Finding struct {
	Check  string `json:"check"`
	Result string `json:"result"`
	Detail string `json:"detail"`
	ToDo   string `json:"todo,omitempty"`
}

// Diagnosis is what the doctor found out.
type Diagnosis struct {
	Data     string            `json:"data"`
	Healthy  bool              `json:"healthy"`
	Findings []Finding         `json:"findings"`
	Control  map[string]string `json:"control,omitempty"` // pg_controldata's
}

// Options say what to diagnose, and how.
type Options struct {
	Paths   install.Paths
	Runtime install.RuntimeOptions
	// Server configures the servers and programs that are run: the environment, mounts, parameters, memory, log and
	// progress.
	Server engine.Config
	// Client is the environment of the programs that connect to a server.
	Client []string
	// Temp is the directory for copies of the cluster.
	Temp      string
	Checksums bool // verify all pages
	Amcheck   bool // verify tables and indexes
}

// examination is one run.
type examination struct {
	Diagnosis
	o       Options
	runtime string // the directory of the runtime
}

// Diagnose looks at a cluster. The error tells that the runtime cannot be had, or that ctx has ended.
func Diagnose(ctx context.Context, o Options) (*Diagnosis, error) {
	x := &examination{Diagnosis: Diagnosis{Data: o.Paths.Data, Healthy: true}, o: o}
	if x.files() && x.fit(ctx) {
		x.control(ctx)
		x.configuration(ctx)
		if o.Checksums {
			x.checksums(ctx)
		}
		if o.Amcheck && x.Healthy {
			x.amcheck(ctx)
		}
	}
	return &x.Diagnosis, ctx.Err()
}

func (d *Diagnosis) ok(check, format string, args ...any) {
	d.Findings = append(d.Findings, Finding{check, Fine, fmt.Sprintf(format, args...), ""})
}

func (d *Diagnosis) warn(check, detail, todo string) {
	d.Findings = append(d.Findings, Finding{check, Warning, detail, todo})
}

// fail takes back that the check was fine so far.
func (d *Diagnosis) fail(check, detail, todo string) {
	d.Healthy = false
	d.Findings = slices.DeleteFunc(d.Findings, func(f Finding) bool { return f.Check == check && f.Result == Fine })
	d.Findings = append(d.Findings, Finding{check, Problem, detail, todo})
}

// failed reports whether a check has found a problem.
func (d *Diagnosis) failed(check string) bool {
	return slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Check == check && f.Result == Problem })
}
