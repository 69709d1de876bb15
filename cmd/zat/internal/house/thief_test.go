package house_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"zat/account"
	"zat/account/signin"
	"zat/crypto/keys"
)

// loot is all that a thief of the data folder holds: every value of the database and
// every secret of the installation, of a server that runs with people signed in.
type loot struct {
	values [][]byte // whatever could be a key or a box
	text   []byte   // everything, as it is on disk
}

func steal(t *testing.T, f *fixture) loot {
	t.Helper()
	var l loot
	must(t, filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		l.text = append(l.text, b...)
		for _, line := range bytes.Fields(b) {
			if !strings.HasSuffix(path, ".db") && !strings.Contains(path, ".db-") {
				l.values = append(l.values, line)
			}
		}
		return err
	}))
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(f.dir, "zat.db")+"?mode=ro")
	must(t, err)
	defer db.Close()
	tables, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'log_%' AND name NOT LIKE 'sqlite_%'`)
	must(t, err)
	var names []string
	for tables.Next() {
		var n string
		must(t, tables.Scan(&n))
		names = append(names, n)
	}
	for _, n := range names {
		l.values = append(l.values, valuesOf(t, db, n)...)
	}
	return l
}

func valuesOf(t *testing.T, db *sql.DB, table string) (out [][]byte) {
	t.Helper()
	rows, err := db.Query(`SELECT * FROM ` + table)
	must(t, err)
	defer rows.Close()
	cols, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		cells := make([]any, len(cols))
		for i := range cells {
			cells[i] = new(sql.RawBytes)
		}
		must(t, rows.Scan(cells...))
		for _, c := range cells {
			if b := *c.(*sql.RawBytes); len(b) > 0 {
				out = append(out, bytes.Clone(b))
			}
		}
	}
	return out
}

// candidates are the symmetric keys that a thief can make of what he holds: each value
// itself, decoded, and what zat would derive of it.
func (l loot) candidates() [][]byte {
	seen := map[string]bool{}
	var out [][]byte
	add := func(b []byte) {
		if len(b) == 32 && !seen[string(b)] {
			seen[string(b)] = true
			out = append(out, bytes.Clone(b))
		}
	}
	for _, v := range l.values {
		if len(v) > 512 {
			continue
		}
		forms := [][]byte{v}
		for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
			if b, err := decode(string(v)); err == nil {
				forms = append(forms, b)
			}
		}
		for _, b := range forms {
			add(b)
			if len(b) < 16 || len(b) > 64 {
				continue
			}
			for _, info := range []string{"zat/v1/verifier", "zat/v1/identity", "zat/v1/totp", "zat/v1/session", "zat/v1/recovery/identity", "zat/v1/recovery/totp", "zat/v1/passkey/identity", "zat/v1/vouch"} {
				if k, err := hkdf.Key(sha256.New, b, nil, info, 32); err == nil {
					add(k)
				}
			}
		}
	}
	return out
}

// TestStolenFolder takes the whole data folder of a running server, with people signed
// in, passkeys and a recovery under way, and tries every value as a key on every box:
// nothing opens, and no key lies about.
func TestStolenFolder(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	doctor := f.as(account.Doctor)
	f.paper(account.Police)
	f.anew(base, f.begin(f.client(base, account.Police)))
	f.passkeyRow(doctor)
	l := steal(t, f)
	if len(l.values) < 1000 || len(l.text) < 100_000 {
		t.Fatalf("only %d values and %d bytes were stolen", len(l.values), len(l.text))
	}
	if m := regexp.MustCompile(`(?i)AGE-SECRET-KEY-[0-9A-Z-]{10}`).Find(l.text); m != nil {
		t.Error("an age identity lies in the folder")
	}
	for _, p := range f.people {
		for what, secret := range map[string]string{"password": p.Password, "second factor": p.TOTPSecret, "paper": p.Paper, "session": f.tokens[p.Email]} {
			if secret != "" && bytes.Contains(l.text, []byte(secret)) {
				t.Errorf("a %s lies in the folder", what)
			}
		}
	}
	list := l.candidates()
	accounts := map[string]bool{}
	for _, a := range f.actors {
		accounts[a.Account.String()] = true
	}
	boxes, opened := l.open(t, list, accounts)
	if boxes < 20 || len(list) < 50 {
		t.Fatalf("%d boxes were tried with %d keys", boxes, len(list))
	}
	if opened > 0 {
		t.Errorf("%d boxes open", opened)
	}
	cookie, err := base64.RawURLEncoding.DecodeString(f.tokens[f.person(account.Doctor).Email])
	must(t, err)
	key, err := hkdf.Key(sha256.New, cookie, nil, "zat/v1/session", 32)
	must(t, err)
	if _, n := l.open(t, [][]byte{key}, accounts); n != 1 {
		t.Errorf("with a cookie %d boxes open: the trying itself does not work", n)
	}
	for _, k := range list { // as the seed of an identity, on sealed texts
		if id, err := age.ParseHybridIdentity(string(k)); err == nil {
			t.Errorf("a value is an identity: %v", id != nil)
		}
	}
}

// open tries keys on everything that could be a box.
func (l loot) open(t *testing.T, list [][]byte, accounts map[string]bool) (boxes, opened int) {
	t.Helper()
	for _, box := range l.values {
		if len(box) < 24+16+8 || len(box) > 400 {
			continue
		}
		boxes++
		for _, k := range list {
			aead, err := chacha20poly1305.NewX(k)
			must(t, err)
			for _, label := range labels(accounts) {
				if _, err := aead.Open(nil, box[:24], box[24:], label); err == nil {
					opened++
				}
			}
		}
	}
	return boxes, opened
}

func labels(accounts map[string]bool) (out [][]byte) {
	out = append(out, nil)
	for a := range accounts {
		for _, prefix := range []string{"identity/", "totp/", "session/", "recovery/identity/", "recovery/totp/", "passkey/identity/"} {
			out = append(out, []byte(prefix+a))
		}
	}
	return out
}

// passkeyRow gives somebody a passkey that opens his keys, without a browser.
func (f *fixture) passkeyRow(a account.Actor) {
	f.t.Helper()
	id, ok := a.Key.(*keys.Identity)
	if !ok {
		f.t.Fatal("no identity")
	}
	prf := sha256.Sum256([]byte("what only the authenticator knows"))
	lock, err := keys.LockWithPasskey(prf[:], a.Account.String(), id)
	must(f.t, err)
	must(f.t, f.Store.UpdateSignIn(f.ctx, func(tx signin.Tx) error {
		return tx.InsertPasskey(signin.Passkey{ID: []byte("passkey"), Account: a.Account, Ref: "12345678", Name: "Telefoon", Credential: []byte("{}"), Lock: lock, Created: f.clock.Now()})
	}))
}
