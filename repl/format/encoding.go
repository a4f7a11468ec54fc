package format

import "strings"

// Encoding says how many bytes and columns the characters of a client encoding other than UTF-8 have
// (https://www.postgresql.org/docs/18/multibyte.html). The zero value is UTF-8.
type Encoding int

// The kinds of encodings.
const (
	UTF8       Encoding = iota
	singleByte          // each byte is a character: the ISO 8859 and Windows sets, KOI8, and SQL_ASCII, where nobody knows better
	doubleByte          // a byte from 0x80 on has another: Big5, GBK, UHC, EUC_CN, EUC_KR
	eucJP               // EUC_JP, EUC_JIS_2004
	eucTW
	shiftJIS // SJIS, SHIFT_JIS_2004
	gb18030
)

var multibyteEncodings = map[string]Encoding{
	"UTF8": UTF8, "UNICODE": UTF8, "": UTF8, "BIG5": doubleByte, "GBK": doubleByte, "UHC": doubleByte, "EUC_CN": doubleByte, "EUC_KR": doubleByte,
	"EUC_JP": eucJP, "EUC_JIS_2004": eucJP, "JOHAB": doubleByte, "EUC_TW": eucTW, "SJIS": shiftJIS, "SHIFT_JIS_2004": shiftJIS, "GB18030": gb18030,
}

// EncodingOf returns the kind of a client encoding, by the name that the server reports.
func EncodingOf(name string) Encoding {
	if e, known := multibyteEncodings[strings.ToUpper(name)]; known {
		return e
	}
	return singleByte
}

// Hides reports whether a character of the text has an ASCII character as its second byte or later, a backslash say.
// Quoting goes byte by byte and would break it.
func (e Encoding) Hides(text string) bool {
	if e == UTF8 || e == singleByte || e == eucJP || e == eucTW {
		return false // all bytes of a character are beyond ASCII
	}
	for text != "" {
		n, _ := e.next(text)
		for _, c := range []byte(text[1:n]) {
			if c < 0x80 {
				return true
			}
		}
		text = text[n:]
	}
	return false
}

// next returns how many bytes the first character of a text has, and how many columns. The text is not empty.
func (e Encoding) next(text string) (bytes, columns int) {
	bytes, columns = e.length(text)
	return min(bytes, len(text)), columns
}

func (e Encoding) length(text string) (bytes, columns int) {
	c := text[0]
	switch {
	case c < 0x80, e == singleByte:
		return 1, 1
	case e == shiftJIS && c >= 0xa1 && c <= 0xdf: // half-width katakana
		return 1, 1
	case e == eucJP && c == 0x8e: // half-width katakana
		return 2, 1
	case e == eucTW && c == 0x8e:
		return 4, 2
	case (e == eucJP || e == eucTW) && c == 0x8f:
		return 3, 2
	case e == gb18030 && len(text) > 1 && text[1] >= '0' && text[1] <= '9':
		return 4, 2
	}
	return 2, 2
}
