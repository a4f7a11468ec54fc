package repl

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"
)

// pipeline is what was sent between \startpipeline and \endpipeline and whose results were not read yet
// (https://www.postgresql.org/docs/18/app-psql.html#APP-PSQL-META-COMMAND-PIPELINE).
type pipeline struct {
	queue   []pipelined
	ready   int  // how many of the queue, from its start, the server comes to: up to the last Sync or Flush
	aborted bool // by an error: the server ignores what comes before the next Sync
}

// pipelined is a statement, or a Sync when its request is nil.
type pipelined struct {
	sql     string
	request *request
}

// syncs returns how many of some items are Syncs.
func syncs(items []pipelined) (n int) {
	for _, item := range items {
		if item.request == nil {
			n++
		}
	}
	return n
}

// pipelineCommands are those about pipelines.
func pipelineCommands() []command {
	return []command{
		{
			names: "startpipeline", usage: `\startpipeline`, about: "begin a pipeline: send statements without waiting for results",
			run: startPipelineCommand,
		},
		{
			names: "sendpipeline", usage: `\sendpipeline`, about: `put the statement of \bind or \bind_named into the pipeline`,
			sends: true, run: sendPipelineCommand,
		},
		{
			names: "syncpipeline", usage: `\syncpipeline`, about: "put a synchronisation point into the pipeline",
			run: inPipeline(syncPipelineCommand),
		},
		{names: "flush", usage: `\flush`, about: "send what the pipeline holds", run: flushCommand},
		{
			names: "flushrequest", usage: `\flushrequest`, about: "ask the server to send the results that it has",
			run: flushRequestCommand,
		},
		{
			names: "getresults", usage: `\getresults [COUNT]`, about: "read results of the pipeline: all that are ready, or COUNT",
			args: 1, bare: "a number", run: getResultsCommand,
		},
		{
			names: "endpipeline", usage: `\endpipeline`, about: "end the pipeline and read its results",
			run: inPipeline(endPipelineCommand),
		},
	}
}

func syncPipelineCommand(_ context.Context, r *scriptRun, _ *call) error {
	r.syncPipeline()
	return nil
}

// inPipeline returns a command that makes sense only in a pipeline.
func inPipeline(do commandFunc) commandFunc {
	return func(ctx context.Context, r *scriptRun, c *call) error {
		r.splitter.Reset()
		if r.pipe == nil {
			return r.wrong("cannot send pipeline when not in pipeline mode")
		}
		defer r.countPipeline()
		return do(ctx, r, c)
	}
}

// countPipeline sets the variables that tell of the pipeline.
func (s *Session) countPipeline() {
	commands, results, ends := 0, 0, 0
	if p := s.pipe; p != nil {
		ends = syncs(p.queue)
		results = p.ready - syncs(p.queue[:p.ready])
		commands = len(p.queue) - ends - results
	}
	s.Variables["PIPELINE_COMMAND_COUNT"] = strconv.Itoa(commands)
	s.Variables["PIPELINE_RESULT_COUNT"] = strconv.Itoa(results)
	s.Variables["PIPELINE_SYNC_COUNT"] = strconv.Itoa(ends)
}

func startPipelineCommand(_ context.Context, r *scriptRun, _ *call) error {
	r.splitter.Reset()
	if r.pipe == nil {
		r.pipe = &pipeline{}
	}
	r.countPipeline()
	return nil
}

// sendPipelineCommand sends the statement of \bind or \bind_named.
func sendPipelineCommand(ctx context.Context, r *scriptRun, _ *call) error {
	request := r.next
	r.next = nil
	switch {
	case r.pipe == nil:
		return r.wrong(`\sendpipeline not allowed outside of pipeline mode`)
	case request == nil:
		return r.wrong(`\sendpipeline must be used after \bind or \bind_named`)
	}
	r.enqueue(r.take(), request)
	return nil
}

// enqueue sends a statement whose result is read later.
func (s *Session) enqueue(sql string, request *request) {
	if request == nil {
		request = &request0
	}
	request.send(s.Frontend, sql)
	s.pipe.queue = append(s.pipe.queue, pipelined{sql, request})
	s.countPipeline()
}

// request0 is a statement without parameters.
var request0 = request{kind: bindUnnamed}

// syncPipeline ends what an error of a statement makes the server ignore, and its transaction.
func (s *Session) syncPipeline() {
	s.Frontend.SendSync(&pgproto3.Sync{})
	s.pipe.queue = append(s.pipe.queue, pipelined{})
	s.pipe.ready = len(s.pipe.queue)
}

