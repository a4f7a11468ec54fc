package lex

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
)

// ErrInterrupt is what reading a line that is typed returns when the user pressed Ctrl-C.
var ErrInterrupt = errors.New("interrupted")

// Input reads a script line by line, and the data of COPY … FROM STDIN that stands between its statements.
type Input struct {
	// Typed says that somebody types the input. No data that follows a COPY that fails is waited for then.
	Typed bool

	r    *bufio.Reader
	line atomic.Int64 // COPY data is read by a goroutine of its own, while messages name the line
}

// NewInput returns an Input that reads r.
func NewInput(r io.Reader) *Input { return &Input{r: bufio.NewReaderSize(r, 64<<10)} }

// Line returns the number of lines read so far.
func (in *Input) Line() int { return int(in.line.Load()) }

// ReadLine returns the next line with its line end, without the byte order mark that some editors put before the
// first one. It returns io.EOF and no text at the end.
func (in *Input) ReadLine() (string, error) {
	line, err := in.r.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	if in.line.Add(1) == 1 {
		line = strings.TrimPrefix(line, "\uFEFF")
	}
	return line, nil
}

// ReadLineContext is ReadLine that ends with ctx while it waits for input that may never come. The input is of no use
// then.
func (in *Input) ReadLineContext(ctx context.Context) (string, error) {
	if buffered, _ := in.r.Peek(in.r.Buffered()); bytes.IndexByte(buffered, '\n') >= 0 {
		return in.ReadLine()
	}
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := in.ReadLine()
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// PassOver reads the data of a COPY that takes none. It ends with ctx while it waits for data that may never come; the
// input is of no use then.
func (in *Input) PassOver(ctx context.Context) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		_ = in.CopyData(true, func([]byte) {})
	}()
	select {
	case <-read:
	case <-ctx.Done():
	}
}

// CopyData passes the data of COPY on in pieces, to the end of the input or, when marked, up to a line with only \. on
// it. The pieces are valid only during the call.
func (in *Input) CopyData(marked bool, send func([]byte)) error {
	lineStart := true
	chunk := make([]byte, 0, 64<<10)
	for {
		piece, err := in.r.ReadSlice('\n')
		ends := bytes.HasSuffix(piece, []byte("\n"))
		if marked && lineStart && (string(piece) == "\\.\n" || string(piece) == "\\.\r\n") {
			in.line.Add(1)
			err = io.EOF
			piece = nil
		}
		if len(chunk)+len(piece) > cap(chunk) {
			send(chunk)
			chunk = chunk[:0]
		}
		chunk = append(chunk, piece...)
		if ends && piece != nil {
			in.line.Add(1)
		}
		lineStart = ends
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if len(chunk) > 0 {
				send(chunk)
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
