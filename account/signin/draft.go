package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"

	"zat/account"
	"zat/audit"
	"zat/crypto/seal"
	"zat/fault"
)

// Draft is a form that somebody sent after his session had ended. It is sealed
// to him alone and goes when he has looked at it or thrown it away.
type Draft struct {
	ID     uuid.UUID
	Team   uuid.UUID
	Member uuid.UUID
	Path   string // the page of the form; no content
	Sealed seal.Sealed
	At     time.Time
}

const draftKind = "draft"

func (d Draft) header() seal.Header {
	return seal.Header{Team: d.Team, Vault: d.ID, Item: d.ID, Kind: draftKind, Author: d.Member}
}

// KeepOwn keeps a form of an earlier session for the member who is signed in.
func (s *Service) KeepOwn(ctx context.Context, a account.Actor, path string, form url.Values) error {
	m, err := s.Store.Member(ctx, a.Member)
	if err != nil {
		return fmt.Errorf("reading member: %w", err)
	}
	return s.KeepDraft(ctx, Lapsed{Member: m}, path, form)
}

// KeepDraft seals the form to the member whose session lapsed.
func (s *Service) KeepDraft(ctx context.Context, l Lapsed, path string, form url.Values) error {
	plain, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("keeping a draft: %w", err)
	}
	d := Draft{ID: uuid.New(), Team: l.Member.Team, Member: l.Member.ID, Path: path, At: s.Now()}
	if d.Sealed, err = seal.Seal(d.header(), seal.NewText(string(plain)), l.Member.Recipient); err != nil {
		return fmt.Errorf("keeping a draft: %w", err)
	}
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		if err := tx.InsertDraft(d); err != nil {
			return err
		}
		line := audit.By(actorOf(l.Member), audit.DraftSaved, audit.ObjDraft, d.ID).For(audit.PurposeCare, "")
		return s.Log.Append(tx, d.Team, line)
	})
}

// Drafts lists the actor's drafts, newest first, without opening them.
func (s *Service) Drafts(ctx context.Context, a account.Actor) ([]Draft, error) {
	return s.Store.Drafts(ctx, a.Member)
}

// OpenDraft returns the actor's own draft.
func (s *Service) OpenDraft(ctx context.Context, a account.Actor, id uuid.UUID) (Draft, url.Values, error) {
	line := audit.By(a, audit.DraftRead, audit.ObjDraft, id).For(audit.PurposeCare, "")
	d, err := s.Store.Draft(ctx, id, a.Member)
	if fault.Is(err, fault.NotFound) {
		return Draft{}, nil, s.Log.Deny(ctx, a.Team, line, "not-own", fault.NotFound)
	}
	if err != nil {
		return Draft{}, nil, fmt.Errorf("reading draft: %w", err)
	}
	r, err := s.Log.Look(ctx, a.Team, line)
	if err != nil {
		return Draft{}, nil, err
	}
	text, err := seal.Open(r, a.Key, d.header(), d.Sealed)
	if err != nil {
		return Draft{}, nil, fmt.Errorf("opening draft %s: %w", id, err)
	}
	form := url.Values{}
	if err := json.Unmarshal([]byte(text.Reveal()), &form); err != nil {
		return Draft{}, nil, fmt.Errorf("draft %s is damaged", id)
	}
	return d, form, nil
}

// DropDraft throws the actor's own draft away.
func (s *Service) DropDraft(ctx context.Context, a account.Actor, id uuid.UUID) error {
	return s.Store.UpdateSignIn(ctx, func(tx Tx) error {
		gone, err := tx.DeleteDraft(id, a.Member)
		if err != nil || !gone {
			return err
		}
		return s.Log.Append(tx, a.Team, audit.By(a, audit.DraftDropped, audit.ObjDraft, id).For(audit.PurposeCare, ""))
	})
}
