package pgclient

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Keywords are the parameters of a connection by libpq's names
// (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
type Keywords map[string]string

// errNoEquals does not repeat what is there, which may be a part of a password.
var errNoEquals = errors.New(`missing "=" in connection info string; a value with spaces needs single quotes`)

// ParseKeywords reads a connection string of either form.
func ParseKeywords(text string) (Keywords, error) {
	if IsURI(text) {
		k, err := uriKeywords(text)
		if err == nil {
			err = k.check()
		}
		return k, err
	}
	if scheme, _, found := strings.Cut(text, "://"); found && !strings.ContainsAny(scheme, "= ") {
		return nil, errors.New("a connection URI begins with postgresql:// or postgres://")
	}
	k := Keywords{}
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v")
		if text == "" {
			return k, k.check()
		}
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return nil, errNoEquals
		}
		if name = strings.TrimSpace(name); strings.ContainsAny(name, " \t\r\n\f\v") {
			return nil, errNoEquals
		}
		value, after, err := keywordValue(strings.TrimLeft(rest, " \t\r\n\f\v"))
		if err != nil {
			return nil, err
		}
		k[name] = value
		text = after
	}
}

// What libpq 18 knows, by what becomes of it here.
var (
	// handled are known to pgx, or read in this package, or parameters that the server is sent.
	handled = []string{
		"service", "servicefile", "user", "password", "passfile", "channel_binding", "connect_timeout", "dbname", "host", "hostaddr", "port",
		"client_encoding", "options", "application_name", "sslmode", "sslnegotiation", "sslcert", "sslkey", "sslcertmode", "sslpassword",
		"sslrootcert", "sslsni", "require_auth", "min_protocol_version", "max_protocol_version", "krbsrvname", "target_session_attrs",
	}
	// needless only make a connection faster, or are defaults for what is always given here.
	needless = []string{
		"fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"sslcompression", "gsslib", "gssdelegation", "gssencmode", "load_balance_hosts",
	}
	// missing are promises, which must not be dropped.
	missing = []string{
		"sslcrl", "sslcrldir", "requirepeer", "ssl_min_protocol_version", "ssl_max_protocol_version", "replication", "scram_client_key",
		"scram_server_key", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "sslkeylogfile",
	}
)

// check refuses what libpq does not know, and what is not implemented.
func (k Keywords) check() error {
	for _, name := range slices.Sorted(maps.Keys(k)) {
		switch {
		case slices.Contains(handled, name), slices.Contains(needless, name) && k[name] != "require":
		case slices.Contains(missing, name), slices.Contains(needless, name):
			return fmt.Errorf("connection option %q is not supported here: use psql of another installation for it", name)
		default:
			return fmt.Errorf("invalid connection option %q", name)
		}
	}
	return nil
}

// IsConnectionString reports whether the name of a database is a connection string, by libpq's rule.
func IsConnectionString(name string) bool { return IsURI(name) || strings.Contains(name, "=") }

// IsURI reports whether text is a connection URI.
func IsURI(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// keywordValue reads a value, in quotes or up to white space, in which a backslash escapes, and returns what follows
// it.
func keywordValue(text string) (value, rest string, err error) {
	quoted := strings.HasPrefix(text, "'")
	if quoted {
		text = text[1:]
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case quoted && c == '\'':
			return b.String(), text[i+1:], nil
		case !quoted && strings.IndexByte(" \t\r\n\f\v", c) >= 0:
			return b.String(), text[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return "", "", errors.New("unterminated quoted string in connection info string")
	}
	return b.String(), "", nil
}

// uriKeywords reads a URI.
func uriKeywords(text string) (Keywords, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, uriError(err)
	}
	k := Keywords{}
	for name, values := range u.Query() {
		k[name] = values[len(values)-1]
	}
	if u.User != nil {
		k["user"] = u.User.Username()
		if password, given := u.User.Password(); given {
			k["password"] = password
		}
	}
	if u.Host != "" {
		k.addHosts(u.Host)
	}
	if name := strings.TrimPrefix(u.Path, "/"); name != "" {
		k["dbname"] = name
	}
	maps.DeleteFunc(k, func(_, value string) bool { return value == "" })
	return k, nil
}

// uriError says what is wrong with a URI. The error of package url repeats the password.
func uriError(err error) error {
	switch {
	case strings.Contains(err.Error(), "invalid port"):
		return errors.New("invalid port in the connection URI")
	case errors.As(err, new(url.EscapeError)):
		return errors.New("invalid percent-encoding in the connection URI")
	}
	return errors.New("the connection URI cannot be read")
}

// addHosts adds HOST[:PORT][,HOST[:PORT]…].
func (k Keywords) addHosts(text string) {
	var hosts, ports []string
	for place := range strings.SplitSeq(text, ",") {
		host, port, err := net.SplitHostPort(place)
		if err != nil {
			host, port = strings.Trim(place, "[]"), ""
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	k["host"] = strings.Join(hosts, ",")
	if strings.Join(ports, "") != "" {
		k["port"] = strings.Join(ports, ",")
	}
}

// String returns the connection string.
func (k Keywords) String() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(k)) {
		fmt.Fprintf(&text, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(k[name]))
	}
	return text.String()
}

// Elsewhere reports whether a server is named, which is then not the session's own cluster.
func (k Keywords) Elsewhere() bool {
	return k["host"] != "" || k["hostaddr"] != "" || k["service"] != "" || k["port"] != ""
}

// Parameters returns the server's parameters among them.
func (k Keywords) Parameters() map[string]string {
	parameters := map[string]string{}
	for _, name := range []string{"options", "application_name", "client_encoding"} {
		if value := k[name]; value != "" {
			parameters[name] = value
		}
	}
	return parameters
}

// Over returns the parameters with those of before where they name none. The password goes with the server and the user
// that it is for.
func (k Keywords) Over(before Keywords) Keywords {
	all := maps.Clone(before)
	if all == nil {
		all = Keywords{}
	}
	for _, name := range []string{"user", "host", "hostaddr", "port", "service"} {
		if value, given := k[name]; given && value != all[name] {
			delete(all, "password")
			switch name { // the other one is of another server
			case "host":
				delete(all, "hostaddr")
			case "hostaddr":
				delete(all, "host")
			}
		}
	}
	maps.Copy(all, k)
	return all
}
