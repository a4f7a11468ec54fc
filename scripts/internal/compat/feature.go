package main

import "fmt"

// feature is something that a client needs of a server.
type feature struct{ name, title string }

// features are the columns of the matrix. A client's program reports on each by its name.
var features = []feature{
	{"unix", "Unix socket"},
	{"tcp", "TCP"},
	{"tls", "TLS"},
	{"scram", "SCRAM"},
	{"url-unix", "DATABASE_URL, Unix socket"},
	{"url-tcp", "DATABASE_URL, TCP"},
	{"simple", "simple query"},
	{"extended", "extended query"},
	{"prepared", "prepared statement"},
	{"pipeline", "pipelined batch"},
	{"pipeline-error", "error in a batch"},
	{"binary", "binary format"},
	{"copy-in", "COPY in"},
	{"copy-out", "COPY out"},
	{"cancel", "cancel"},
	{"notify", "NOTIFY"},
	{"large", "large rows"},
}

// outcome is how a client did with a feature.
type outcome struct {
	status string // ok, fail, or none when the client has no such thing
	text   string // why
}

const (
	statusOK   = "ok"
	statusFail = "fail"
	statusNone = "none"
)

// report has a client's outcomes by feature.
type report map[string]outcome

// attempt runs the check of a feature and notes the outcome, also that of a panic.
func (r report) attempt(name string, check func() error) {
	defer func() {
		if p := recover(); p != nil {
			r[name] = outcome{statusFail, fmt.Sprint(p)}
		}
	}()
	if err := check(); err != nil {
		r[name] = outcome{statusFail, err.Error()}
		return
	}
	r[name] = outcome{status: statusOK}
}

// check is what shows whether a client has a feature.
type check struct {
	name string
	run  func() error
}

// attemptAll runs checks in order.
func (r report) attemptAll(checks []check) {
	for _, c := range checks {
		r.attempt(c.name, c.run)
	}
}

// none notes that the client has no such feature.
func (r report) none(why string, names ...string) {
	for _, n := range names {
		r[n] = outcome{statusNone, why}
	}
}

// failures lists what did not work; a feature without a report is a failure too.
func (r report) failures() (texts []string) {
	for _, f := range features {
		switch o := r[f.name]; o.status {
		case statusOK, statusNone:
		case "":
			texts = append(texts, f.name+": no report")
		default:
			texts = append(texts, f.name+": "+o.text)
		}
	}
	return texts
}
