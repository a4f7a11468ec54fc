package repl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pglite-toolbox/pglite/repl/lex"
)

// TestCopyTagElsewhere prints the command tag of a COPY whose data went to a file, and none among data.
func TestCopyTagElsewhere(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		`COPY t TO STDOUT \g out.txt`:                      "COPY 1\n",
		`\copy t to out.txt`:                               "COPY 1\n",
		`COPY t TO STDOUT;`:                                "data\n",
		"\\pset format html\nCOPY t TO STDOUT \\g out.txt": "Output format is html.\n<p>COPY 1</p>\n",
		"\\set QUIET on\n\\copy t to out.txt":              "",
	} {
		dir := t.TempDir()
		stdout, stderr, err := played(t, func(f *fakeServer) error {
			if _, err := expect[*pgproto3.Query](f); err != nil {
				return err
			}
			return f.say(
				&pgproto3.CopyOutResponse{}, &pgproto3.CopyData{Data: []byte("data\n")}, &pgproto3.CopyDone{}, tag("COPY 1"), ready,
			)
		}, func(s *Session) error {
			s.Streams.Dir = dir
			return s.Script(t.Context(), lex.NewInput(strings.NewReader(command+"\n")), "")
		})
		if err != nil || stdout != want || stderr != "" {
			t.Errorf("%s: got %q, %q, error %v", command, stdout, stderr, err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "out.txt"))
		if elsewhere := strings.Contains(command, "out.txt"); elsewhere && string(data) != "data\n" || elsewhere != (err == nil) {
			t.Errorf("%s: the file holds %q, error %v", command, data, err)
		}
	}
}

// TestCopyFromInPipeline ends the connection when a COPY … FROM STDIN in a pipeline waits for data, and runs none of the
// data.
func TestCopyFromInPipeline(t *testing.T) {
	t.Parallel()
	for _, copying := range []string{"COPY t FROM STDIN;", `\copy t from stdin`} {
		stdout, stderr, err := played(t, func(f *fakeServer) error {
			for {
				m, err := f.Receive()
				if err != nil {
					return nil // the connection was ended
				}
				switch m := m.(type) {
				case *pgproto3.Query:
					t.Errorf("%s: the server was sent %q", copying, m.String)
				case *pgproto3.Sync:
					if err := f.say(&pgproto3.ParseComplete{}, &pgproto3.BindComplete{}, &pgproto3.CopyInResponse{}); err != nil {
						return err
					}
				}
			}
		}, func(s *Session) error {
			s.Continue = true
			script := "\\startpipeline\n" + copying + "\n1\n\\echo data is run\n\\.\n\\endpipeline\nSELECT 'late';\n"
			return s.Script(t.Context(), lex.NewInput(strings.NewReader(script)), "")
		})
		var lost *ConnectionError
		if !errors.As(err, &lost) || stdout != "" || stderr != copyInPipeline+"\n" {
			t.Errorf("%s: got %q, %q, error %v", copying, stdout, stderr, err)
		}
	}
}
