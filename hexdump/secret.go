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
// cancelling, passwords in SQL and in the startup packet.
func blank(m *Message) {
	switch m.Name {
	case "PasswordMessage", "GSSResponse", "SASLResponse", "SASLInitialResponse":
		fill(m.Body)
	case "BackendKeyData":
		fill(m.Body[min(4, len(m.Body)):])
	case "CancelRequest":
		fill(m.Body[min(8, len(m.Body)):])
	case "Authentication":
		blankAuthentication(m.Body)
	case "StartupMessage":
		blankParameter(m.Body)
	case "Query", "Parse", "ErrorResponse", "NoticeResponse", "Bind", "DataRow":
		blankSQL(m.Body)
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

// secretSQL finds a literal after PASSWORD, and verifiers wherever they are: of SCRAM, and of md5.
var secretSQL = regexp.MustCompile(`(?is)\bpassword\s*=?\s*(?:U&|E|)('(?:[^'\\]|''|\\.)*'?|\$([a-z_]*)\$.*)|(SCRAM-SHA-256\$[^'"\x00\s]+)|(\bmd5[0-9a-f]{32}\b)`)

func blankSQL(body []byte) {
	for _, at := range secretSQL.FindAllSubmatchIndex(body, -1) {
		for _, group := range []int{1, 3, 4} {
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
