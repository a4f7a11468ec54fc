package hexdump

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// A capture file is the line captureMagic, then records: the direction's byte, the number of the connection and the
// length as big-endian uint32, the bytes. docs/data.md describes it. Secrets are asterisks in it.
const captureMagic = "pglite-capture 1\n"

const (
	// maxRecord is the longest record that is written or believed.
	maxRecord = 1 << 20
	// recordLimit is how much of a message a CaptureWriter keeps; the rest becomes asterisks, so that lengths stay true.
	recordLimit = 16 << 20
	// maxConnections is how many connections may be open at a time for a reader that keeps something for each.
	maxConnections = 100_000
	// endRecord is in the place of the direction in a record that says that the connection ends.
	endRecord = '.'
)

// newRecording splits what is to be recorded, or what was. With started, the beginning of the connection is not among
// the bytes.
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

// Add writes the messages that the bytes complete. The caller gives each connection a number. After an error of the
// writer nothing more is written: the error is returned again.
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
	return c.write(conn, s.Add(d, b))
}

// End writes what there is of unfinished messages of a connection, and its end. Errors are those of Add.
func (c *CaptureWriter) End(conn uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.split[conn]; s != nil {
		delete(c.split, conn)
		_ = c.write(conn, s.Rest())
	}
	return c.send(appendHead(nil, endRecord, conn, 0))
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

// appendRecord appends as many records as the bytes need.
func appendRecord(out []byte, conn uint32, d Direction, b []byte) []byte {
	for part := range slices.Chunk(b, maxRecord) {
		out = append(appendHead(out, byte(d), conn, len(part)), part...)
	}
	return out
}

// appendHead appends what a record begins with.
func appendHead(out []byte, kind byte, conn uint32, size int) []byte {
	out = binary.BigEndian.AppendUint32(append(out, kind), conn)
	return binary.BigEndian.AppendUint32(out, uint32(size))
}

// Record is a piece of a capture: bytes that went over a connection, or the connection's end.
type Record struct {
	Conn      uint32 // the connection's number
	Direction Direction
	Bytes     []byte // valid until the next record is read
	End       bool   // the connection ends; there are no bytes
	Started   bool   // the bytes that the connection began with are missing
}

// ReadCapture returns the records of a capture as they are read. The first error ends them.
//
// Other bytes than a capture's are those of one direction of a connection. Their beginning says which: a server never
// starts with a startup packet, nor a client with a message of the server's.
func ReadCapture(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in := bufio.NewReader(r)
		start, err := in.Peek(len(captureMagic))
		next := readRecord
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			yield(Record{}, err)
			return
		case string(start) == captureMagic:
			_, _ = in.Discard(len(captureMagic))
		default:
			next = rawReader(start)
		}
		var buffer []byte
		for {
			var record Record
			record, buffer, err = next(in, buffer)
			if errors.Is(err, io.EOF) || !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// readRecord reads one record into the buffer, which it makes larger if need be. The error is io.EOF after the last.
func readRecord(in io.Reader, buffer []byte) (Record, []byte, error) {
	var head [9]byte
	if _, err := io.ReadFull(in, head[:]); errors.Is(err, io.EOF) {
		return Record{}, buffer, io.EOF
	} else if err != nil {
		return Record{}, buffer, cutRecord(err)
	}
	record := Record{Conn: binary.BigEndian.Uint32(head[1:]), Direction: Direction(head[0]), End: head[0] == endRecord}
	size := binary.BigEndian.Uint32(head[5:])
	known := record.Direction == FromClient || record.Direction == FromServer || record.End && size == 0
	if !known || size > maxRecord {
		return Record{}, buffer, errors.New("the capture is damaged: a record has no direction, or an impossible length")
	}
	if record.End {
		record.Direction = 0
	}
	buffer = slices.Grow(buffer[:0], int(size))[:size]
	if _, err := io.ReadFull(in, buffer); err != nil {
		return Record{}, buffer, cutRecord(err)
	}
	record.Bytes = buffer
	return record, buffer, nil
}

// cutRecord says that a record is not whole. What it wraps is never io.EOF, which would be a capture's end.
func cutRecord(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the capture ends in the middle of a record: %w", err)
}

// rawReader reads the bytes of one direction, whose first are start.
func rawReader(start []byte) func(io.Reader, []byte) (Record, []byte, error) {
	record := Record{Direction: FromServer, Started: true}
	if len(start) > 0 && start[0] == 0 {
		record = Record{Direction: FromClient}
	} else if len(start) > 0 && !wire.FromServerType(start[0]) {
		record.Direction = FromClient
	}
	return func(in io.Reader, buffer []byte) (Record, []byte, error) {
		const enough = 64 << 10
		buffer = slices.Grow(buffer[:0], enough)[:enough]
		n, err := in.Read(buffer)
		if n == 0 && err != nil {
			return Record{}, buffer, err
		}
		record.Bytes = buffer[:n]
		return record, buffer, nil // an error comes again
	}
}
