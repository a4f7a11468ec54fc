package wire

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/internal/wire/wiretest"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		b     []byte
		limit int
		want  string
	}{
		{nil, 0, ""},
		{[]byte("Z\x00\x00\x00\x05I"), 0, "<- 0000  5a 00 00 00 05 49                                 |Z....I|\n"},
		{bytes.Repeat([]byte{'a'}, 17), 0, "<- 0000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n<- 0010  61                                                |a|\n"},
		{bytes.Repeat([]byte{'a'}, 40), 1, "<- 0000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n<- … 24 more bytes\n"},
	} {
		if got := Format(test.b, "<-", test.limit); got != test.want {
			t.Errorf("%q:\n%s\nwant\n%s", test.b, got, test.want)
		}
	}
}

// TestSecretsInSQL: what stands for a password in SQL is hidden, and nothing else.
func TestSecretsInSQL(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`ALTER USER u PASSWORD 'se''cret', x`:                    `ALTER USER u PASSWORD '********', x`,
		`PASSWORD /* c */ E'se\'cret' VALID`:                     `PASSWORD /* c */ E'********' VALID`,
		`password $a$secret`:                                     `password $********`,
		`CONNECTION 'host=h password=secret dbname=d'`:           `CONNECTION 'host=h password=****** dbname=d'`,
		`dblink('postgresql://u:secret@h/d')`:                    `dblink('postgresql://u:******@h/d')`,
		`OPTIONS (user 'u', password 'secret')`:                  `OPTIONS (user 'u', password '******')`,
		`WHERE password = $1 AND x = $2`:                         `WHERE password = $1 AND x = $2`,
		`SELECT rolpassword, 'md5' FROM pg_authid`:               `SELECT rolpassword, 'md5' FROM pg_authid`,
		`'md5` + strings.Repeat("0", 32) + `'`:                   `'` + strings.Repeat("*", 35) + `'`,
		`SELECT 1::text, 'https://x/a:b', a.password, password;`: `SELECT 1::text, 'https://x/a:b', a.password, password;`,

		`CREATE SUBSCRIPTION s CONNECTION 'host=h password=''secret word''' PUBLICATION p`:    `CREATE SUBSCRIPTION s CONNECTION 'host=h password=''***********''' PUBLICATION p`,
		`dblink_connect('password=''secret word'' host=h')`:                                   `dblink_connect('password=''***********'' host=h')`,
		`dblink_connect('password = ''it\''s a word'' host=h')`:                               `dblink_connect('password = ''*************'' host=h')`,
		`dblink_connect(E'password=\'it\\\'s a word\' host=h')`:                               `dblink_connect(E'password=\'**************\' host=h')`,
		`EXECUTE 'SELECT dblink(''password=''''secret word'''' host=h'')'`:                    `EXECUTE 'SELECT dblink(''password=''''***********'''' host=h'')'`,
		`CONNECTION 'password=''secret wor`:                                                   `CONNECTION 'password=''**********`, // the beginning of a long message
		"WHERE password = '' AND x = 'y'\x00":                                                 "WHERE password = '' AND x = 'y'\x00",
		`CONNECTION 'host=h password = geheim'`:                                               `CONNECTION 'host=h password = ******'`,
		`WHERE u.password = p.password AND password = crypt($1, password)`:                    `WHERE u.password = p.password AND password = crypt($1, password)`,
		`UPDATE u SET password=$1,name=$2 WHERE password=$3`:                                  `UPDATE u SET password=$1,name=$2 WHERE password=$3`,
		`SET x.password=geheim; SELECT 1`:                                                     `SET x.password=******; SELECT 1`,
		`-- it's code, but who knows` + "\nWHERE password = geheim":                           `-- it's code, but who knows` + "\nWHERE password = ******",
		`'host=h password=ge$he,im dbname=d'`:                                                 `'host=h password=******** dbname=d'`,
		`'password=ge;h)e&i"m'`:                                                               `'password=**********'`,
		`'password=ge\ he\''i''m host=h'`:                                                     `'password=************* host=h'`,
		`'postgresql://u@h/d?sslmode=require&password=ge$he,im&user=x'`:                       `'postgresql://u@h/d?sslmode=require&password=********&user=x'`,
		`'postgresql://h/d?password=geheim'`:                                                  `'postgresql://h/d?password=******'`,
		`'host=h sslpassword=geheim sslkey=k'`:                                                `'host=h sslpassword=****** sslkey=k'`,
		`dblink('sslpassword=''secret word'' host=h')`:                                        `dblink('sslpassword=''***********'' host=h')`,
		`OPTIONS (sslpassword 'secret', sslkey 'k')`:                                          `OPTIONS (sslpassword '******', sslkey 'k')`,
		`'postgresql://h/d?sslpassword=geheim&oauth_client_secret=secret&sslkey=k'`:           `'postgresql://h/d?sslpassword=******&oauth_client_secret=******&sslkey=k'`,
		`'host=h scram_client_key=geheim scram_server_key=geheim'`:                            `'host=h scram_client_key=****** scram_server_key=******'`,
		`PASSWORD /* it's /* nested */ */ 'secret', 'x'`:                                      `PASSWORD /* it's /* nested */ */ '******', 'x'`,
		"PASSWORD -- it's one\n-- and another\n U&'secret'":                                   "PASSWORD -- it's one\n-- and another\n U&'******'",
		"PASSWORD -- it's one\n $$secret":                                                     "PASSWORD -- it's one\n $" + strings.Repeat("*", 7),
		`PASSWORD /* never closed 'x'`:                                                        `PASSWORD /* never closed 'x'`,
		`PASSWORD` + strings.Repeat("/**/", 100) + `'secret'`:                                 `PASSWORD` + strings.Repeat("/**/", 64) + strings.Repeat("*", 36*4+8),
		"PASSWORD 'geh'\n'eim' VALID UNTIL 'x'":                                               "PASSWORD '*********' VALID UNTIL 'x'",
		"PASSWORD 'ge' -- c\n\n  'he'\r\n'im'; SELECT 'x'":                                    "PASSWORD '" + strings.Repeat("*", 21) + "'; SELECT 'x'",
		"SELECT 'password /*'; ALTER ROLE u PASSWORD -- c\n 'geheim'; SELECT '*/ -- far' ;\n": "SELECT 'password /*'; ALTER ROLE u PASSWORD -- c\n '******'; SELECT '*/ -- far' ;\n",
		"PASSWORD -- c\r'geheim', 'x'":                                                        "PASSWORD -- c\r'******', 'x'",
		"PASSWORD 'ge' -- c\r'heim'; SELECT 'x'":                                              "PASSWORD '" + strings.Repeat("*", 14) + "'; SELECT 'x'",
		`OPTIONS (user 'u', "password" 'geheim', x 'y')`:                                      `OPTIONS (user 'u', "password" '******', x 'y')`,
		`OPTIONS ("sslpassword" /* c */ 'geheim')`:                                            `OPTIONS ("sslpassword" /* c */ '******')`,
		`connect(u => 'u', password => 'geheim', x => 1)`:                                     `connect(u => 'u', password =* '******', x => 1)`,
		`connect(password := 'geheim', x := 1)`:                                               `connect(password := '******', x := 1)`,
	} {
		b := []byte(sql)
		blankSQL(b, true)
		if string(b) != want {
			t.Errorf("%s\n%s\nwant\n%s", sql, b, want)
		}
		recognized := sql != want && !strings.HasPrefix(want, "'***")
		if got := HoldsBlanked(Message{Name: "Query", Body: b}); got != recognized {
			t.Errorf("%s: blanked: %v", b, got)
		}
	}
	for data, want := range map[string]string{ // of a subscription's row
		"\x00\x01host=h password = ge$he,im":     "\x00\x01host=h password = ********",
		"host=h password='secret word' dbname=d": "host=h password='***********' dbname=d",
	} {
		b := []byte(data)
		if blankSQL(b, false); string(b) != want {
			t.Errorf("%q\n%q\nwant\n%q", data, b, want)
		}
	}
}

