package cmd

import "testing"

func TestParseMemory(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{"512MB": 512 << 20, "512 MB": 512 << 20, "1gb": 1 << 30, "2GB": 2 << 30, "65536kB": 64 << 20} {
		if got, err := parseMemory(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "512", "MB", "-1GB", "1.5GB", "512B", "512M", "512MBMB", "3GB", "2GBB", "31MB", "99999999999GB", "4294967295GB", "plenty", "1TB", "x512MB"} {
		if got, err := parseMemory(text); err == nil {
			t.Errorf("%q was taken for %d bytes", text, got)
		}
	}
}
