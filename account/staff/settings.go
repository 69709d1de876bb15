package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/account/signin"
	"zat/audit"
	"zat/fault"
)

// NewSettings are a team's settings as a form holds them.
type NewSettings struct {
	Name, School string
	Consent      string
	Passkey      bool
	Idle, Length string // minutes; hours
	LogYears     string
}

// Settings returns the actor's team with its settings.
func (s *Service) Settings(ctx context.Context, a account.Actor) (account.Team, error) {
	line := audit.By(a, audit.TeamChanged, audit.ObjTeam, a.Team).For(audit.PurposeManage, "settings")
	if err := s.Log.Require(ctx, a, account.ManageTeam, line); err != nil {
		return account.Team{}, err
	}
	t, err := s.Store.Team(ctx, a.Team)
	if err != nil {
		return t, fmt.Errorf("reading team: %w", err)
	}
	return t, nil
}

// SaveSettings changes them, from the next request of everybody on. The line tells
// which setting went from what to what. Who has no passkey himself cannot ask one of
// everybody: he would lock himself out, and the team with him.
func (s *Service) SaveSettings(ctx context.Context, a account.Actor, in NewSettings) error {
	old, err := s.Settings(ctx, a)
	if err != nil {
		return err
	}
	next, err := in.parse(old)
	if err != nil {
		return err
	}
	if next.Policy.Passkey && !old.Policy.Passkey && !strings.Contains(a.Auth, signin.AuthPasskey) {
		return fault.At("passkey", "error.policy.passkey")
	}
	changed := differences(old, next)
	if len(changed) == 0 {
		return nil
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.UpdateTeam(next); err != nil {
			return err
		}
		for _, part := range changed {
			line := audit.By(a, audit.TeamChanged, audit.ObjTeam, a.Team).For(audit.PurposeManage, part)
			if err := s.Log.Append(tx, a.Team, line); err != nil {
				return err
			}
		}
		return nil
	})
}

func (in NewSettings) parse(old account.Team) (account.Team, error) {
	var errs fault.List
	var err error
	next := old
	next.Name, err = account.ParseName("name", in.Name)
	errs.Add(err)
	next.School, err = account.ParseName("school", in.School)
	errs.Add(err)
	next.ConsentRule, err = account.ParseConsentRule(in.Consent)
	errs.Add(err)
	next.Policy, err = account.ParsePolicy(in.Passkey, in.Idle, in.Length)
	errs.Add(err)
	next.LogYears, err = account.ParseLogYears(in.LogYears)
	errs.Add(err)
	return next, errs.Err()
}

// differences tells what changed. Names stand in no line; of the rest, both values do.
func differences(old, next account.Team) (out []string) {
	add := func(what, from, to string) {
		if from != to {
			out = append(out, what+" "+from+" to "+to)
		}
	}
	if old.Name != next.Name || old.School != next.School {
		out = append(out, "name")
	}
	add("consent", string(old.ConsentRule), string(next.ConsentRule))
	add("passkey", onOff(old.Policy.Passkey), onOff(next.Policy.Passkey))
	add("idle", minutes(old.Policy.Idle), minutes(next.Policy.Idle))
	add("log", fmt.Sprint(old.LogYears, " years"), fmt.Sprint(next.LogYears, " years"))
	add("length", minutes(old.Policy.Length), minutes(next.Policy.Length))
	return out
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d min", int(d.Minutes())) }

// NewOrganisation is what a form holds of an organisation.
type NewOrganisation struct{ Name, Controller, Convenant string }

// Organisations lists the organisations of the actor's team, the school's own first.
func (s *Service) Organisations(ctx context.Context, a account.Actor) ([]account.Organisation, error) {
	line := audit.By(a, audit.OrgChanged, audit.ObjTeam, a.Team).For(audit.PurposeManage, "list")
	if err := s.Log.Require(ctx, a, account.ManageTeam, line); err != nil {
		return nil, err
	}
	list, err := s.Store.Organisations(ctx, a.Team)
	if err != nil {
		return nil, fmt.Errorf("reading organisations: %w", err)
	}
	return list, nil
}

// Organisation returns one of them.
func (s *Service) Organisation(ctx context.Context, a account.Actor, id uuid.UUID) (account.Organisation, error) {
	list, err := s.Organisations(ctx, a)
	if err != nil {
		return account.Organisation{}, err
	}
	for _, o := range list {
		if o.ID == id {
			return o, nil
		}
	}
	line := audit.By(a, audit.OrgChanged, audit.ObjOrg, id).For(audit.PurposeManage, "")
	return account.Organisation{}, s.Log.Deny(ctx, a.Team, line, "no-organisation", fault.NotFound)
}

// SaveOrganisation changes what is known of an organisation. Whether it is a partner of
// the school never changes: a partner who were called internal would need no basis.
func (s *Service) SaveOrganisation(ctx context.Context, a account.Actor, id uuid.UUID, in NewOrganisation) error {
	o, err := s.Organisation(ctx, a, id)
	if err != nil {
		return err
	}
	var errs fault.List
	o.Name, err = account.ParseName("name", in.Name)
	errs.Add(err)
	was := o.Controller
	if o.External {
		o.Controller, err = account.ParseController(in.Controller)
		errs.Add(err)
		o.Convenant, err = account.ParseReference("convenant", in.Convenant)
		errs.Add(err)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	if err := s.unusedName(ctx, a, o); err != nil {
		return err
	}
	line := audit.By(a, audit.OrgChanged, audit.ObjOrg, id).For(audit.PurposeManage, "")
	if was != o.Controller {
		line.Part = "controller " + string(was) + " to " + string(o.Controller)
	}
	return s.Store.UpdateStaff(ctx, func(tx Tx) error {
		if err := tx.UpdateOrganisation(o); err != nil {
			return err
		}
		return s.Log.Append(tx, a.Team, line)
	})
}

func (s *Service) unusedName(ctx context.Context, a account.Actor, o account.Organisation) error {
	list, err := s.Store.Organisations(ctx, a.Team)
	if err != nil {
		return fmt.Errorf("reading organisations: %w", err)
	}
	for _, other := range list {
		if other.ID != o.ID && strings.EqualFold(other.Name, o.Name) {
			return fault.At("name", "error.organisation.used")
		}
	}
	return nil
}
