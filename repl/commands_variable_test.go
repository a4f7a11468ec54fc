package repl

import (
	"bufio"
	"bytes"
	"testing"
)

// TestNewDefaults checks that a session of nothing but a connection can be used.
func TestNewDefaults(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := New(Connection{Database: "shop"}, Config{Out: bufio.NewWriter(&out), Variables: Variables{"QUIET": "on", "VERBOSITY": "terse"}})
	if !s.Quiet || s.Variables["DBNAME"] != "shop" || s.Variables["PROMPT3"] != ">> " || s.Options.Format == "" {
		t.Errorf("%+v", s.Config)
	}
	s = New(Connection{}, Config{})
	s.Message("to nobody")
	if err := s.Command(t.Context(), `\echo to nobody`); err != nil {
		t.Error(err)
	}
}
