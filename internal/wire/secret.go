package wire

import (
	"bytes"
	"encoding/binary"
	"regexp"
)

// blanked stands for each byte of a secret.
const blanked = '*'

// Fill writes asterisks over bytes.
func Fill(b []byte) {
	for i := range b {
		b[i] = blanked
	}
}

// Blank hides, as far as it can tell, what could open a door: passwords and everything of SCRAM (proofs can be tried
// against a list of words), keys for cancelling, passwords in SQL and in the startup packet. What a client says and
// nobody can name is hidden too.
func Blank(m *Message) {
	switch m.Name {
	case "PasswordMessage":
		Fill(m.Body)
	case "BackendKeyData":
		Fill(m.Body[min(4, len(m.Body)):])
	case "CancelRequest":
		Fill(m.Body[min(8, len(m.Body)):])
	case "Authentication":
		blankAuthentication(m.Body)
	case "StartupMessage":
		blankParameter(m.Body)
	case "Query", "Parse", "ErrorResponse", "NoticeResponse", "Bind", "DataRow", "CopyData", "NotificationResponse", "FunctionCall":
		blankSQL(m.Body, isSQL(m))
	case "?":
		if m.Direction == FromClient {
			Fill(m.Raw[min(5, len(m.Raw)):])
		} else {
			blankSQL(m.Raw, false)
		}
	}
}

// blankAuthentication hides salts and the server's part of SASL, but not the names of the mechanisms.
func blankAuthentication(body []byte) {
	const sasl = 10
	if len(body) > 4 && binary.BigEndian.Uint32(body) != sasl {
		Fill(body[4:])
	}
}

// blankParameter hides a password that a client sends as a parameter.
func blankParameter(body []byte) {
	if at := bytes.Index(body, []byte("password\x00")); at >= 0 {
		value := body[at+len("password\x00"):]
		if end := bytes.IndexByte(value, 0); end >= 0 {
			Fill(value[:end])
		} else {
			Fill(value)
		}
	}
}

// secretWords are the parameters of a connection that are secrets
// (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
const secretWords = `(?:(?:ssl)?password|oauth_client_secret|scram_(?:client|server)_key)`

// literal is a literal of SQL with those that continue it; one that is not closed, and any that a dollar begins, goes
// to the end. The last is a blanked one of those.
const literal = `'(?:[^'\\]|''|\\.)*'?(?:\s*(?:--[^\n\r']*)?[\n\r](?:\s|--[^\n\r']*[\n\r])*'(?:[^'\\]|''|\\.)*'?)*|\$(?:[^$\s\d][^$\s]*)?\$.*|\$\*+`

// secretSQL finds what is quoted: the password of a connection string in a literal, with quotes that are doubled or, in
// E'…', escaped; a literal after PASSWORD, also as a quoted name or with =, := or => (OPTIONS, arguments of functions);
// also the password before the host of a URI, and verifiers of SCRAM and of md5.
var secretSQL = regexp.MustCompile(`(?is)\b` + secretWords + `\s*=\s*(?:(?:'')+((?:[^'\\\x00]|\\+(?:'')?)*)(?:''|\z)` +
	`|\\'((?:[^'\\\x00]|\\[^'\\]|\\\\(?:\\\\|\\'|'')?)*))` +
	`|\b` + secretWords + `"?[\s=:>]*(?:U&|E|N|)(?P<literal>` + literal + `)` +
	`|://[^\s:/@']*:([^\s@'/]+)@|(SCRAM-SHA-256\$[^'"\x00\s]+)|(\bmd5[0-9a-f]{32}\b)`)

// commented finds where a comment comes before the literal, which can be long, and be in one that is not closed.
var commented = regexp.MustCompile(`(?i)\b` + secretWords + `"?[\s=:>]*(?:--|/\*)`)

// literalHere is a literal that begins the text.
var literalHere = regexp.MustCompile(`(?is)^(?:U&|E|N|)(` + literal + `)`)

