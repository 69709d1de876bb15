package main_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// floors is the table of the architecture: an import only ever points down.
var floors = map[string]int{
	"fault":   -1,
	"account": 0, "pseudonym": 0, "pseudonym/guard": 0, "crypto/keys": 0, "crypto/logtree": 0,
	"crypto/internal/agebox": 0, "crypto/secrets": 0,
	"audit": 1, "audit/witness": 1, "audit/export": 2, "audit/tiles": 2,
	"crypto/seal": 2, "crypto/grant": 2,
	"meeting": 3, "pseudonym/register": 3, "account/signin": 3, "account/staff": 3, "account/keyring": 3, "audit/review": 3,
	"web": 4, "store": 4, "store/storetest": 4,
	"cmd/zat": 5, "cmd/zat/internal/house": 5, "cmd/zat/internal/demo": 5, "cmd/zat/internal/kit": 5, "cmd/zat/internal/post": 5, "cmd/zat/internal/shots": 5, "cmd/zat/internal/soak": 5, "cmd/zat/internal/walk": 5,
}

// sideways are the arrows on one floor that are allowed, each with its reason.
var sideways = map[string]string{
	"account/staff -> account/signin":        "joining enrols the second factor that signing in asks for",
	"crypto/keys -> crypto/internal/agebox":  "age, behind a Go-internal wall",
	"crypto/seal -> crypto/internal/agebox":  "the same",
	"crypto/grant -> crypto/internal/agebox": "the same",
	"store/storetest -> store":               "the contract is of the store",
	"crypto/secrets -> crypto/logtree":       "the folder makes the keys that the tree signs with",
}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Deps", "zat/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	all := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	return all
}

// TestFloors fails on an arrow that the table forbids, and on a package that the
// table does not know.
func TestFloors(t *testing.T) {
	all := list(t)
	arrows := 0
	for path, p := range all {
		from, ours := strings.CutPrefix(path, "zat/")
		if !ours {
			continue
		}
		floor, known := floors[from]
		if !known {
			t.Errorf("package %s has no floor", from)
		}
		for _, i := range p.Imports {
			to, ours := strings.CutPrefix(i, "zat/")
			if !ours {
				continue
			}
			arrows++
			if floor == 5 || floors[to] < floor || sideways[from+" -> "+to] != "" {
				continue
			}
			t.Errorf("%s (floor %d) imports %s (floor %d)", from, floor, to, floors[to])
		}
	}
	if arrows < 50 {
		t.Fatalf("only %d arrows were looked at", arrows)
	}
}

// TestWebReachesNoNames: not by any way through other packages can web reach the
// register or the store, and nothing in crypto by its own import; only crypto
// calls age, and only the register knows pupils and cases both.
func TestWebReachesNoNames(t *testing.T) {
	all := list(t)
	for _, p := range all["zat/web"].Deps {
		if p == "zat/pseudonym/register" || p == "zat/store" {
			t.Errorf("web reaches %s", p)
		}
	}
	for _, p := range all["zat/web"].Imports {
		if strings.HasPrefix(p, "zat/crypto") {
			t.Errorf("web imports %s", p)
		}
	}
	for _, p := range all["zat/store"].Deps {
		if p == "zat/web" {
			t.Error("store reaches web")
		}
	}
	for path, p := range all {
		for _, i := range p.Imports {
			if i == "filippo.io/age" && path != "zat/crypto/internal/agebox" && strings.HasPrefix(path, "zat/") {
				t.Errorf("%s calls age", path)
			}
			if strings.HasPrefix(path, "zat/") && i == "database/sql" && path != "zat/store" {
				t.Errorf("%s speaks SQL", path)
			}
		}
	}
	if len(all["zat/web"].Deps) < 50 {
		t.Fatal("web was not looked at")
	}
}
