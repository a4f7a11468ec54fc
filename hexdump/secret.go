package hexdump

import (
	"bytes"
	"encoding/binary"
	"regexp"
)

// blanked stands for each byte of a secret.
const blanked = '*'

func fill(b []byte) {
	for i := range b {
		b[i] = blanked
	}
}

// blank hides what could open a door: passwords and everything of SCRAM (proofs can be tried against a list of words), keys for
// cancelling, passwords in SQL and in the startup packet. What a client says and nobody can name is hidden too.
func blank(m *Message) {
	switch m.Name {
	case "PasswordMessage":
		fill(m.Body)
	case "BackendKeyData":
		fill(m.Body[min(4, len(m.Body)):])
	case "CancelRequest":
		fill(m.Body[min(8, len(m.Body)):])
	case "Authentication":
		blankAuthentication(m.Body)
	case "StartupMessage":
		blankParameter(m.Body)
	case "Query", "Parse", "ErrorResponse", "NoticeResponse", "Bind", "DataRow", "CopyData", "NotificationResponse", "FunctionCall":
		blankSQL(m.Body)
	case "?":
		if m.Direction == FromClient {
			fill(m.Raw[min(5, len(m.Raw)):])
		} else {
			blankSQL(m.Raw)
		}
	}
}

// blankAuthentication hides salts and the server's part of SASL, but not the names of the mechanisms.
func blankAuthentication(body []byte) {
	const sasl = 10
	if len(body) > 4 && binary.BigEndian.Uint32(body) != sasl {
		fill(body[4:])
	}
}

// blankParameter hides a password that a client sends as a parameter.
func blankParameter(body []byte) {
	if at := bytes.Index(body, []byte("password\x00")); at >= 0 {
		value := body[at+len("password\x00"):]
		if end := bytes.IndexByte(value, 0); end >= 0 {
			fill(value[:end])
		} else {
			fill(value)
		}
	}
}

// secretSQL finds a literal after PASSWORD, also password=… of a connection string and the password in a URI; verifiers of SCRAM and of
// md5 wherever they are.
var secretSQL = regexp.MustCompile(`(?is)\bpassword(?:\s|=|/\*.*?\*/|--[^\n]*\n)*(?:U&|E|N|)('(?:[^'\\]|''|\\.)*'?|\$(?:[^$\s\d][^$\s]*)?\$.*)` +
	`|\bpassword=([^\s'"$;,)&\x00]+)|://[^\s:/@']*:([^\s@'/]+)@|(SCRAM-SHA-256\$[^'"\x00\s]+)|(\bmd5[0-9a-f]{32}\b)`)

func blankSQL(body []byte) {
	if !suspicious(body) {
		return
	}
	for _, at := range secretSQL.FindAllSubmatchIndex(body, -1) {
		for group := 1; 2*group < len(at); group++ {
			if from, to := at[2*group], at[2*group+1]; from >= 0 {
				quoted := body[from:to]
				if group == 1 && len(quoted) > 1 {
					quoted = bytes.TrimSuffix(quoted[1:], []byte("'"))
				}
				fill(quoted)
			}
		}
	}
}

// suspicious tells quickly that there may be something for secretSQL, which is slow.
func suspicious(body []byte) bool {
	for i, c := range body {
		word := ""
		switch c {
		case 'p', 'P':
			word = "password"
		case 's', 'S':
			word = "SCRAM-SHA-256$"
		case 'm', 'M':
			word = "md5"
		case ':':
			word = "://"
		default:
			continue
		}
		if len(body)-i >= len(word) && bytes.EqualFold(body[i:i+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}
