// Package x509name writes the names in X.509 certificates the way OpenSSL does, which is what PostgreSQL shows and
// compares.
package x509name

import (
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// Name is a distinguished name, its parts in the certificate's order.
type Name []rdnSET

// rdnSET is a part of a name, which most often has one attribute. The suffix SET is what package asn1 knows a set by.
type rdnSET []attribute

type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// Parse reads a name in DER.
func Parse(der []byte) (Name, error) {
	var n Name
	rest, err := asn1.Unmarshal(der, &n)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes after its end", len(rest))
	}
	if err != nil {
		return nil, fmt.Errorf("a certificate's name: %w", err)
	}
	return n, nil
}

// CommonName returns the first common name, as X509_NAME_get_text_by_NID does; ok is false when there is none.
func (n Name) CommonName() (name string, ok bool) {
	for _, set := range n {
		for _, a := range set {
			if shortNames[a.Type.String()] == "CN" {
				text, _ := a.text()
				return text, true
			}
		}
	}
	return "", false
}

// RFC2253 returns the form of XN_FLAG_RFC2253: the last part first, with commas between, and bytes beyond ASCII
// escaped.
func (n Name) RFC2253() string {
	parts := make([]string, 0, len(n))
	for _, set := range slices.Backward(n) {
		var attributes []string
		for _, a := range slices.Backward(set) {
			attributes = append(attributes, a.name()+"="+a.escaped(true))
		}
		parts = append(parts, strings.Join(attributes, "+"))
	}
	return strings.Join(parts, ",")
}

// Slashes returns the form of pg_stat_ssl: /C=…/CN=….
func (n Name) Slashes() string {
	var b strings.Builder
	for _, set := range n {
		for _, a := range set {
			b.WriteString("/" + a.name() + "=" + a.escaped(false))
		}
	}
	return b.String()
}

// shortNames are OpenSSL's for the attributes that occur in practice.
var shortNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9":  "street",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description", "2.5.4.15": "businessCategory",
	"2.5.4.17": "postalCode", "2.5.4.42": "GN", "2.5.4.43": "initials", "2.5.4.46": "dnQualifier",
	"2.5.4.65": "pseudonym",
	"2.5.4.97": "organizationIdentifier", "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.1": "UID",
	"0.9.2342.19200300.100.1.25": "DC",
}

func (a attribute) name() string {
	if name, ok := shortNames[a.Type.String()]; ok {
		return name
	}
	return a.Type.String()
}

// text returns the value as UTF-8; ok is false for a value that is no string.
func (a attribute) text() (text string, ok bool) {
	b := a.Value.Bytes
	if a.Value.Class != asn1.ClassUniversal {
		return "", false
	}
	switch a.Value.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString:
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	case asn1.TagT61String: // taken for Latin-1, as everybody does
		runes := make([]rune, len(b))
		for i, c := range b {
			runes[i] = rune(c)
		}
		return string(runes), true
	case asn1.TagBMPString:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		return string(utf16.Decode(units)), true
	}
	return "", false
}

// escaped returns the value as RFC 2253 writes it; beyond reports whether bytes beyond ASCII are escaped as well.
func (a attribute) escaped(beyond bool) string {
	text, ok := a.text()
	if _, known := shortNames[a.Type.String()]; !ok || !known && beyond {
		return "#" + strings.ToUpper(hex.EncodeToString(a.Value.FullBytes))
	}
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		edge := c == ' ' && (i == 0 || i == len(text)-1) || c == '#' && i == 0
		switch {
		case edge || strings.IndexByte(`,+"\<>;`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c == 0x7f || c >= 0x80 && beyond:
			fmt.Fprintf(&b, `\%02X`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
