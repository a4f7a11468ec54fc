package pgclient

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/unicode/norm"
)

// prepared returns a password as PostgreSQL and libpq prepare it for SCRAM (RFC 4013): without characters that are
// mapped to nothing, in Unicode's form NFKC. pgx prepares it by RFC 8265, whose form is NFC, so the two differ for
// ligatures, full-width letters and others.
func prepared(password string) string {
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		if mappedToNothing(r) {
			return -1
		}
		return r
	}, password))
}

// mappedToNothing reports whether a character is in table B.1 of RFC 3454.
func mappedToNothing(r rune) bool {
	switch {
	case r == 0x00AD, r == 0x034F, r == 0x1806, r == 0x2060, r == 0xFEFF:
		return true
	case r >= 0x180B && r <= 0x180D, r >= 0x200B && r <= 0x200D, r >= 0xFE00 && r <= 0xFE0F:
		return true
	}
	return false
}

// refusedPassword reports whether a server has refused a connection because of its password.
func refusedPassword(err error) bool {
	const invalidPassword = "28P01"
	server := (*pgconn.PgError)(nil)
	return errors.As(err, &server) && server.Code == invalidPassword
}
