package pgclient

import "testing"

func TestParseKeywords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":           "",
		"dbname=x":   "dbname='x' ",
		"dbname = x": "dbname='x' ",
		`user='it\'s' password=a\ b\\c host=/tmp`: `host='/tmp' password='a b\\c' user='it\'s' `,
		"postgres:///x": "dbname='x' ",
		"postgresql://bob:a%20b@h:5433/shop?sslmode=require&application_name=me": "application_name='me' dbname='shop' host='h' password='a b' port='5433' sslmode='require' user='bob' ",
		"postgres://h/x":                 "dbname='x' host='h' ",
		"postgres:///x?host=/tmp&port=1": "dbname='x' host='/tmp' port='1' ",
		"postgres://u@/x":                "dbname='x' user='u' ",
		"postgres://[::1]:5433/":         "host='::1' port='5433' ",
		"postgres://a,b:2/x":             "dbname='x' host='a,b' port=',2' ",
	} {
		got, err := ParseKeywords(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %q, error %v, want %q", text, got.String(), err, want)
		}
		again, err := ParseKeywords(got.String())
		if err != nil || again.String() != want {
			t.Errorf("%q again: got %q, error %v", want, again.String(), err)
		}
	}
	for _, text := range []string{"user='x", "nonsense", "postgres://h:x/", "postgres://%zz/", "search_path=x", "postgres:///?nonsense=1", "requirepeer=me", "gssencmode=require"} {
		if got, err := ParseKeywords(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// A password goes to no other server and to no other user than the one that it was given for.
func TestKeywordsKeepPasswords(t *testing.T) {
	t.Parallel()
	before := Keywords{"host": "h", "port": "1", "user": "u", "password": "secret", "sslmode": "require"}
	for _, c := range []struct {
		given Keywords
		kept  bool
	}{
		{Keywords{}, true},
		{Keywords{"dbname": "other"}, true},
		{Keywords{"user": "u", "host": "h", "port": "1"}, true},
		{Keywords{"user": "v"}, false},
		{Keywords{"host": "i"}, false},
		{Keywords{"hostaddr": "::1"}, false},
		{Keywords{"service": "s"}, false},
		{Keywords{"port": "2"}, false},
	} {
		got := c.given.Over(before)
		if _, kept := got["password"]; kept != c.kept || got["sslmode"] != "require" {
			t.Errorf("%v: got %v", c.given, got)
		}
	}
	at := Keywords{"host": "h", "hostaddr": "::1"}
	if got := (Keywords{"host": "i"}).Over(at).String() + (Keywords{"hostaddr": "::2"}).Over(at).String(); got != "host='i' hostaddr='::2' " {
		t.Errorf("the address of another server is kept: %s", got)
	}
	if before["password"] != "secret" {
		t.Error("what was before has changed")
	}
	if got := (Keywords{"host": "i", "password": "new"}).Over(before); got["password"] != "new" {
		t.Errorf("got %v", got)
	}
}

func FuzzParseKeywords(f *testing.F) {
	for _, seed := range []string{"dbname=x user='a b'", `user='\''`, "postgres://u:p@h:1,i:2/d?x=y", "=", "user=b'c d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKeywords(text)
		if err != nil {
			return
		}
		again, err := ParseKeywords(k.String())
		if err == nil && again.String() != k.String() {
			t.Fatalf("%q became %q", k.String(), again.String())
		}
	})
}
