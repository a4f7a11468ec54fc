package wire

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// maxDecoded is the longest message that is decoded: text is several times as long.
const maxDecoded = 1 << 20

// Decode shows the fields of a message on one line, as far as they can be read. Bytes that are no text are hexadecimal.
func Decode(m Message) (text string) {
	switch {
	case m.Cut:
		return fmt.Sprintf("%s (not whole, %d bytes)", m.Name, m.Size)
	case len(m.Raw) > maxDecoded:
		return fmt.Sprintf("%s (%d bytes, too long to decode)", m.Name, m.Size)
	}
	target := decoder(m)
	if target == nil {
		return m.Name
	}
	defer func() {
		if recover() != nil { // a decoder that believes a count in the message
			text = m.Name + " (cannot be decoded)"
		}
	}()
	if err := target.Decode(clone(m.Body)); err != nil {
		return m.Name + " (cannot be decoded: " + err.Error() + ")"
	}
	b, err := json.Marshal(target)
	if err != nil {
		return m.Name
	}
	return m.Name + " " + fields(b)
}

// fields drops the type's name from the JSON of a message.
func fields(b []byte) string {
	text := strings.TrimSuffix(strings.TrimPrefix(string(b), "{"), "}")
	if strings.HasPrefix(text, `"Type":"`) {
		_, rest, _ := strings.Cut(text[len(`"Type":"`):], `"`)
		text = strings.TrimPrefix(rest, ",")
	}
	return text
}

// decoder returns what decodes a message, nil when there is nothing to decode or it is a secret.
func decoder(m Message) pgproto3.Message {
	switch m.Name {
	case "PasswordMessage", "Authentication", "BackendKeyData", "CancelRequest", "SSLRequest", "GSSENCRequest", "EncryptionResponse", "Encrypted":
		return nil
	case "StartupMessage":
		return &pgproto3.StartupMessage{}
	}
	if m.Direction == FromClient {
		return frontendDecoder(m.Type)
	}
	return backendDecoder(m.Type)
}

func frontendDecoder(t byte) pgproto3.Message {
	switch t {
	case 'B':
		return &pgproto3.Bind{}
	case 'C':
		return &pgproto3.Close{}
	case 'd':
		return &pgproto3.CopyData{}
	case 'f':
		return &pgproto3.CopyFail{}
	case 'D':
		return &pgproto3.Describe{}
	case 'E':
		return &pgproto3.Execute{}
	case 'P':
		return &pgproto3.Parse{}
	case 'Q':
		return &pgproto3.Query{}
	}
	return nil
}

func backendDecoder(t byte) pgproto3.Message {
	switch t {
	case 'C':
		return &pgproto3.CommandComplete{}
	case 'd':
		return &pgproto3.CopyData{}
	case 'G':
		return &pgproto3.CopyInResponse{}
	case 'H':
		return &pgproto3.CopyOutResponse{}
	case 'W':
		return &pgproto3.CopyBothResponse{}
	case 'D':
		return &pgproto3.DataRow{}
	case 'E':
		return &pgproto3.ErrorResponse{}
	case 'N':
		return &pgproto3.NoticeResponse{}
	case 'A':
		return &pgproto3.NotificationResponse{}
	case 't':
		return &pgproto3.ParameterDescription{}
	case 'S':
		return &pgproto3.ParameterStatus{}
	case 'Z':
		return &pgproto3.ReadyForQuery{}
	case 'T':
		return &pgproto3.RowDescription{}
	}
	return nil
}
