package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// jsonPrinter writes each result as an array of objects on one line, or each row as an object on a line, row by row; so
// several results are JSON Lines (https://jsonlines.org). Numbers, Booleans, json and jsonb are written as such, arrays
// as arrays, NULL is null, everything else is a string in PostgreSQL's text form. A numeric keeps all its digits; NaN
// and infinities, which JSON does not know, are strings. A column whose name appeared before gets a number: a, a_2.
type jsonPrinter struct {
	w       *bufio.Writer
	lines   bool
	columns []Column
	keys    [][]byte
	rows    int
}

func (p *jsonPrinter) Begin(columns []Column) error {
	p.columns, p.rows = columns, 0
	p.keys = keysOf(columns)
	return nil
}

// keysOf returns a distinct key, as JSON text with its colon, for each column.
func keysOf(columns []Column) [][]byte {
	keys := make([][]byte, len(columns))
	taken := map[string]bool{}
	for _, column := range columns {
		taken[column.Name] = true
	}
	seen := map[string]bool{}
	for i, column := range columns {
		name := column.Name
		for n := 2; seen[name]; n++ {
			if next := fmt.Sprintf("%s_%d", column.Name, n); !taken[next] {
				name = next
			}
		}
		seen[name], taken[name] = true, true
		keys[i] = append(appendString(nil, []byte(name)), ':')
	}
	return keys
}

func (p *jsonPrinter) Row(values [][]byte) error {
	if !p.lines {
		p.separate()
	}
	p.rows++
	p.w.WriteByte('{')
	for i, value := range values {
		if i > 0 {
			p.w.WriteByte(',')
		}
		p.w.Write(p.keys[i])
		if _, err := p.w.Write(jsonValue(p.columns[i], value)); err != nil {
			return err
		}
	}
	p.w.WriteByte('}')
	if p.lines {
		return p.w.WriteByte('\n')
	}
	return nil
}

// separate writes what stands before a row of an array.
func (p *jsonPrinter) separate() {
	if p.rows == 0 {
		p.w.WriteByte('[')
	} else {
		p.w.WriteByte(',')
	}
}

func (p *jsonPrinter) End() error {
	switch {
	case p.lines:
		return nil
	case p.rows == 0:
		p.w.WriteByte('[')
	}
	_, err := p.w.WriteString("]\n")
	return err
}

// number is what JSON accepts as one.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// jsonValue returns a value as JSON text on one line.
func jsonValue(c Column, value []byte) []byte {
	if value == nil {
		return []byte("null")
	}
	if array, is := c.arrayOf(); is {
		if text, ok := appendArray(nil, array, string(value)); ok {
			return text
		}
	}
	return scalarJSON(c.OID, value)
}

// scalarJSON is jsonValue for a value that is neither NULL nor an array.
func scalarJSON(oid uint32, value []byte) []byte {
	switch oid {
	case oidBool:
		if len(value) == 1 && value[0] == 't' {
			return []byte("true")
		}
		return []byte("false")
	case oidInt2, oidInt4, oidInt8, oidOID, oidFloat4, oidFloat8, oidNumeric:
		if number.Match(value) {
			return value
		}
	case oidJSON, oidJSONB:
		var compact bytes.Buffer
		if json.Compact(&compact, value) == nil {
			return compact.Bytes()
		}
	}
	return appendString(nil, value)
}

// appendString appends a JSON string. Bytes that are not UTF-8 become the replacement character.
func appendString(dst, value []byte) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(string(value)) // a string always encodes
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
