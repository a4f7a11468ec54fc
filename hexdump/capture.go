package hexdump

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// A capture file is the line captureMagic, then records: the direction's byte, the number of the connection and the length as big-endian
// uint32, the bytes. docs/data.md describes it. Secrets are asterisks in it.
const captureMagic = "pglite-capture 1\n"

const (
	// maxRecord is the longest record that is written or believed.
	maxRecord = 1 << 20
	// recordLimit is how much of a message a CaptureWriter keeps; the rest becomes asterisks, so that lengths stay true.
	recordLimit = 16 << 20
	// maxConnections is how many connections may be open at a time for a reader that keeps something for each.
	maxConnections = 100_000
)

// newRecording splits what is to be recorded, or what was. With started, the beginning of the connection is not among the bytes.
func newRecording(started bool) *wire.Splitter {
	s := wire.NewSplitter(started)
	s.Limit = recordLimit
	return s
}

// CaptureWriter writes a capture, message by message, without the secrets. It is safe for concurrent use.
type CaptureWriter struct {
	mu    sync.Mutex
	w     io.Writer
	err   error
	split map[uint32]*wire.Splitter
}

// NewCaptureWriter begins a capture.
func NewCaptureWriter(w io.Writer) (*CaptureWriter, error) {
	_, err := io.WriteString(w, captureMagic)
	return &CaptureWriter{w: w, split: map[uint32]*wire.Splitter{}}, err
}

// Add writes the messages that the bytes complete, which went in a direction over a connection, to which the caller has given a number;
// with Ended, what there is of unfinished ones. After an error of the writer nothing more is written: the error is returned again.
func (c *CaptureWriter) Add(conn uint32, d Direction, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	s := c.split[conn]
	if s == nil {
		s = newRecording(false)
		c.split[conn] = s
	}
	if d != Ended {
		return c.write(conn, s.Add(d, b))
	}
	delete(c.split, conn)
	_ = c.write(conn, s.Rest())
	return c.send(appendRecord(nil, conn, Ended, nil))
}

// Close writes what there is of unfinished messages. It does not close the writer.
func (c *CaptureWriter) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, s := range c.split {
		_ = c.write(conn, s.Rest())
	}
	c.split = map[uint32]*wire.Splitter{}
	return c.err
}

// write writes messages, those that are given together at once.
func (c *CaptureWriter) write(conn uint32, messages []wire.Message) error {
	var out []byte
	for _, m := range messages {
		out = appendRecord(out, conn, m.Direction, m.Raw)
		for left := m.Dropped; left > 0; left -= min(left, maxRecord) {
			gap := make([]byte, min(left, maxRecord))
			wire.Fill(gap)
			_ = c.send(appendRecord(out, conn, m.Direction, gap))
			out = nil
		}
	}
	return c.send(out)
}

func (c *CaptureWriter) send(b []byte) error {
	if c.err == nil && len(b) > 0 {
		_, c.err = c.w.Write(b)
	}
	return c.err
}

// appendRecord appends as many records as the bytes need; those of Ended are none.
func appendRecord(out []byte, conn uint32, d Direction, b []byte) []byte {
	for len(b) > 0 || d == Ended {
		part := b[:min(len(b), maxRecord)]
		b = b[len(part):]
		out = binary.BigEndian.AppendUint32(append(out, byte(d)), conn)
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
		if d == Ended {
			break
		}
	}
	return out
}

// ReadCapture calls f with each record. What is no capture is taken for the bytes of one direction, which their beginning tells: a server
// never starts with a startup packet, nor a client with a message of the server's. started tells whether the connection's beginning is
// missing. The slice is f's only during the call.
func ReadCapture(r io.Reader, f func(conn uint32, d Direction, started bool, b []byte) error) error {
	in := bufio.NewReader(r)
	start, err := in.Peek(len(captureMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(start) != captureMagic {
		return readRaw(in, start, f)
	}
	_, _ = in.Discard(len(captureMagic))
	buffer := make([]byte, 0, 4096)
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("the capture ends in the middle of a record: %w", err)
		}
		d, conn, size := Direction(head[0]), binary.BigEndian.Uint32(head[1:]), binary.BigEndian.Uint32(head[5:])
		if d != FromClient && d != FromServer && (d != Ended || size > 0) || size > maxRecord {
			return errors.New("the capture is damaged: a record has no direction, or an impossible length")
		}
		if int(size) > cap(buffer) {
			buffer = make([]byte, size)
		}
		buffer = buffer[:size]
		if _, err := io.ReadFull(in, buffer); err != nil {
			return fmt.Errorf("the capture ends in the middle of a record: %w", err)
		}
		if err := f(conn, d, false, buffer); err != nil {
			return err
		}
	}
}

func readRaw(in io.Reader, start []byte, f func(uint32, Direction, bool, []byte) error) error {
	d, started := FromServer, true
	if len(start) > 0 && start[0] == 0 {
		d, started = FromClient, false
	} else if len(start) > 0 && !wire.FromServerType(start[0]) {
		d = FromClient
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := in.Read(buffer)
		if n > 0 {
			if err := f(0, d, started, buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
