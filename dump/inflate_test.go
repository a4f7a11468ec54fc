package dump

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// archiveOf makes an archive with one table, in the format of a version.
func archiveOf(version archiveVersion, data string) []byte {
	var b bytes.Buffer
	number := func(n int32) {
		sign := byte(0)
		if n < 0 {
			sign, n = 1, -n
		}
		b.WriteByte(sign)
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
	}
	text := func(all ...string) {
		for _, s := range all {
			number(int32(len(s)))
			b.WriteString(s)
		}
	}
	b.WriteString(archiveMagic)
	b.Write([]byte{byte(version >> 8), byte(version), 0, 4, 8, customFormat})
	if version >= withAlgorithm {
		b.WriteByte(gzipAlgorithm)
	} else {
		number(-1)
	}
	for range 7 {
		number(1)
	}
	text("db", "15", "15")
	number(1) // entries
	number(7)
	number(1)
	text("0", "0", "t", "TABLE DATA")
	number(3)
	text("", "", "COPY t FROM stdin;", "public", "")
	text("heap")
	if version >= withRelkind {
		number('r')
	}
	text("postgres", "false", "1")
	number(-1)
	b.WriteByte(offsetSet)
	b.Write([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	b.WriteByte(dataBlock)
	number(7)
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write([]byte(data))
	_ = w.Close()
	half := packed.Len() / 2
	text(packed.String()[:half], packed.String()[half:])
	number(0)
	return b.Bytes()
}

func TestInflate(t *testing.T) {
	data := strings.Repeat("1\tone\n", 30000) + "\\.\n"
	for _, version := range []archiveVersion{withMethods, withAlgorithm, withRelkind} {
		in := archiveOf(version, data)
		if !isDeflated(in[:head]) {
			t.Fatalf("version %x is not recognised", version)
		}
		out, err := io.ReadAll(inflated(t.Context(), bufio.NewReader(bytes.NewReader(in))))
		if err != nil {
			t.Fatal(err)
		}
		if isDeflated(out[:head]) {
			t.Errorf("version %x: the header still tells of compression", version)
		}
		if n := bytes.Count(out, []byte("\tone\n")); n < 29980 { // some are cut by the lengths of pieces
			t.Errorf("version %x: %d rows", version, n)
		}
		for _, length := range []int{20, 60, len(in) / 2, len(in) - 1} {
			if _, err := io.ReadAll(inflated(t.Context(), bufio.NewReader(bytes.NewReader(in[:length])))); err == nil {
				t.Errorf("version %x: no error when cut to %d of %d bytes", version, length, len(in))
			}
		}
	}
}

func FuzzInflate(f *testing.F) {
	f.Add(archiveOf(withMethods, "x"))
	f.Add(archiveOf(withRelkind, "y"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = io.Copy(io.Discard, io.LimitReader(inflated(t.Context(), bufio.NewReader(bytes.NewReader(b))), 1<<20))
	})
}
