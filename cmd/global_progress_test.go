package cmd

import (
	"slices"
	"testing"
)

func TestOnceFirst(t *testing.T) {
	t.Parallel()
	var told []string
	progress := onceFirst(func(text string) { told = append(told, text) })
	for _, text := range []string{"loading postgres", "unpacking PostgreSQL (only the first time)", "compiling psql for this machine (only the first time)"} {
		progress(text)
	}
	if want := []string{"unpacking PostgreSQL (only the first time)"}; !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}
