package hexdump

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/wire/wiretest"
)

// TestTap shows connections with their numbers, without secrets, and what is written to it.
func TestTap(t *testing.T) {
	t.Parallel()
	client, server := conversation(t)
	var out bytes.Buffer
	tap := NewTap(&out, false)
	for conn := range uint32(2) {
		_ = tap.Add(conn+1, FromClient, client)
		_ = tap.Add(conn+1, FromServer, server)
		_ = tap.End(conn + 1)
	}
	if _, err := io.WriteString(tap, "a log's line\n"); err != nil {
		t.Fatal(err)
	}
	tap.Close(time.Minute)
	for _, want := range []string{`#1 -> Query "String":"SELECT 42"`, `#2 -> Query "String":"SELECT 42"`, "#2 <- ReadyForQuery", "#1 closed\n", "a log's line\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "hidd") || strings.Contains(out.String(), "not shown") {
		t.Errorf("shown:\n%s", out.String())
	}
}

// TestTapDrops: a writer that takes nothing blocks nobody, what waits is bounded, and the dropped messages are counted.
func TestTapDrops(t *testing.T) {
	t.Parallel()
	client := wiretest.Encode(t, &pgproto3.StartupMessage{ProtocolVersion: 196608})
	query := wiretest.Encode(t, &pgproto3.Query{String: "SELECT '" + strings.Repeat("x", 1000) + "'"})
	in, out := io.Pipe()
	tap := NewTap(out, false)
	_ = tap.Add(1, FromClient, client)
	const total = 100_000
	for range total {
		_ = tap.Add(1, FromClient, query)
		tap.mu.Lock()
		size := tap.size
		tap.mu.Unlock()
		if size > tapQueue+2*tapItemSize {
			t.Fatalf("%d bytes are queued", size)
		}
	}
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(in)
		text <- string(b)
	}()
	tap.Close(time.Minute)
	_ = out.Close()
	got := <-text
	dropped := 0
	for _, m := range regexp.MustCompile(`… (\d+) messages are not shown`).FindAllStringSubmatch(got, -1) {
		n, _ := strconv.Atoi(m[1])
		dropped += n
	}
	if shown := strings.Count(got, "-> Query"); dropped == 0 || shown == 0 || shown+dropped != total {
		t.Errorf("%d shown, %d dropped of %d", shown, dropped, total)
	}
}
