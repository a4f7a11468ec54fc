package pgclient

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestHostAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hostaddr=::1":                          "::1 ::1 name=::1",
		"host=h hostaddr=127.0.0.9":             "h 127.0.0.9 name=h",
		"host=/tmp hostaddr=127.0.0.9":          "127.0.0.9 127.0.0.9 name=127.0.0.9",
		"host=h,i hostaddr=127.0.0.9,127.0.0.8": "h 127.0.0.9 name=h i 127.0.0.8 name=i",
		"host=h,h hostaddr=127.0.0.9,127.0.0.8": "h 127.0.0.9 127.0.0.8 name=h h 127.0.0.9 127.0.0.8 name=h",
		"postgres://h/?hostaddr=127.0.0.9":      "h 127.0.0.9 name=h",
		"host=127.0.0.7,h hostaddr=,127.0.0.9":  "127.0.0.7 127.0.0.7 name=127.0.0.7 h 127.0.0.9 name=h",
	} {
		k, err := ParseKeywords(text)
		if err != nil {
			t.Fatal(err)
		}
		k["sslmode"] = "verify-full"
		config, err := Remote(k)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		add := func(host, name string) {
			addresses, err := config.LookupFunc(t.Context(), host)
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			got = slices.Concat(got, []string{host}, addresses, []string{"name=" + name})
		}
		add(config.Host, config.TLSConfig.ServerName)
		for _, other := range config.Fallbacks {
			add(other.Host, other.TLSConfig.ServerName)
		}
		if strings.Join(got, " ") != want || config.RuntimeParams["hostaddr"] != "" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	services := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(services, []byte("[there]\nhostaddr=127.0.0.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]Keywords{
		`could not parse network address "localhost"`:     {"hostaddr": "localhost"},
		"could not match 2 host names to 1 hostaddr":      {"hostaddr": "::1", "host": "a,b"},
		"hostaddr in the file of services is not support": {"service": "there", "servicefile": services},
	} {
		if _, err := Remote(k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", k, err)
		}
	}
}
