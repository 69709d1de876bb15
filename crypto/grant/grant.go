// Package grant says who may open a vault, until when, and hands out the
// vault's key to him.
//
// A vault is a set of texts under one age identity: a case, the register, the
// inbox, a team's trends, a session, the reasons in a log. Everybody who may
// add to it needs its recipient only; reading takes a grant, the identity
// sealed to one member. Between the two lies the vault's shred key: when that
// is gone, no grant in any back-up opens anything any more.
package grant

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/chacha20poly1305"

	"zat/account"
	"zat/crypto/internal/agebox"
)

// Kind is what sort of vault it is.
type Kind string

const (
	Case     Kind = "case"
	Register Kind = "register" // names: coordinators only
	Inbox    Kind = "inbox"    // signals without a case: coordinators only
	Team     Kind = "team"     // trends: everybody at the table
	Session  Kind = "session"  // place, points without a case: those invited
	Reasons  Kind = "reasons"  // reasons in the log: coordinators and officers
)

// Opens reports whether a member with this role gets a grant for the team's
// own vault of this kind on joining. Cases and sessions are given one by one.
func Opens(r account.Role, k Kind) bool {
	switch k {
	case Register, Inbox:
		return r == account.Coordinator
	case Team:
		return r.AtTable()
	case Reasons:
		return r == account.Coordinator || r == account.Officer
	}
	return false
}

// Vault is the public half of a vault.
type Vault struct {
	ID        uuid.UUID
	Team      uuid.UUID
	Kind      Kind
	Recipient string
	Shred     []byte // 32 bytes; stored apart from the rest
	Created   time.Time
	Keyed     time.Time // when its key was made
	Changes   int64     // of what it holds
}

// Grant is one member's way into one vault.
type Grant struct {
	Vault  uuid.UUID
	Key    string    // the recipient of the vault's key that it opens
	Member uuid.UUID // or the team's recovery identity
	// Recipient is the member's key for which it was sealed, and Vouch shows that a
	// holder of the vault sealed it.
	Recipient string
	Vouch     []byte
	Sealed    []byte
	By        uuid.UUID // who gave it
	Basis     uuid.UUID // zero where membership itself is the basis
	Why       string    // from a closed set: "role", "participant", "invited", "recovery"
	From      time.Time
	Until     time.Time // zero: no end
}

// Live reports whether the grant is in force at that moment.
func (g Grant) Live(now time.Time) bool {
	return !now.Before(g.From) && (g.Until.IsZero() || now.Before(g.Until))
}

// ErrNone is returned when there is no way into the vault for this key.
var ErrNone = errors.New("grant: no way into this vault")

// NewVault makes a vault with a new identity. The identity is returned for the
// first grants and is kept nowhere else.
func NewVault(team uuid.UUID, k Kind, now time.Time) (Vault, account.Key, error) {
	id, err := agebox.Generate()
	if err != nil {
		return Vault{}, nil, err
	}
	v := Vault{ID: uuid.New(), Team: team, Kind: k, Recipient: id.Recipient(), Shred: make([]byte, chacha20poly1305.KeySize), Created: now, Keyed: now}
	rand.Read(v.Shred)
	return v, id, nil
}

// Rekey returns the vault with a new identity and a new shred key. What it holds
// has to be sealed anew for it, and its grants made anew, before it is stored.
func Rekey(v Vault, now time.Time) (Vault, account.Key, error) {
	fresh, id, err := NewVault(v.Team, v.Kind, now)
	if err != nil {
		return Vault{}, nil, err
	}
	fresh.ID, fresh.Created = v.ID, v.Created
	return fresh, id, nil
}

// Give makes a grant of the vault for a member. key is the vault's identity, as
// NewVault or Open gave it.
func Give(v Vault, key account.Key, g Grant, recipient string) (Grant, error) {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil || id.Recipient() != v.Recipient {
		return Grant{}, ErrNone
	}
	g.Vault, g.Key, g.Recipient = v.ID, v.Recipient, recipient
	aead, err := chacha20poly1305.NewX(v.Shred)
	if err != nil {
		return Grant{}, fmt.Errorf("granting: %w", err)
	}
	secret := agebox.Marshal(id)
	defer clear(secret)
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	box := aead.Seal(nonce, nonce, secret, g.label())
	if g.Sealed, err = agebox.Encrypt(box, recipient); err != nil {
		return Grant{}, err
	}
	g.Vouch, err = vouch(id, g)
	return g, err
}

// Open returns the vault's identity to the member who holds the key, as long as
// the grant is live.
func Open(v Vault, g Grant, key account.Key, now time.Time) (account.Key, error) {
	id, ok := key.(*agebox.Identity)
	if !ok || id == nil || g.Vault != v.ID || !g.Live(now) {
		return nil, ErrNone
	}
	box, err := agebox.Decrypt(id, g.Sealed)
	if err != nil {
		return nil, ErrNone
	}
	aead, err := chacha20poly1305.NewX(v.Shred)
	if err != nil || len(box) < aead.NonceSize() {
		return nil, ErrNone
	}
	secret, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], g.label())
	if err != nil {
		return nil, ErrNone
	}
	defer clear(secret)
	opened, err := agebox.Parse(secret)
	if err != nil || opened.Recipient() != v.Recipient || !g.VouchedBy(opened) {
		return nil, ErrNone
	}
	return opened, nil
}

// label binds a grant to its vault and member: a row cannot be moved.
func (g Grant) label() []byte {
	return append(append([]byte("zat/v1/grant/"), g.Vault[:]...), g.Member[:]...)
}
