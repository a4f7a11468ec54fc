package repl

import (
	"bufio"
	"io"
	"os/exec"
	"strings"

	"github.com/pglite-toolbox/pglite/repl/format"
)

// Terminal is the screen and keyboard that a session is used from.
type Terminal struct {
	// Interactive says that the statements are typed, so that prompts and hints are shown.
	Interactive bool
	// Screen says that results go to a screen, which has a width.
	Screen bool
	// Keyboard says that there is one to leave a pager with, so that what does not fit the screen is paged.
	Keyboard bool
	// Size returns the size of the screen in columns and lines.
	Size func() (columns, lines int)
	// ReadLine reads a line that is no statement, for \prompt and \password; a secret one is not shown.
	ReadLine func(prompt string, secret bool) (string, error)
	// History returns the statements typed, for \s; nil when they are not kept.
	History func() []string
	// Colors says that text may be coloured.
	Colors bool
}

// page returns what to print to and with which options, so that a pager shows what does not fit the screen. The caller
// calls end when it has printed.
func (s *Session) page(o format.Options) (out *bufio.Writer, fitted format.Options, end func()) {
	t := s.Terminal
	if t == nil || !t.Screen || s.redirect != nil {
		return s.Out, o, func() {}
	}
	columns, lines := t.Size()
	o.Screen = columns
	if o.NoPager || !t.Keyboard {
		return s.Out, o, func() {}
	}
	limit := max(lines-1, o.PagerLines)
	if o.Always {
		limit = 0
	}
	p := &pager{streams: &s.Streams, out: s.Out, columns: columns, lines: limit}
	out = bufio.NewWriter(p)
	return out, o, func() {
		out.Flush()
		p.close()
	}
}

// pageText shows a text, by a pager when it does not fit the screen.
func (s *Session) pageText(text string) error {
	out, _, end := s.page(s.Options)
	defer end()
	out.WriteString(text)
	return out.Flush()
}

// pager holds output back until it is more than fits the screen, and then starts the program that shows it page by page.
type pager struct {
	streams        *Streams
	out            *bufio.Writer
	columns, lines int
	held           []byte
	count, column  int
	program        *exec.Cmd
	pipe           io.WriteCloser
	failed         bool // there is no program: everything goes to out
}

func (p *pager) Write(data []byte) (int, error) {
	if p.pipe != nil {
		// A user who leaves the pager has seen enough, which is no error.
		_, _ = p.pipe.Write(data)
		return len(data), nil
	}
	if p.failed {
		return p.out.Write(data)
	}
	p.held = append(p.held, data...)
	wide := p.measure(data)
	if p.count <= p.lines && !wide {
		return len(data), nil
	}
	if err := p.start(); err != nil {
		p.failed = true
		_, err := p.out.Write(p.held)
		p.held = nil
		return len(data), err
	}
	_, _ = p.pipe.Write(p.held)
	return len(data), nil
}

// measure counts lines and reports whether one of them is wider than the screen.
func (p *pager) measure(data []byte) (wide bool) {
	for _, c := range data {
		switch {
		case c == '\n':
			p.count++
			p.column = 0
		case c < 0x80 || c >= 0xc0:
			p.column++
			wide = wide || p.columns > 0 && p.column > p.columns
		}
	}
	return wide
}

func (p *pager) start() error {
	p.out.Flush()
	c := p.streams.pager()
	if c == nil {
		return exec.ErrNotFound
	}
	c.Stdin = nil
	pipe, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	p.program, p.pipe = c, pipe
	return nil
}

// pager returns the program of PSQL_PAGER or PAGER, or else less or more, and nil when there is none. One that
// is set to nothing turns paging off.
func (s *Streams) pager() *exec.Cmd {
	for _, name := range []string{"PSQL_PAGER", "PAGER"} {
		if value, set := s.LookupEnv(name); set {
			if strings.TrimSpace(value) == "" {
				return nil
			}
			return s.shell(value)
		}
	}
	for _, name := range []string{"less", "more"} {
		if path, err := exec.LookPath(name); err == nil {
			c := s.program(exec.Command(path))
			if s.Getenv("LESS") == "" {
				c.Env = append(c.Environ(), "LESS=FRSX")
			}
			return c
		}
	}
	return nil
}

func (p *pager) close() {
	if p.pipe == nil {
		_, _ = p.out.Write(p.held)
		p.out.Flush()
		return
	}
	_ = p.pipe.Close()
	_ = p.program.Wait()
}
