package hexdump

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A capture file is the line captureMagic, then records: the direction's byte, the number of the connection and the length as big-endian
// uint32, the bytes. Secrets are
// in it as they went over the wire: it is as private as the password.
const captureMagic = "pglite-capture 1\n"

// maxRecord is the longest record that is written or believed.
const maxRecord = 1 << 20

// CaptureWriter writes a capture. It is safe for concurrent use.
type CaptureWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// NewCaptureWriter begins a capture.
func NewCaptureWriter(w io.Writer) (*CaptureWriter, error) {
	_, err := io.WriteString(w, captureMagic)
	return &CaptureWriter{w: w}, err
}

// Add writes bytes that went in a direction over a connection, to which the caller has given a number.
func (c *CaptureWriter) Add(conn uint32, d Direction, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(b) > 0 {
		part := b[:min(len(b), maxRecord)]
		b = b[len(part):]
		head := binary.BigEndian.AppendUint32([]byte{byte(d)}, conn)
		head = binary.BigEndian.AppendUint32(head, uint32(len(part)))
		if _, err := c.w.Write(append(head, part...)); err != nil {
			return err
		}
	}
	return nil
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
		if d != FromClient && d != FromServer || size > maxRecord {
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
	} else if len(start) > 0 && backendNames[start[0]] == "" {
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
