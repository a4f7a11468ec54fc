package runtimes

import (
	"bytes"
	"errors"
	"io"
	"os"
)

var zeros = make([]byte, 32<<10)

// WriteSparse writes content to a new file. Blocks of zeros are skipped, as most of a fresh WAL segment is.
func WriteSparse(f *os.File, content io.Reader, buffer []byte) error {
	var at int64
	skipped := false
	for {
		n, err := io.ReadFull(content, buffer)
		if zero := isZero(buffer[:n]); n > 0 && !zero {
			if _, err := f.WriteAt(buffer[:n], at); err != nil {
				return err
			}
			skipped = false
		} else if n > 0 {
			skipped = true
		}
		at += int64(n)
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if skipped {
				return f.Truncate(at)
			}
			return nil
		default:
			return err
		}
	}
}

func isZero(b []byte) bool {
	for len(b) > len(zeros) {
		if !bytes.Equal(b[:len(zeros)], zeros) {
			return false
		}
		b = b[len(zeros):]
	}
	return bytes.Equal(b, zeros[:len(b)])
}
