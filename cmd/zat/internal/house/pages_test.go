package house_test

import (
	"net/http"
	"strings"
	"testing"

	"zat/account"
)

// quiet are the pages that open nothing, each with what it shows.
var quiet = map[string]string{
	"GET /":                          "pseudonyms, states and dates of cases one takes part in, all readable in the database",
	"GET /casussen":                  "the same",
	"GET /signaal":                   "a form with the pseudonyms of one's cases",
	"GET /signalen":                  "how many signals wait, and since when",
	"GET /mijn-signalen":             "nothing, for who sent none",
	"GET /beheer/:member/rol":        "a colleague's role and how much he has open",
	"GET /account/organisatie":       "the way to an organisation's sign-in",
	"GET /account/sleutels":          "a new recovery code that nothing knows yet",
	"GET /bevestigen":                "a question who it is",
	"GET /account/passkeys":          "one's own passkeys",
	"GET /herstellen":                "who is in the team, and which recoveries go on",
	"GET /team/herstelblad":          "a sheet that nothing knows until it was typed back",
	"GET /concepten":                 "the dates of one's drafts",
	"GET /beheer":                    "the members",
	"GET /toegang/:member":           "a colleague's name and role",
	"GET /beheer/instellingen":       "settings and the names of organisations",
	"GET /beheer/organisaties/:id":   "an organisation's name, and its role and agreement",
	"GET /team":                      "the members, and how many hold the key of a pseudonym; the administrator sees no pseudonym",
	"GET /team/:member/beeindigen":   "how many files and agreements a member has",
	"GET /overleggen":                "dates of sessions",
	"GET /account/bewaarsleutel":     "whether one has a key for files",
	"GET /cijfers":                   "counts of the team",
	"GET /slot":                      "a cover",
	"GET /overleggen/vakanties":      "school holidays",
	"GET /overleggen/:id/agenda.ics": "when a session is",
	"GET /overleggen/nieuw":          "an empty form with the members' names",
	"GET /account":                   "one's own sessions",
	"GET /account/wachtwoord":        "an empty form",
	"GET /account/herstelcode":       "a code that nothing knows yet",
	"GET /account/telefoon":          "a secret that nothing knows yet",
	"GET /logboek/bewijs":            "how many lines there are, and the checkpoint",
	"GET /logboek/stand":             "how far a check is",
	"GET /logboek/uitvoer":           "an empty form",
	"GET /logboek/verwerkingen":      "the register of processing: nothing of a person",
	"GET /register/nieuw":            "an empty form",
	"GET /register/invoer":           "an empty form",
}

// TestEveryPageLeavesALine opens every page that exists as somebody who may: a
// page that shows anything of a case, a pupil or the log leaves a line.
func TestEveryPageLeavesALine(t *testing.T) {
	t.Parallel()
	f := furnished(t)
	base := f.serve()
	ids := f.ids()
	looked := 0
	for role, letter := range map[account.Role]string{account.Coordinator: "c", account.YouthWorker: "j", account.Officer: "f", account.Admin: "b"} {
		c := f.client(base, role)
		for _, r := range f.routes() {
			method, path, _ := strings.Cut(r, " ")
			if method != http.MethodGet || table[r] == everybody || !strings.Contains(table[r], letter) {
				continue
			}
			before := f.lines()
			a := c.get(with(path, ids))
			left := f.lines() > before
			if a.status == http.StatusOK && !left && quiet[r] == "" {
				t.Errorf("%s as %s leaves no line", r, role)
			}
			if a.status == http.StatusOK {
				looked++
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d pages were opened", looked)
	}
}
