package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"

	"github.com/mattn/go-sqlite3"
)

// connector opens SQLite connections that all have the same settings: through
// Exec a setting would reach one connection of the pool only.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

// openSQLite returns a pool of connections to a file. Those that only read
// cannot write.
func openSQLite(file string, readOnly bool) *sql.DB {
	settings := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_foreign_keys": {"on"}, "_secure_delete": {"on"}, "_busy_timeout": {"10000"},
	}
	if readOnly {
		settings.Set("_query_only", "on")
	}
	return sql.OpenDB(&connector{&sqlite3.SQLiteDriver{ConnectHook: inMemory}, "file:" + file + "?" + settings.Encode()})
}

// inMemory keeps what SQLite sorts off the disk; the address has no word for it.
func inMemory(c *sqlite3.SQLiteConn) error {
	_, err := c.Exec("PRAGMA temp_store = MEMORY", nil)
	return err
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *connector) Driver() driver.Driver                        { return c.driver }
