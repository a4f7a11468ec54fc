package install

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestTimeZoneNames(t *testing.T) {
	runtime := testRuntime(t)
	t.Setenv("TZ", "Europe/Berlin")
	for asked, want := range map[string]string{
		"": "Europe/Berlin", "America/New_York": "America/New_York", ":Asia/Tokyo": "Asia/Tokyo", "UTC": "UTC", "EST5EDT": "EST5EDT",
	} {
		if got := TimeZone(runtime, asked); got != want {
			t.Errorf("TZ=%s: %q", asked, got)
		}
	}
	for _, bad := range []string{"Mars/Olympus", "../../manifest.json", "/etc/localtime", "Europe", ".", "a'b"} {
		if got := TimeZone(runtime, bad); got == bad {
			t.Errorf("TZ=%s is taken", bad)
		}
	}
}

// TestTimeZone: the template and the real initdb write the same two lines.
func TestTimeZone(t *testing.T) {
	t.Parallel()
	runtime := testRuntime(t)
	line := regexp.MustCompile(`(?m)^(log_timezone|timezone) = (\S+)`)
	for name, initdb := range map[string][]string{"template": nil, "initdb": {"--no-sync"}} {
		if initdb != nil && testing.Short() {
			continue
		}
		data := filepath.Join(t.TempDir(), "data")
		o := Options{RuntimeOptions: RuntimeOptions{Source: runtime}, Initdb: initdb, TimeZone: "Europe/Berlin"}
		if _, err := InitWith(t.Context(), Paths{Data: data}, o); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(data, "postgresql.conf"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range line.FindAllStringSubmatch(string(b), -1) {
			got = append(got, m[1]+" "+m[2])
		}
		if want := []string{"log_timezone 'Europe/Berlin'", "timezone 'Europe/Berlin'"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
