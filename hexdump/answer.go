package hexdump

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/pglite-toolbox/pglite/internal/wire"
)

// answer compares what a server says to some requests with what was recorded. What is equal is forgotten.
type answer struct {
	requests []request // what was asked, for the reader
	expected []wire.Message
	got      []wire.Message
	size     int    // bytes in expected and got
	left     [2]int // of expected and got, what came beyond maxCompared
	differs  bool
	begun    bool // something was recorded
	gotReady bool
}

// request is a client's message.
type request struct {
	text string
	last bool // the server answers with ReadyForQuery
}

// How many messages of an answer are shown, and how many messages and bytes are compared after the first difference.
const (
	maxRequests      = 16
	maxCompared      = 1000
	maxComparedBytes = 64 << 20
)

// asked adds a request.
func (a *answer) asked(m wire.Message) {
	if len(a.requests) < maxRequests {
		a.requests = append(a.requests, request{wire.Decode(m), m.Name == "Query" || m.Name == "Sync" || m.Name == "FunctionCall"})
	}
}

// next returns the answer to what was asked after the requests of this one.
func (a *answer) next() answer {
	for i, r := range a.requests {
		if r.last {
			return answer{requests: a.requests[i+1:]}
		}
	}
	return answer{}
}

// recorded adds a message that the answer should have.
func (a *answer) recorded(m wire.Message) {
	a.begun = true
	a.expected = a.keep(0, a.expected, m)
	a.compare()
}

// received adds a message that the answer has.
func (a *answer) received(m wire.Message) {
	a.gotReady = a.gotReady || m.Name == "ReadyForQuery"
	a.got = a.keep(1, a.got, m)
	a.compare()
}

func (a *answer) keep(side int, messages []wire.Message, m wire.Message) []wire.Message {
	if len(messages) == maxCompared || a.size > maxComparedBytes {
		a.left[side]++
		return messages
	}
	a.size += len(m.Raw)
	return append(messages, m)
}

// wants reports whether more was recorded than received.
func (a *answer) wants() bool {
	return !a.gotReady && len(a.expected)+a.left[0] > len(a.got)+a.left[1]
}

// compare forgets what is equal, up to the first difference.
func (a *answer) compare() {
	for !a.differs && len(a.expected) > 0 && len(a.got) > 0 {
		if key(a.expected[0]) != key(a.got[0]) {
			a.differs = true
			return
		}
		a.size -= 2 * len(a.got[0].Raw)
		a.expected, a.got = a.expected[1:], a.got[1:]
	}
}

// difference shows requests and how the answers differ, recorded ones marked with -, live ones with +. It is empty when
// they do not.
func (a *answer) difference(prefix string, color bool) string {
	if len(a.expected) == 0 && len(a.got) == 0 {
		return ""
	}
	var out strings.Builder
	for _, r := range a.requests {
		fmt.Fprintf(&out, "  %s-> %s\n", prefix, r.text)
		if r.last {
			break
		}
	}
	line := func(sign, text string) {
		switch {
		case !color || sign == " ":
		case sign == "-":
			sign, text = "\x1b[31m"+sign, text+"\x1b[0m"
		default:
			sign, text = "\x1b[32m"+sign, text+"\x1b[0m"
		}
		fmt.Fprintf(&out, "%s %s<- %s\n", sign, prefix, text)
	}
	diff(a.expected, a.got, func(sign string, m wire.Message) { line(sign, wire.Decode(m)) })
	for i, n := range a.left {
		if n > 0 {
			line([]string{"-", "+"}[i], fmt.Sprintf("… %d more messages", n))
		}
	}
	return out.String()
}

// diff calls f with the messages of both, those in common once.
func diff(a, b []wire.Message, f func(sign string, m wire.Message)) {
	keys := func(messages []wire.Message) []string {
		k := make([]string, len(messages))
		for i, m := range messages {
			k[i] = key(m)
		}
		return k
	}
	x, y := keys(a), keys(b)
	common := make([][]int32, len(x)+1) // lengths of the longest common subsequences of what is left
	for i := range common {
		common[i] = make([]int32, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			f(" ", a[i])
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			f("-", a[i])
			i++
		default:
			f("+", b[j])
			j++
		}
	}
}

// key returns what has to be equal of two messages: not the numbers of relations and of types that are not built in, nor
// where in its source a server found an error.
func key(m wire.Message) string {
	b := m.Raw
	switch m.Name {
	case "ErrorResponse", "NoticeResponse":
		fields := strings.Split(string(m.Body), "\x00")
		fields = slices.DeleteFunc(fields, func(f string) bool { return f != "" && strings.ContainsRune("FLR", rune(f[0])) })
		return m.Name + strings.Join(fields, "\x00")
	case "ParameterDescription":
		b = bytes.Clone(b)
		for at := 7; at+4 <= len(b); at += 4 {
			builtIn(b[at:])
		}
	case "RowDescription":
		b = bytes.Clone(b)
		rowDescription(b)
	}
	return fmt.Sprintf("%s %d %s", m.Name, m.Size, b)
}

// rowDescription clears the numbers of relations and of types that are not built in.
func rowDescription(b []byte) {
	for at := 7; at < len(b); {
		for at < len(b) && b[at] != 0 {
			at++
		}
		if at++; at+18 > len(b) {
			return
		}
		clear(b[at : at+4])
		builtIn(b[at+6:])
		at += 18
	}
}

// firstUser is the first OID that a server gives to what users make.
const firstUser = 16384

func builtIn(b []byte) {
	if binary.BigEndian.Uint32(b) > firstUser {
		binary.BigEndian.PutUint32(b, firstUser)
	}
}
