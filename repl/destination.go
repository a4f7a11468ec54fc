package repl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// destination is a file or the input of a program that results go to.
type destination struct {
	*bufio.Writer
	file    *patientFile
	program *exec.Cmd
	ended   func(*os.ProcessState) // called when the program has ended; may be nil
}

// patientFile takes everything and reports the first error at the end: whoever writes a result has to read all of it
// from the server, even when nobody wants it any more.
type patientFile struct {
	io.WriteCloser
	err error
}

func (p *patientFile) Write(data []byte) (int, error) {
	if p.err == nil {
		_, p.err = p.WriteCloser.Write(data)
	}
	return len(data), nil
}

// Close reports the first error of writing, or that of closing.
func (p *patientFile) Close() error {
	err := p.WriteCloser.Close()
	if p.err != nil {
		return p.err
	}
	return err
}

// newDestination returns a destination that writes to w.
func newDestination(w io.WriteCloser, program *exec.Cmd) *destination {
	file := &patientFile{WriteCloser: w}
	return &destination{Writer: bufio.NewWriterSize(file, 64<<10), file: file, program: program}
}

// open opens FILE or |COMMAND.
func (s *Streams) open(name string) (*destination, error) {
	command, isProgram := strings.CutPrefix(name, "|")
	if !isProgram {
		f, err := os.Create(s.Path(name))
		if err != nil {
			return nil, fileError(name, err)
		}
		return newDestination(f, nil), nil
	}
	c := s.shell(command)
	c.Stdin = nil
	pipe, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fileError(name, err)
	}
	return newDestination(pipe, c), nil
}

// open opens FILE or |COMMAND. How the program ends is for variables, as in psql.
func (s *Session) open(name string) (*destination, error) {
	d, err := s.Streams.open(name)
	if err == nil {
		d.ended = func(state *os.ProcessState) { s.noteProgram(state, !state.Success()) }
	}
	return d, err
}

// close ends the file or waits for the program, which may end as it likes: one that did not want everything is no error.
func (d *destination) close() error {
	if err := d.end(); d.program == nil {
		return err
	}
	return nil
}

// end is close that reports how the program ended, too.
func (d *destination) end() error {
	err := d.Flush()
	if e := d.file.Close(); err == nil {
		err = e
	}
	if d.program == nil {
		return err
	}
	err = d.program.Wait()
	if d.ended != nil {
		d.ended(d.program.ProcessState)
	}
	return ending(err)
}

// fileError returns what psql says when a file cannot be opened.
func fileError(name string, err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
		if os.IsNotExist(err) {
			return fmt.Errorf("%s: No such file or directory", name)
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// stdout returns the program's standard output, wherever results go.
func (s *Session) stdout() *bufio.Writer {
	if s.standard != nil {
		return s.standard
	}
	return s.Out
}

// SetOutput sends results to FILE or |COMMAND, and back to standard output for "".
func (s *Session) SetOutput(name string) (err error) {
	var next *destination
	if name != "" {
		if next, err = s.open(name); err != nil {
			return err
		}
	}
	if s.redirect != nil {
		err = s.redirect.close()
		s.Out, s.standard, s.redirect = s.standard, nil, nil
	}
	if next != nil {
		s.standard, s.Out, s.redirect = s.Out, next.Writer, next
	}
	return err
}