// bareSecret finds what is not quoted: the value of a URI's parameter, which ends at &, and that of a connection
// string, which ends at white space or the quote of the literal around it; a doubled quote and what follows a backslash
// belong to it.
var bareSecret = regexp.MustCompile(`(?is)[?&]` + secretWords + `=([^\s'"&\x00]+)` +
	`|\b` + secretWords + `\s*=\s*(?P<bare>(?:[^\s'\\\x00]|\\+(?:''|[^'\\\x00]))(?:[^\s'\\\x00]|''|\\+(?:''|[^\\\x00])?)*)`)

var literalGroup, bareGroup = secretSQL.SubexpIndex("literal"), bareSecret.SubexpIndex("bare")

// blankSQL hides secrets in SQL, or in what may have any form.
func blankSQL(body []byte, sql bool) {
	secretsIn(body, sql, func(secret []byte) bool {
		Fill(secret)
		return true
	})
}

// secretsIn calls each with the secrets in SQL, or in what may have any form, until it returns false. It finds them
// again when they are blanked.
func secretsIn(body []byte, sql bool, each func(secret []byte) bool) {
	if !suspicious(body) {
		return
	}
	for _, at := range secretSQL.FindAllSubmatchIndex(body, -1) {
		group, secret := theGroup(body, at)
		if group == literalGroup {
			secret = unquoted(secret)
		}
		if !each(secret) {
			return
		}
	}
	if !afterComments(body, each) {
		return
	}
	code := sqlCode{body: body}
	for _, at := range bareSecret.FindAllSubmatchIndex(body, -1) {
		group, secret := theGroup(body, at)
		if from := at[2*group]; sql && group == bareGroup && code.at(from) {
			if body[from-1] != '=' {
				continue // a comparison
			}
			if end := bytes.IndexAny(secret, `"$;,)&`); end >= 0 {
				secret = secret[:end] // no parameter, and not what follows an expression
			}
		}
		if !each(secret) {
			return
		}
	}
}

// unquoted returns what is in a literal.
func unquoted(literal []byte) []byte {
	if len(literal) > 1 {
		return bytes.TrimSuffix(literal[1:], []byte("'"))
	}
	return literal
}

// afterComments calls each with the literals that comments part from PASSWORD. It reports whether each wants more.
func afterComments(body []byte, each func(secret []byte) bool) bool {
	c := comments{body: body}
	seen := map[int]bool{}
	for _, at := range commented.FindAllIndex(body, -1) {
		next, ok := c.skip(at[1] - len("--"))
		if !ok {
			return each(body[next:])
		}
		if seen[next] {
			continue
		}
		seen[next] = true
		if found := literalHere.FindSubmatch(body[next:]); found != nil && !each(unquoted(found[1])) {
			return false
		}
	}
	return true
}

// theGroup returns the only group that a match has.
func theGroup(body []byte, at []int) (int, []byte) {
	group := 1
	for at[2*group] < 0 {
		group++
	}
	return group, body[at[2*group]:at[2*group+1]]
}

// suspicious tells quickly that there may be something for secretSQL, which is slow.
func suspicious(body []byte) bool {
	for i, c := range body {
		word := ""
		switch c {
		case 'p', 'P':
			word = "password"
		case 'o', 'O':
			word = "oauth_client_secret"
		case 's', 'S':
			word = "scram" // SCRAM-SHA-256$, scram_client_key
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

// HoldsBlanked reports whether there are asterisks in the place of a password in the message.
func HoldsBlanked(m Message) bool {
	switch m.Name {
	case "Query", "Parse", "Bind", "CopyData", "FunctionCall":
	default:
		return false
	}
	holds := false
	secretsIn(m.Body, isSQL(&m), func(secret []byte) bool {
		holds = onlyBlanked(secret)
		return !holds
	})
	return holds
}

// onlyBlanked reports whether a secret is asterisks and nothing else.
func onlyBlanked(secret []byte) bool {
	return len(secret) > 0 && len(bytes.Trim(secret, string(blanked))) == 0
}
