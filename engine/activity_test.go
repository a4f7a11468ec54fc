package engine

import (
	"bytes"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// encoded is what the server says.
func encoded(t *testing.T, messages ...pgproto3.BackendMessage) (b []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		if b, err = m.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestActivity(t *testing.T) {
	idle, within := &pgproto3.ReadyForQuery{TxStatus: 'I'}, &pgproto3.ReadyForQuery{TxStatus: 'T'}
	notification := &pgproto3.NotificationResponse{PID: 1, Channel: "news", Payload: string(encodedReady)}
	notice := &pgproto3.NoticeResponse{Severity: "WARNING", Message: "hear"}
	parameter := &pgproto3.ParameterStatus{Name: "TimeZone", Value: "UTC"}
	row := &pgproto3.DataRow{Values: [][]byte{encodedReady}} // looks like idle at its end
	startup := append([]byte{0, 0, 0, 9, 0, 3, 0, 0}, 0)
	ssl, gss := []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x30}
	type step struct{ client, server []byte }
	says := func(messages ...pgproto3.BackendMessage) step { return step{server: encoded(t, messages...)} }
	asks := step{client: []byte("Q...")}
	for _, test := range []struct {
		name  string
		steps []step
		want  bool
	}{
		{"not begun", nil, true},
		{"begun", []step{{client: startup}}, false},
		{"authenticating", []step{{client: startup}, says(&pgproto3.AuthenticationOk{}, parameter)}, false},
		{"ready", []step{{client: startup}, says(&pgproto3.AuthenticationOk{}, parameter, idle)}, true},
		{"asked", []step{{client: startup}, says(idle), asks}, false},
		{"in a transaction", []step{{client: startup}, says(idle), asks, says(within)}, false},
		{"listening", []step{{client: startup}, says(idle, notification)}, true},
		{"listening, twice", []step{{client: startup}, says(idle), says(notification), says(notification)}, true},
		{"notice", []step{{client: startup}, says(idle, notice, parameter)}, true},
		{"half a notification", []step{{client: startup}, says(idle), {server: encoded(t, notification)[:12]}}, false},
		{"notified in a transaction", []step{{client: startup}, says(within, notification)}, false},
		{"row", []step{{client: startup}, says(idle), asks, says(row)}, false},
		{"error", []step{{client: startup}, says(&pgproto3.ErrorResponse{})}, false},
		{"next answer has begun", []step{{client: startup}, says(idle, row)}, false},
		{"empty body", []step{{client: startup}, says(&pgproto3.ParseComplete{}, idle)}, true},
		{"asked for encryption", []step{{client: ssl}, {server: []byte{'N'}}, {client: gss}, {server: []byte{'N'}}, {client: startup}, says(idle)}, true},
		{"asked for encryption at once", []step{{client: bytes.Join([][]byte{gss, ssl, startup}, nil)}, {server: []byte{'N', 'N'}}, says(idle)}, true},
	} {
		for _, size := range []int{1, 2, 5, 6, 7, 1 << 20} { // of what is passed on at once
			a := newActivity()
			for _, s := range test.steps {
				if s.client != nil {
					a.received(s.client)
				}
				for b := s.server; len(b) > 0; {
					n := min(size, len(b))
					a.sent(b[:n])
					b = b[n:]
				}
			}
			if a.idle(shortQuiet) {
				t.Errorf("%s: idle at once", test.name)
			}
			a.last = a.last.Add(-time.Hour)
			if got := a.idle(quiet); got != test.want {
				t.Errorf("%s, %d bytes at a time: idle %t, want %t", test.name, size, got, test.want)
			}
		}
	}
}

// impatient is a client whose next request comes before the write of what it has answered returns.
type impatient struct{ a *activity }

func (c impatient) Write(b []byte) (int, error) {
	c.a.received([]byte("Q..."))
	return len(b), nil
}

// TestAnsweredMeanwhile: a client may have said more before the server's write returns. Its session is not idle.
func TestAnsweredMeanwhile(t *testing.T) {
	a := newActivity()
	a.received([]byte("startup"))
	w, _ := a.watch(impatient{a}, nil)
	if _, err := w.Write(encodedReady); err != nil {
		t.Fatal(err)
	}
	a.last = a.last.Add(-time.Hour)
	if a.idle(quiet) {
		t.Error("idle, although the client has asked for more")
	}
	a.sent(encodedReady)
	a.last = a.last.Add(-time.Hour)
	if !a.idle(quiet) {
		t.Error("not idle after the answer")
	}
}

// A client that is slow to go on is waited for, one that comes back all the time not for ever.
func TestQuietAfter(t *testing.T) {
	a := newActivity()
	a.received([]byte("startup"))
	a.sent(encodedReady)
	for waited, want := range map[time.Duration]bool{0: false, considerate - 1: false, considerate: true} {
		a.last = time.Now().Add(-quiet / 3)
		if got := a.idle(quietAfter(waited)); got != want {
			t.Errorf("after %v: idle %t", waited, got)
		}
	}
}

var encodedReady = []byte{'Z', 0, 0, 0, 5, 'I'}
