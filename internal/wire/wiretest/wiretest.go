// Package wiretest has what tests of the wire protocol share.
package wiretest

import "testing"

// Message is a message of pgproto3.
type Message interface {
	Encode(b []byte) ([]byte, error)
}

// Encode returns the bytes of messages, one after another.
func Encode(t testing.TB, messages ...Message) (b []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		if b, err = m.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}