func flushRequestCommand(_ context.Context, r *scriptRun, _ *call) error {
	r.splitter.Reset()
	if r.pipe == nil {
		return nil
	}
	r.Frontend.Send(&pgproto3.Flush{})
	r.pipe.ready = len(r.pipe.queue)
	r.countPipeline()
	return nil
}

func flushCommand(_ context.Context, r *scriptRun, _ *call) error {
	r.splitter.Reset()
	if err := r.Frontend.Flush(); err != nil {
		r.unusable = lost(err)
		return r.unusable
	}
	return nil
}

// getResultsCommand is \getresults [COUNT]: it reads the results that are there, or so many of them.
func getResultsCommand(ctx context.Context, r *scriptRun, c *call) error {
	r.splitter.Reset()
	n := 0
	if len(c.given) > 0 {
		n, _ = strconv.Atoi(c.arg(0))
		if n < 0 {
			return r.wrong(`\getresults: invalid number of requested results`)
		}
	}
	if r.pipe == nil || r.pipe.ready == 0 {
		return r.wrong("No pending results to get")
	}
	if n == 0 {
		n = r.pipe.ready
	}
	defer r.countPipeline()
	return r.results(ctx, n)
}

func endPipelineCommand(ctx context.Context, r *scriptRun, _ *call) error {
	r.syncPipeline()
	err := r.results(ctx, r.pipe.ready)
	r.pipe = nil
	return err
}

// results reads so many results, Syncs counted too, and returns the first error.
func (s *Session) results(ctx context.Context, n int) (first error) {
	if s.unusable != nil {
		return s.unusable
	}
	if err := s.Frontend.Flush(); err != nil {
		s.unusable = lost(err)
		return s.unusable
	}
	told := false // of the statements that an error keeps from being run
	for p := s.pipe; n > 0 && p.ready > 0; n-- {
		item := p.queue[0]
		p.queue, p.ready = p.queue[1:], p.ready-1
		if p.aborted && item.request != nil {
			if !told {
				first = errors.Join(first, s.notRun())
			}
			told = true
			continue
		}
		x := &exchange{Session: s, ctx: ctx, sql: item.sql, request: item.request, options: s.Options, out: s.Out, newPrinter: s.openPrinter, extended: true, synced: true}
		err := x.readPipelined()
		var failed *QueryError
		switch {
		case err != nil && !errors.As(err, &failed):
			s.unusable = err
			return err
		case item.request == nil:
			p.aborted, told = false, false
		case err != nil:
			p.aborted, told = true, true
		}
		s.note(x, err)
		if first == nil {
			first = err
		}
	}
	return first
}

// notRun tells of statements that were not run.
func (s *Session) notRun() error {
	s.Out.Flush()
	const text = "Pipeline aborted, command did not run"
	s.Message(s.prefix() + text + "\n")
	return &CommandError{text}
}

// readPipelined reads the result of a statement, or up to the ReadyForQuery of a Sync.
func (x *exchange) readPipelined() error {
	defer x.watch()()
	for {
		msg, err := x.Frontend.Receive()
		if err != nil {
			return lost(err)
		}
		switch m := msg.(type) {
		case *pgproto3.ReadyForQuery:
			x.tx = m.TxStatus
			x.report()
			if x.request != nil {
				return &ConnectionError{Err: errors.New("the results of the pipeline are out of step")}
			}
			return x.failure
		case *pgproto3.CopyInResponse, *pgproto3.CopyOutResponse, *pgproto3.CopyBothResponse:
			return x.abort(copyInPipeline)
		}
		if err := x.handle(msg); err != nil {
			return err
		}
		if x.request != nil && x.request.endedBy(msg) {
			if x.failure == nil && x.request.untagged() && !x.Quiet {
				x.out.WriteString("\n") // as for a request of its own
			}
			if err := x.output(x.out.Flush()); err != nil {
				return err
			}
			return x.failure
		}
	}
}

const copyInPipeline = "COPY in a pipeline is not supported, aborting connection"

// endedBy reports whether a message of the server is the last for the request.
func (r *request) endedBy(msg pgproto3.BackendMessage) bool {
	switch msg.(type) {
	case *pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse, *pgproto3.ErrorResponse:
		return true
	case *pgproto3.ParseComplete:
		return r.kind == parseNamed
	case *pgproto3.CloseComplete:
		return r.kind == closeNamed
	}
	return false
}

// refused refuses a command in a pipeline, where it needs the server for itself.
func (r *scriptRun) refused(c *call) error {
	if r.pipe == nil || !c.noQueue {
		return nil
	}
	r.next = nil
	if c.name == "watch" {
		r.splitter.Reset()
	}
	return r.wrong(`\` + c.name + " not allowed in pipeline mode")
}
