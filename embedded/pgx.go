package embedded

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/pglite-toolbox/pglite/internal/pgclient"
)

// host stands in pgx's errors for the address of a server. No name is looked up, and nothing leaves the program.
const host = "pglite"

// The templates are made while the program starts, as Apart wants it.
var (
	connTemplate = pgclient.Apart(pgx.ParseConfig, func(*pgx.ConnConfig) {})
	poolTemplate = pgclient.Apart(pgxpool.ParseConfig, func(*pgxpool.Config) {})
)

// PgxConfig returns a configuration for pgx whose connections go to the cluster. Of the environment only PGPASSWORD counts. Each call
// returns one of its own, which may be changed.
func (db *DB) PgxConfig() *pgx.ConnConfig {
	config := connTemplate.Copy()
	config.Config = *pgclient.Own(db.Dial, pgclient.Login{
		User: db.options.User, Database: db.options.Database, Password: db.options.Password,
	})
	config.Host = host
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	return config
}

// PoolConfig returns a configuration for pgxpool whose connections go to the cluster; see PgxConfig. Close the pool before the DB.
func (db *DB) PoolConfig() *pgxpool.Config {
	config := poolTemplate.Copy()
	config.ConnConfig = db.PgxConfig()
	return config
}

// Connect opens a connection with PgxConfig.
func (db *DB) Connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, db.PgxConfig())
}

// Pool opens a pool with PoolConfig.
func (db *DB) Pool(ctx context.Context) (*pgxpool.Pool, error) {
	return pgxpool.NewWithConfig(ctx, db.PoolConfig())
}

// SQL returns a pool of database/sql, by pgx's driver. It is the same each time, and DB.Close closes it. After Close its connections fail.
func (db *DB) SQL() *sql.DB {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.sql == nil {
		db.sql = stdlib.OpenDB(*db.PgxConfig())
		if db.closed {
			_ = db.sql.Close()
		}
	}
	return db.sql
}
