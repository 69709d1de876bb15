package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/fault"
)

// Processing is one version of the register of processing activities (art. 30 AVG). Lines
// of the log cite an activity with the version in force.
type Processing struct {
	Version    int
	At         time.Time // zero for the version that the product comes with
	By         uuid.UUID
	Activities map[audit.Activity]Described
}

// Described is one activity in the team's own words (art. 30 paragraph 1, a to g).
type Described struct {
	Purpose    string `json:"purpose"`
	Ground     string `json:"ground"`
	Subjects   string `json:"subjects"`
	Data       string `json:"data"`
	Recipients string `json:"recipients"`
	Term       string `json:"term"`
	Security   string `json:"security"`
}

// Fields lists what is described of an activity, in order.
func (d Described) Fields() []DescribedField {
	return []DescribedField{{"purpose", d.Purpose}, {"ground", d.Ground}, {"subjects", d.Subjects}, {"data", d.Data}, {"recipients", d.Recipients}, {"term", d.Term}, {"security", d.Security}}
}

// DescribedField is one of them.
type DescribedField struct{ Name, Text string }

// maxDescribed is how long a field may be.
const maxDescribed = 1000

func (d Described) check(prefix string) error {
	var errs fault.List
	for _, f := range d.Fields() {
		switch {
		case f.Text == "":
			errs.Add(fault.At(prefix+"-"+f.Name, "error.required"))
		case utf8.RuneCountInString(f.Text) > maxDescribed || !utf8.ValidString(f.Text):
			errs.Add(fault.At(prefix+"-"+f.Name, "error.toolong", maxDescribed))
		}
	}
	return errs.Err()
}

// Processings lists the versions that the team wrote, newest first.
func (s *Service) Processings(ctx context.Context, a account.Actor) ([]Processing, error) {
	if err := s.admit(ctx, a, audit.By(a, audit.LogRead, audit.ObjTeam, a.Team).For(audit.PurposeControl, "processing")); err != nil {
		return nil, err
	}
	return s.Store.Processings(ctx, a.Team)
}

// SetProcessing writes the next version after the one that its writer saw. From then on
// lines cite it.
func (s *Service) SetProcessing(ctx context.Context, a account.Actor, seen int, list map[audit.Activity]Described) error {
	line := audit.By(a, audit.ProcessingSet, audit.ObjTeam, a.Team).For(audit.PurposeControl, "")
	if err := s.admit(ctx, a, line); err != nil {
		return err
	}
	var errs fault.List
	for _, x := range audit.Activities() {
		errs.Add(list[x].check(string(x)))
	}
	for x := range list {
		if !slices.Contains(audit.Activities(), x) {
			errs.Add(fault.New(fault.Invalid, "error.form"))
		}
	}
	if err := errs.Err(); err != nil {
		return err
	}
	versions, err := s.Store.Processings(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading the register of processing: %w", err)
	}
	if len(versions) > 0 && versions[0].Version == seen && maps.Equal(versions[0].Activities, list) {
		return fault.New(fault.Invalid, "error.processing.same")
	}
	next := Processing{seen + 1, s.Now(), a.Member, list}
	return s.keep(ctx, a, line, "error.processing.moved", func(tx Tx) (bool, error) { return tx.InsertProcessing(a.Team, next) })
}
