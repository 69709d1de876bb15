package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"zat/store"
	"zat/store/storetest"
)

func open(t testing.TB, sign store.SignHead) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "zat.db"), sign)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) { storetest.Run(t, open) }

// TestBindsByNumber shows the driver's trap that rebind is for: it counts $n by
// where it appears. If this fails the driver was mended.
func TestBindsByNumber(t *testing.T) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{`SELECT $2 || $1`: "ab", `SELECT ?2 || ?1`: "ba"} {
		var got string
		if err := db.QueryRow(query, "a", "b").Scan(&got); err != nil || got != want {
			t.Errorf("%s gives %q, %v", query, got, err)
		}
	}
	if got := store.Rebind(`SELECT $2 || $1 || $12`); got != `SELECT ?2 || ?1 || ?12` {
		t.Errorf("rebound to %s", got)
	}
}

// TestEveryConnection asks each connection of the reader pool for its settings.
func TestEveryConnection(t *testing.T) {
	s := open(t, nil)
	for name, want := range map[string]int{"foreign_keys": 1, "secure_delete": 1, "query_only": 1, "synchronous": 2, "busy_timeout": 10000, "temp_store": 2} {
		for i, got := range store.Pragma(s, name, 4) {
			if got != want {
				t.Errorf("connection %d has %s = %d", i, name, got)
			}
		}
	}
}
