package format

import "strings"

// Array says of what an array type consists.
type Array struct {
	Element   uint32 // the element's type
	Delimiter byte   // between elements; 0 is a comma
}

// arrayOf returns what a column's array type consists of.
func (c Column) arrayOf() (a Array, is bool) {
	a = c.Array
	if a.Element == 0 {
		a = Array{Element: elements[c.OID]}
		if c.OID == oidBoxArray {
			a.Delimiter = ';'
		}
	}
	if a.Delimiter == 0 {
		a.Delimiter = ','
	}
	return a, a.Element != 0
}

// oidBoxArray is the one built-in array type whose delimiter is no comma.
const oidBoxArray = 1020

// elements are the element types of the built-in array types (pg_type.dat in PostgreSQL's source).
var elements = map[uint32]uint32{
	143: 142, 199: 114, 271: 5069, 629: 628, 651: 650, 719: 718, 775: 774, 791: 790, 1000: 16, 1001: 17, 1002: 18,
	1003: 19, 1005: 21, 1006: 22, 1007: 23, 1008: 24, 1009: 25, 1010: 27, 1011: 28, 1012: 29, 1013: 30,
	1014: 1042, 1015: 1043, 1016: 20, 1017: 600, 1018: 601, 1019: 602, 1020: 603, 1021: 700, 1022: 701, 1027: 604,
	1028: 26, 1034: 1033, 1040: 829, 1041: 869, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184, 1187: 1186,
	1231: 1700, 1263: 2275, 1270: 1266, 1561: 1560, 1563: 1562, 2201: 1790, 2207: 2202, 2208: 2203, 2209: 2204,
	2210: 2205, 2211: 2206, 2287: 2249, 2949: 2970, 2951: 2950, 3221: 3220, 3643: 3614, 3644: 3642, 3645: 3615,
	3735: 3734, 3770: 3769, 3807: 3802, 3905: 3904, 3907: 3906, 3909: 3908, 3911: 3910, 3913: 3912, 3927: 3926,
	4073: 4072, 4090: 4089, 4097: 4096, 4192: 4191, 5039: 5038, 6150: 4451, 6151: 4532, 6152: 4533, 6153: 4534,
	6155: 4535, 6157: 4536,
}

// appendArray appends an array in PostgreSQL's text form as a JSON array, and reports false when the text is no array
// (https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO).
func appendArray(dst []byte, a Array, text string) ([]byte, bool) {
	if strings.HasPrefix(text, "[") { // bounds that do not begin at 1, which JSON does not have
		_, after, found := strings.Cut(text, "=")
		if !found {
			return dst, false
		}
		text = after
	}
	p := arrayText{array: a, rest: text}
	dst, ok := p.append(dst)
	return dst, ok && p.rest == ""
}

// arrayText is the text of an array while it is read.
type arrayText struct {
	array Array
	rest  string
	depth int
}

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

// append reads an array and appends it.
func (p *arrayText) append(dst []byte) ([]byte, bool) {
	if p.depth++; p.depth > maxDimensions || !p.skip('{') {
		return dst, false
	}
	dst = append(dst, '[')
	for first := true; !p.skip('}'); first = false {
		if !first {
			if !p.skip(p.array.Delimiter) {
				return dst, false
			}
			dst = append(dst, ',')
		}
		var ok bool
		if dst, ok = p.element(dst); !ok {
			return dst, false
		}
	}
	p.depth--
	return append(dst, ']'), true
}

// element reads an element, or an array of the next dimension, and appends it.
func (p *arrayText) element(dst []byte) ([]byte, bool) {
	if strings.HasPrefix(p.rest, "{") {
		return p.append(dst)
	}
	if strings.HasPrefix(p.rest, `"`) {
		text, ok := p.quoted()
		return append(dst, scalarJSON(p.array.Element, []byte(text))...), ok
	}
	end := strings.IndexAny(p.rest, string(rune(p.array.Delimiter))+"}")
	if end <= 0 {
		return dst, false
	}
	text := p.rest[:end]
	p.rest = p.rest[end:]
	if text == "NULL" {
		return append(dst, "null"...), true
	}
	return append(dst, scalarJSON(p.array.Element, []byte(text))...), true
}

// quoted reads an element in quotes, in which a backslash takes the next character as it is.
func (p *arrayText) quoted() (string, bool) {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '"':
			p.rest = p.rest[i+1:]
			return b.String(), true
		case '\\':
			if i++; i == len(p.rest) {
				return "", false
			}
			b.WriteByte(p.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// skip reads a character when it comes next.
func (p *arrayText) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}