// TestManySecrets: the time for a long message grows with its length, whatever is in it; otherwise this does not end.
func TestManySecrets(t *testing.T) {
	t.Parallel()
	const long, short = 1 << 20, 1 << 17
	for part, length := range map[string]int{
		"password/* md5" + strings.Repeat("0", 32) + " ": long, "password/*": short, "password--": short, "-- password\n": short, "password=''": short, "password=\\'": short,
		"password 'x'\n": short, "://a:b": short, "password=\\''": short, "/* password ": short, "sslpassword = ": short, "password $": short, "password/**/'": short,
	} {
		body := []byte(strings.Repeat(part, length/len(part)))
		size := len(body)
		if blankSQL(body, true); len(body) != size {
			t.Errorf("%q: %d bytes became %d", part, size, len(body))
		}
	}
}

// FuzzSecrets: what is blanked stays blanked, and has its length.
func FuzzSecrets(f *testing.F) {
	f.Add("ALTER ROLE u PASSWORD /* c */ 'secret'", true)
	f.Add("host=h password='secret word' dbname=d", false)
	f.Fuzz(func(t *testing.T, text string, sql bool) {
		body := []byte(text)
		blankSQL(body, sql)
		if len(body) != len(text) {
			t.Errorf("%d bytes became %d", len(text), len(body))
		}
		for i := range body {
			if body[i] != text[i] && body[i] != blanked {
				t.Fatalf("%q became %q", text, body)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	client := wiretest.Encode(f, &pgproto3.SSLRequest{}, &pgproto3.StartupMessage{ProtocolVersion: 196608, Parameters: map[string]string{"user": "u"}}, &pgproto3.Query{String: "SELECT 42"})
	server := append([]byte{'N'}, wiretest.Encode(f, &pgproto3.AuthenticationOk{}, &pgproto3.ReadyForQuery{TxStatus: 'I'})...)
	f.Add(client, server, false)
	f.Add([]byte("B\x00\x00\x00\x06\xff\xff"), []byte("D\x00\x00\x00\x06\xff\xffT\x00\x00\x00\x06\xff\xff"), true)
	f.Fuzz(func(t *testing.T, client, server []byte, started bool) {
		s := NewSplitter(started)
		s.Limit = 1 << 10
		total := 0
		for _, m := range slices.Concat(s.Add(FromClient, client), s.Add(FromServer, server), s.Rest()) {
			total += len(m.Raw) + m.Dropped
			_ = Decode(m)
			_ = Format(m.Raw, m.Direction.Mark(), 3)
		}
		if total != len(client)+len(server) {
			t.Errorf("%d bytes became %d", len(client)+len(server), total)
		}
	})
}
