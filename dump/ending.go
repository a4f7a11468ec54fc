package dump

import (
	"bytes"
	"errors"
	"io"
)

// How the output of pg_dumpall and pg_dump begins, in the second line. It ends with the same and complete.
const (
	clusterDump  = "-- PostgreSQL database cluster dump"
	databaseDump = "-- PostgreSQL database dump"
	complete     = " complete"
)

// ErrCut tells that a dump ends before its end.
var ErrCut = errors.New("the dump is not whole: it does not end as pg_dump ends one")

// ending passes SQL on and notes which dump in it has begun and not ended. There may be several, one after the other,
// and other SQL around. While one is open no other begins: those of pg_dumpall's databases are in it, and a row may
// hold a line that looks like one.
type ending struct {
	r    io.Reader
	line []byte // that is being read, as much of it as matters
	rule bool   // the line before is "--"
	open string // the first line of the dump that has not ended
}

// lineLength is more than the length of a line that matters.
const lineLength = 64

// Read implements io.Reader.
func (e *ending) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	for line := range bytes.Lines(b[:n]) {
		e.line = append(e.line, line[:min(len(line), lineLength-len(e.line))]...)
		if line[len(line)-1] == '\n' {
			e.next()
		}
	}
	return n, err
}

// next takes note of the line.
func (e *ending) next() {
	line := bytes.TrimRight(bytes.TrimPrefix(e.line, []byte("\ufeff")), "\r\n") // PowerShell writes a byte order mark
	switch text := string(line); {
	case e.open != "" && text == e.open+complete:
		e.open = ""
	case e.open == "" && e.rule && (text == clusterDump || text == databaseDump):
		e.open = text
	}
	e.rule = string(line) == "--"
	e.line = e.line[:0]
}

// cut reports, at the end, whether a dump has not ended.
func (e *ending) cut() bool {
	e.next() // the last line may have no end
	return e.open != ""
}
