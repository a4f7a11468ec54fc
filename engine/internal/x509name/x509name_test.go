package x509name

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// der encodes a name of attributes with values of any kind.
func der(t *testing.T, sets ...pkix.RelativeDistinguishedNameSET) []byte {
	t.Helper()
	b, err := asn1.Marshal(pkix.RDNSequence(sets))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func set(pairs ...any) pkix.RelativeDistinguishedNameSET {
	var s pkix.RelativeDistinguishedNameSET
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, pkix.AttributeTypeAndValue{Type: pairs[i].(asn1.ObjectIdentifier), Value: pairs[i+1]})
	}
	return s
}

var (
	country  = asn1.ObjectIdentifier{2, 5, 4, 6}
	common   = asn1.ObjectIdentifier{2, 5, 4, 3}
	unit     = asn1.ObjectIdentifier{2, 5, 4, 11}
	own      = asn1.ObjectIdentifier{1, 2, 3, 4}
	bmp      = func(s string) asn1.RawValue { return raw(asn1.TagBMPString, "\x00"+s) }
	teletext = func(s string) asn1.RawValue { return raw(asn1.TagT61String, s) }
)

func raw(tag int, s string) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: tag, Bytes: []byte(s)}
}

// TestForms: as openssl x509 -nameopt RFC2253 and PostgreSQL's pg_stat_ssl write them.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                     []byte
		rfc2253, slashes, common string
	}{
		{der(t), "", "", ""},
		{der(t, set(country, "DE"), set(common, "alice")), "CN=alice,C=DE", "/C=DE/CN=alice", "alice"},
		{der(t, set(common, "first"), set(common, "second")), "CN=second,CN=first", "/CN=first/CN=second", "first"},
		{der(t, set(unit, "Ö, \"x\"")), `OU=\C3\96\, \"x\"`, `/OU=Ö\, \"x\"`, ""},
		{der(t, set(unit, " #a# ")), `OU=\ #a#\ `, `/OU=\ #a#\ `, ""},
		{der(t, set(unit, "#a\n")), `OU=\#a\0A`, `/OU=\#a\0A`, ""},
		{der(t, set(common, bmp("b"))), "CN=b", "/CN=b", "b"},
		{der(t, set(common, teletext("\xd6"))), `CN=\C3\96`, "/CN=Ö", "Ö"},
		{der(t, set(own, "x")), "1.2.3.4=#130178", "/1.2.3.4=x", ""},
		{der(t, set(common, 5)), "CN=#020105", "/CN=#020105", ""},
	} {
		n, err := Parse(test.name)
		if err != nil {
			t.Errorf("%s: %v", test.slashes, err)
			continue
		}
		if got := n.RFC2253(); got != test.rfc2253 {
			t.Errorf("RFC 2253: %q, want %q", got, test.rfc2253)
		}
		if got := n.Slashes(); got != test.slashes {
			t.Errorf("slashes: %q, want %q", got, test.slashes)
		}
		if got, _ := n.CommonName(); got != test.common {
			t.Errorf("common name: %q, want %q", got, test.common)
		}
	}
}

// FuzzParse: a stranger's certificate may hold anything.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x30, 0})
	f.Add([]byte{0x30, 3, 0x31, 1, 0x30})
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Parse(b)
		if err != nil {
			return
		}
		_, _ = n.CommonName()
		_, _ = n.RFC2253(), n.Slashes()
	})
}
