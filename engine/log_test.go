package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// TestLogHidesNoClient: the start's line about the guest's socket is not in the log, and no client can keep its own
// lines out of it by that text.
func TestLogHidesNoClient(t *testing.T) {
	t.Parallel()
	const notice = `listening on Unix socket "/tmp/.s.PGSQL.5432"`
	log := &enginetest.Buffer{}
	db := enginetest.Open(t, engine.Config{Log: log, Settings: map[string]string{"log_connections": "on"}})
	if strings.Contains(log.String(), notice) {
		t.Errorf("the log names the guest's socket:\n%s", log)
	}
	user := enginetest.Config(t, db)
	user.User = notice
	if conn, err := pgx.ConnectConfig(context.Background(), user); err == nil {
		_ = conn.Close(context.Background())
		t.Fatal("there is no such user")
	}
	application := enginetest.Config(t, db)
	application.RuntimeParams["application_name"] = notice
	conn, err := pgx.ConnectConfig(context.Background(), application)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, want := range []string{`role "` + notice + `" does not exist` + "\n", "application_name=" + notice + "\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
}
