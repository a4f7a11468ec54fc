//go:build unix

package cmd

import (
	"bytes"
	"strings"
	"testing"
)

// in runs a command with input in a place.
func (p place) in(b backend, stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"pglite"}, args...), p.streams(stdin, &stdout, &stderr), b)
	return result{stdout.String(), stderr.String(), code}
}

// TestClientEncodings: tables hold text in the client's encoding as it is, and as wide as psql takes it for.
func TestClientEncodings(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	const western = `SELECT U&'caf\00e9' AS a, U&'\00e9' || chr(10) || 'zwei' AS b, 1 AS c;
SELECT U&'caf\00e9' AS a, U&'\00e9' || chr(9) || E'zwei\r' AS b \gx
`
	const japanese = `SELECT U&'\3042\ff71\30a2' AS kana, U&'\65e5' || chr(10) || 'x' AS b, 1 AS c;
SELECT U&'\3042\30a2' AS kana, 'x' AS b \gx
`
	for encoding, script := range map[string]string{"LATIN1": western, "WIN1252": western, "SJIS": japanese, "EUC_JP": japanese} {
		t.Run(encoding, func(t *testing.T) {
			p := place{}.with("PGCLIENTENCODING=" + encoding)
			for _, options := range [][]string{nil, {"-P", "border=2"}, {"-P", "format=wrapped", "-P", "columns=20"}} {
				got := p.in(b, script, append([]string{"repl", "-X"}, options...)...)
				want := p.in(b, script, append([]string{"tool", "psql", "-X"}, options...)...)
				if want.code != exitOK || !strings.ContainsFunc(want.stdout, func(r rune) bool { return r == '\uFFFD' }) {
					t.Fatalf("psql: %+v", want)
				}
				compare(t, got, want)
			}
		})
	}
}

// TestBytesOfNoEncoding: a database in SQL_ASCII takes and prints bytes as they are, unless the user wants an encoding.
func TestBytesOfNoEncoding(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	if made := runWith(b, "exec", "CREATE DATABASE raw ENCODING sql_ascii TEMPLATE template0"); made.code != exitOK {
		t.Fatalf("%+v", made)
	}
	const script = "SELECT '\xe9\xff' AS a, octet_length('caf\xe9') AS b;\n"
	got := place{}.in(b, script, "exec", "-d", "raw")
	if got.stdout != " a  | b \n----+---\n \xe9\xff | 4\n(1 row)\n\n" || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	if got := (place{}).in(b, "\\c raw\n"+script, "repl", "-X", "-q", "-A", "-t"); got.stdout != "\xe9\xff|4\n" {
		t.Errorf("%+v", got)
	}
	if got := (place{}).with("PGCLIENTENCODING=UTF8").in(b, script, "exec", "-d", "raw"); got.code != exitScript || !strings.Contains(got.stderr, "invalid byte sequence") {
		t.Errorf("%+v", got)
	}
}

// TestQuoteHiddenBackslash: a character whose second byte is a backslash cannot be quoted byte by byte, so it is not.
func TestQuoteHiddenBackslash(t *testing.T) {
	t.Parallel()
	b := memoryBackend(t)
	const script = "SELECT U&'\\8868' AS x, U&'\\3042' AS y \\gset\nSELECT :'y' AS quoted;\nSELECT :'x' AS broken;\n"
	got := place{}.with("PGCLIENTENCODING=SJIS").in(b, script, "repl", "-X", "-q", "-A", "-t")
	if got.stdout != "\x82\xa0\n" || !strings.Contains(got.stderr, `variable "x" cannot be quoted in the client encoding SJIS`) {
		t.Errorf("%+v", got)
	}
}
