package cmd

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// keywords are the parameters of a connection by libpq's names
// (https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
type keywords map[string]string

// parseKeywords reads a connection string of either form.
func parseKeywords(text string) (keywords, error) {
	if _, err := pgconn.ParseConfig(text); err != nil {
		return nil, err
	}
	if isURI(text) {
		return uriKeywords(text)
	}
	k := keywords{}
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v")
		if text == "" {
			return k, nil
		}
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return nil, fmt.Errorf("missing \"=\" after %q in connection info string", text)
		}
		value, after, err := keywordValue(strings.TrimLeft(rest, " \t\r\n\f\v"))
		if err != nil {
			return nil, err
		}
		k[strings.TrimSpace(name)] = value
		text = after
	}
}

// isConnectionString reports whether the name of a database is a connection string, by libpq's rule.
func isConnectionString(name string) bool { return isURI(name) || strings.Contains(name, "=") }

func isURI(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// keywordValue reads a value, in quotes or up to white space, in which a backslash escapes, and returns what follows it.
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
func uriKeywords(text string) (keywords, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the connection URI cannot be read") // its own error repeats the password
	}
	k := keywords{}
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

// addHosts adds HOST[:PORT][,HOST[:PORT]…].
func (k keywords) addHosts(text string) {
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
func (k keywords) String() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(k)) {
		fmt.Fprintf(&text, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(k[name]))
	}
	return text.String()
}

// elsewhere reports whether a server is named, which is then not the session's own cluster.
func (k keywords) elsewhere() bool {
	return k["host"] != "" || k["hostaddr"] != "" || k["service"] != "" || k["port"] != ""
}

// over returns the parameters with those of before where they name none. The password goes with the server and the user that it is for.
func (k keywords) over(before keywords) keywords {
	all := maps.Clone(before)
	if all == nil {
		all = keywords{}
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
