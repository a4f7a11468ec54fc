package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pglite-toolbox/pglite/engine"
	"github.com/pglite-toolbox/pglite/internal/enginetest"
)

// openCompressing opens a cluster of a runtime with all compression libraries, which a build without Debian's sources
// may lack.
func openCompressing(t *testing.T) *engine.DB {
	t.Helper()
	db := enginetest.Open(t, engine.Config{})
	const all = "SELECT setting LIKE '%--with-zlib%--with-lz4%--with-zstd%' FROM pg_config WHERE name = 'CONFIGURE'"
	if !enginetest.Get[bool](t, enginetest.Connect(t, db), all) {
		t.Skip("this runtime was built without a compression library: see runtime/README.md")
	}
	return db
}

// TestToastCompression: what LZ4 compressed in a table comes back.
func TestToastCompression(t *testing.T) {
	t.Parallel()
	conn := enginetest.Connect(t, openCompressing(t))
	enginetest.Exec(t, conn, "SET default_toast_compression = lz4")
	enginetest.Exec(t, conn, "CREATE TABLE kept (i int, t text, p text COMPRESSION pglz)")
	enginetest.Exec(t, conn, "INSERT INTO kept SELECT i, repeat(md5(i::text), 3000), repeat(md5(i::text), 3000) FROM generate_series(1, 50) i")
	if n := enginetest.Get[int](t, conn, "SELECT count(*) FROM kept WHERE pg_column_compression(t) = 'lz4' AND pg_column_compression(p) = 'pglz'"); n != 50 {
		t.Errorf("%d of 50 rows are compressed as they should be", n)
	}
	if n := enginetest.Get[int](t, conn, "SELECT max(pg_column_size(t)) FROM kept"); n > 32*3000/10 {
		t.Errorf("%d bytes of what is the same 3000 times", n)
	}
	if n := enginetest.Get[int](t, conn, "SELECT count(*) FROM kept WHERE t = repeat(md5(i::text), 3000) AND t = p"); n != 50 {
		t.Errorf("%d of 50 rows come back", n)
	}
}

// TestWALCompression: pages that were compressed in the WAL are there after a crash.
func TestWALCompression(t *testing.T) {
	t.Parallel()
	db := openCompressing(t)
	conn := enginetest.Connect(t, db)
	enginetest.Exec(t, conn, trap)
	enginetest.Exec(t, conn, "CREATE EXTENSION pg_walinspect")
	enginetest.Exec(t, conn, "CREATE TABLE kept AS SELECT i, repeat(i::text, 50) t, '' AS method FROM generate_series(1, 2000) i")
	for _, method := range []string{"pglz", "lz4", "zstd"} {
		enginetest.Exec(t, conn, "SET wal_compression = "+method)
		enginetest.Exec(t, conn, "CHECKPOINT")
		start := enginetest.Get[string](t, conn, "SELECT pg_current_wal_lsn()::text")
		enginetest.Exec(t, conn, "UPDATE kept SET method = '"+method+"'")
		pages := enginetest.Get[int](t, conn, "SELECT count(*) FROM pg_get_wal_block_info('"+start+"', pg_current_wal_lsn()) WHERE 'COMPRESS_"+method+"' ILIKE ANY (block_fpi_info)")
		if pages < 10 {
			t.Errorf("%s: %d compressed pages in the WAL", method, pages)
		}
		other := enginetest.Connect(t, db)
		if _, err := conn.Exec(context.Background(), "SELECT deref(-16)"); err == nil {
			t.Fatal("no trap")
		}
		untilLost(t, other)
		conn = reconnect(t, db)
		sum := enginetest.Get[int](t, conn, "SELECT count(*) FROM kept WHERE method = '"+method+"' AND t = repeat(i::text, 50)")
		if sum != 2000 {
			t.Errorf("%s: %d of 2000 rows after a crash", method, sum)
		}
	}
}

// TestBaseBackupCompression: pg_basebackup compresses in the server and by itself, and uncompresses what the server
// did.
func TestBaseBackupCompression(t *testing.T) {
	t.Parallel()
	db := openCompressing(t)
	readsTar := enginetest.Get[bool](t, enginetest.Connect(t, db), "SELECT current_setting('server_version_num')::int >= 180000") // pg_verifybackup
	run := func(t *testing.T, dir, name string, args ...string) {
		t.Helper()
		var stderr bytes.Buffer
		tool := engine.Tool{Name: name, Args: args, Env: []string{"PGUSER=postgres"}, Stderr: &stderr}
		if err := tool.ShowFiles(dir); err != nil {
			t.Fatal(err)
		}
		if code, err := db.RunTool(t.Context(), tool); code != 0 || err != nil {
			t.Fatalf("%s: exit code %d, %v: %s", name, code, err, &stderr)
		}
	}
	for method, ending := range map[string]string{"gzip": ".gz", "lz4": ".lz4", "zstd": ".zst"} {
		for _, where := range []string{"client", "server"} {
			t.Run(where+"-"+method, func(t *testing.T) {
				dir := t.TempDir()
				run(t, dir, "pg_basebackup", "-D", "copy", "-Ft", "-Xfetch", "-c", "fast", "--compress="+where+"-"+method)
				if info, err := os.Stat(filepath.Join(dir, "copy", "base.tar"+ending)); err != nil || info.Size() < 1<<20 {
					t.Errorf("%v, %v", info, err)
				}
				if readsTar {
					run(t, dir, "pg_verifybackup", "-n", "copy")
				}
			})
		}
		t.Run("plain-"+method, func(t *testing.T) {
			dir := t.TempDir()
			run(t, dir, "pg_basebackup", "-D", "copy", "-Fp", "-Xfetch", "-c", "fast", "--compress=server-"+method)
			run(t, dir, "pg_verifybackup", "-n", "copy")
		})
	}
}
