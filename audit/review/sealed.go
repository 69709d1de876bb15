package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/grant"
	"zat/crypto/seal"
	"zat/fault"
	"zat/pseudonym/guard"
)

// What the officer writes is sealed like reasons: to the vault of the log's readers.

// Guard checks a text before it is sealed.
type Guard interface {
	Clear(ctx context.Context, team uuid.UUID, field string, d guard.Draft, limit int) (string, []guard.Kind, error)
}

// maxText is how long what the officer writes may be.
const maxText = 8000

// field is one text of an officer: what the form calls it, and where it stands.
type field struct {
	name     string
	draft    guard.Draft
	required bool
	out      *seal.Sealed
}

// sealTexts checks texts and seals them for an item of the officer's.
func (s *Service) sealTexts(ctx context.Context, a account.Actor, of uuid.UUID, list ...field) error {
	v, err := s.Store.TeamVault(ctx, a.Team, grant.Reasons)
	if err != nil {
		return fmt.Errorf("reading the vault of reasons: %w", err)
	}
	var errs fault.List
	for _, f := range list {
		if f.draft.Text == "" && !f.required {
			continue
		}
		text, _, err := s.Guard.Clear(ctx, a.Team, f.name, f.draft, maxText)
		if errs.Add(err); err != nil {
			continue
		}
		if *f.out, err = seal.Seal(seal.ReasonHeader(a.Team, v.ID, textID(of, f.name), a.Member), seal.NewText(text), v.Recipient); err != nil {
			return err
		}
	}
	return errs.Err()
}

// textID sets the texts of one item apart: none can be put in the place of another.
func textID(of uuid.UUID, name string) uuid.UUID { return uuid.NewSHA1(of, []byte(name)) }

// opener opens texts that officers wrote.
type opener struct {
	team, vault uuid.UUID
	recipient   string
	receipt     audit.Receipt
	keys        []account.Key
}

// openTexts opens the vault for a look whose line is written first. An officer who was not
// given access yet gets nil.
func (s *Service) openTexts(ctx context.Context, a account.Actor) (*opener, error) {
	v, key, err := grant.EnterTeam(ctx, s.Store, a, grant.Reasons, s.Now())
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := s.Log.Look(ctx, a.Team, audit.By(a, audit.LogRead, audit.ObjVault, v.ID).For(audit.PurposeControl, "reasons"))
	if err != nil {
		return nil, err
	}
	past, err := s.Store.PastKeys(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading earlier keys: %w", err)
	}
	keys, err := grant.All(key, past)
	if err != nil {
		return nil, grant.Moved(ctx, s.Store, v.ID, v.Recipient, err)
	}
	return &opener{a.Team, v.ID, v.Recipient, r, keys}, nil
}

// text opens one text; empty when there is none, or it does not open.
func (o *opener) text(of uuid.UUID, name string, by uuid.UUID, sealed seal.Sealed) seal.Text {
	if o == nil || len(sealed) == 0 {
		return seal.Text{}
	}
	t, err := openWithAny(o.receipt, o.keys, seal.ReasonHeader(o.team, o.vault, textID(of, name), by), sealed)
	if err != nil {
		return seal.Text{}
	}
	return t
}

// keptText is a text as it is stored.
type keptText struct {
	name   string
	sealed seal.Sealed
}

// opens refuses to write over texts that do not open: the page showed them empty.
func (s *Service) opens(ctx context.Context, a account.Actor, of uuid.UUID, by uuid.UUID, list ...keptText) error {
	list = slices.DeleteFunc(list, func(k keptText) bool { return len(k.sealed) == 0 })
	if len(list) == 0 {
		return nil
	}
	o, err := s.openTexts(ctx, a)
	if err != nil {
		return err
	}
	for _, k := range list {
		if o == nil {
			return fault.New(fault.Denied, "error.text.closed")
		}
		if _, err := openWithAny(o.receipt, o.keys, seal.ReasonHeader(o.team, o.vault, textID(of, k.name), by), k.sealed); err != nil {
			return fault.New(fault.Conflict, "error.text.closed")
		}
	}
	return nil
}
