package relay

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// encoded is what the server or the client says.
func encoded(t *testing.T, messages ...pgproto3.Message) (b []byte) {
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
	t.Parallel()
	idle, within := &pgproto3.ReadyForQuery{TxStatus: 'I'}, &pgproto3.ReadyForQuery{TxStatus: 'T'}
	notification := &pgproto3.NotificationResponse{PID: 1, Channel: "news", Payload: string(encodedReady)}
	notice := &pgproto3.NoticeResponse{Severity: "WARNING", Message: "hear"}
	parameter := &pgproto3.ParameterStatus{Name: "TimeZone", Value: "UTC"}
	row := &pgproto3.DataRow{Values: [][]byte{encodedReady}} // looks like idle at its end
	startup := encoded(t, opening)
	ssl, gss := []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}, []byte{0, 0, 0, 8, 4, 0xd2, 0x16, 0x30}
	type step struct{ client, server []byte }
	says := func(messages ...pgproto3.Message) step { return step{server: encoded(t, messages...)} }
	sends := func(messages ...pgproto3.Message) step { return step{client: encoded(t, messages...)} }
	asks := sends(request)
	data := &pgproto3.CopyData{Data: bytes.Repeat([]byte{'Q', 0, 0, 0, 4}, 3)} // looks like requests
	refused := []step{{client: startup}, says(idle), asks, says(&pgproto3.CopyInResponse{}), sends(data), says(&pgproto3.ErrorResponse{}, idle)}
	and := func(more ...step) []step { return append(slices.Clone(refused), more...) }
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
		{"COPY", refused[:4], false},
		{"COPY with data", refused[:5], false},
		{"refused COPY", refused, true},
		{"data of a refused COPY", and(sends(data, data)), true},
		{"half of the data of a refused COPY", and(step{client: encoded(t, data)[:7]}), true},
		{"end of a refused COPY", and(sends(data), sends(&pgproto3.CopyDone{})), true},
		{"end of a refused COPY, and a request", and(sends(data, &pgproto3.CopyDone{}, request)), false},
		{"end of a refused COPY, a request, its answer", and(sends(data, &pgproto3.CopyDone{}, request), says(row, idle)), true},
		{"end of a refused COPY, half a request", and(step{client: encoded(t, data, &pgproto3.CopyDone{}, request)[:len(encoded(t, data))+7]}), false},
		{"end of a refused COPY in a transaction", and(asks, says(within), sends(data, &pgproto3.CopyDone{})), false},
		{"a refused COPY given up", and(sends(data, &pgproto3.CopyFail{Message: "no more"})), true},
		{"Flush", []step{{client: startup}, says(idle), sends(&pgproto3.Flush{})}, true},
		{"Flush of an answer that has not come", []step{{client: startup}, says(idle), sends(&pgproto3.Parse{}, &pgproto3.Flush{})}, false},
		{"Flush of an answer that has come", []step{{client: startup}, says(idle), sends(&pgproto3.Parse{}, &pgproto3.Flush{}), says(&pgproto3.ParseComplete{})}, false},
		{"Terminate", []step{{client: startup}, says(idle), sends(&pgproto3.Terminate{})}, false},
		{"request for encryption, and no more", []step{{client: ssl}, {server: []byte{'N'}}}, false},
	} {
		for _, size := range []int{1, 2, 5, 6, 7, 1 << 20} { // of what is passed on at once
			a := NewActivity()
			for _, s := range test.steps {
				for piece := range slices.Chunk(s.client, size) {
					a.received(piece)
				}
				for piece := range slices.Chunk(s.server, size) {
					a.sent(piece)
				}
			}
			if a.Idle(shortQuiet) {
				t.Errorf("%s: idle at once", test.name)
			}
			a.last = a.last.Add(-time.Hour)
			if got := a.Idle(Quiet); got != test.want {
				t.Errorf("%s, %d bytes at a time: idle %t, want %t", test.name, size, got, test.want)
			}
		}
	}
}

// impatient is a client that says more before the write of what it answers returns.
type impatient struct {
	a    *Activity
	says []byte
}

func (c impatient) Write(b []byte) (int, error) {
	c.a.received(c.says)
	return len(b), nil
}

// TestAnsweredMeanwhile: a client may have said more before the server's write returns. Its session is not idle.
func TestAnsweredMeanwhile(t *testing.T) {
	t.Parallel()
	a := NewActivity()
	a.received(encoded(t, opening))
	w, _ := a.watch(impatient{a, encoded(t, request)}, nil)
	if _, err := w.Write(encodedReady); err != nil {
		t.Fatal(err)
	}
	a.last = a.last.Add(-time.Hour)
	if a.Idle(Quiet) {
		t.Error("idle, although the client has asked for more")
	}
	a.sent(encodedReady)
	a.last = a.last.Add(-time.Hour)
	if !a.Idle(Quiet) {
		t.Error("not idle after the answer")
	}
}

// TestDataMeanwhile: what a client sends to a COPY that has failed is no answer.
func TestDataMeanwhile(t *testing.T) {
	t.Parallel()
	a := NewActivity()
	a.received(encoded(t, opening, request))
	w, _ := a.watch(impatient{a, encoded(t, &pgproto3.CopyData{Data: encodedReady})}, nil)
	if _, err := w.Write(encodedReady); err != nil {
		t.Fatal(err)
	}
	if a.Idle(Quiet) {
		t.Error("idle at once, although the client has been sending")
	}
	a.last = a.last.Add(-time.Hour)
	if !a.Idle(Quiet) {
		t.Error("not idle")
	}
}

// A client that is slow to go on is waited for, one that comes back all the time not for ever.
func TestQuietAfter(t *testing.T) {
	t.Parallel()
	a := NewActivity()
	a.received(encoded(t, opening))
	a.sent(encodedReady)
	for waited, want := range map[time.Duration]bool{0: false, considerate - 1: false, considerate: true} {
		a.last = time.Now().Add(-Quiet / 3)
		if got := a.Idle(QuietAfter(waited)); got != want {
			t.Errorf("after %v: idle %t", waited, got)
		}
	}
}

var (
	encodedReady = []byte{'Z', 0, 0, 0, 5, 'I'}
	opening      = &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "postgres"}}
	request      = &pgproto3.Query{String: "select 1"}
)
