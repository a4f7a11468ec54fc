package dump

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// signatures are how files begin that somebody may take for a dump, and what to do with them.
var signatures = []struct{ start, what string }{
	{"PK\x03\x04", "a zip archive: unpack it and restore what is in it"},
	{"PK\x05\x06", "a zip archive with nothing in it"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it and restore what is in it"},
	{"Rar!", "a RAR archive: unpack it and restore what is in it"},
	{"LZIP", "compressed with lzip, which pglite does not read: uncompress it first"},
	{"\x1f\x9d", "compressed with compress (.Z), which pglite does not read: uncompress it first"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd, which pglite does not read: uncompress it first"},
	{"\x04\x22\x4d\x18", "compressed with LZ4, which pglite does not read: uncompress it first"},
	{"SQLite format 3\x00", "an SQLite database, not a dump of PostgreSQL: pgloader moves one into a running server"},
	{"TAPE\x00\x00", "a backup of Microsoft SQL Server, not a dump of PostgreSQL"},
	{"-- MySQL dump", mysql},
	{"-- MariaDB dump", mysql},
	{"/*M!", mysql},
	{"/*!", mysql},
	{"-- mysqldump", mysql},
	{"-- phpMyAdmin SQL Dump", mysql},
	{"# MySQL dump", mysql},
	{"-- MySqlBackup", mysql},
	{"PRAGMA foreign_keys=", sqliteSQL},
	{"\x7fELF", "a program"},
	{"%PDF", "a PDF document"},
	{"<!DOCTYPE", html},
	{"<html", html},
}

const (
	mysql = "a dump of MySQL or MariaDB, whose SQL PostgreSQL does not understand: pgloader moves a database into " +
		"a running server"
	sqliteSQL = "a dump of SQLite, whose SQL PostgreSQL does not understand: pgloader moves a database into a " +
		"running server"
	html = "an HTML page, perhaps the error of a download"
)

// foreign returns what a file is that is no dump of PostgreSQL, by how it begins; nil when it may be one.
func foreign(start []byte) error {
	for _, s := range signatures {
		if bytes.HasPrefix(start, []byte(s.start)) {
			return errors.New(s.what)
		}
	}
	return nil
}

// isBzip2 reports whether a file is compressed with bzip2.
func isBzip2(start []byte) bool {
	return len(start) >= 10 && bytes.HasPrefix(start, []byte("BZh")) &&
		(string(start[4:10]) == "1AY&SY" || string(start[4:10]) == "\x17rE8P\x90")
}

// bunzip2 uncompresses what is compressed with bzip2. Like the program it says so when the file is cut.
func bunzip2(r io.Reader) io.Reader { return bzip2.NewReader(r) }

// utf16Reader returns a reader of the text as UTF-8 when it is in UTF-16, as PowerShell's > writes it, and nil when it
// is not. Without a byte order mark every other byte of SQL is zero.
func utf16Reader(r io.Reader, start []byte) (io.Reader, error) {
	order, mark := unicode.LittleEndian, unicode.UseBOM
	switch {
	case bytes.HasPrefix(start, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(start, []byte{0, 0, 0xfe, 0xff}):
		return nil, errors.New("text in UTF-32: convert it to UTF-8 first")
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
	case zeros(start, 1) && !zeros(start, 0):
		mark = unicode.IgnoreBOM
	case zeros(start, 0) && !zeros(start, 1):
		order, mark = unicode.BigEndian, unicode.IgnoreBOM
	default:
		return nil, nil
	}
	return transform.NewReader(r, unicode.UTF16(order, mark).NewDecoder()), nil
}

// zeros reports whether nearly all bytes at odd, or at even, places are zero.
func zeros(b []byte, from int) bool {
	n, all := 0, 0
	for i := from; i < len(b); i += 2 {
		all++
		if b[i] == 0 {
			n++
		}
	}
	return all > 1 && n*10 >= all*9
}

// noText returns an error for what cannot be SQL.
func noText(start []byte) error {
	if at := bytes.IndexByte(start, 0); at >= 0 {
		return fmt.Errorf("no SQL and no archive of pg_dump: it holds a zero byte at %d", at)
	}
	controls := 0
	for _, c := range start {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\v' && c != '\b' && c != 0x1b {
			controls++
		}
	}
	if !utf8.Valid(start) && controls*20 > len(start) {
		return errors.New("no SQL and no archive of pg_dump: it is not text")
	}
	return nil
}
