package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account/signin"
	"zat/fault"
)

// Federated returns whose account a person of a provider is.
func (s *Store) Federated(ctx context.Context, issuer, subject string) (uuid.UUID, error) {
	return one(ctx, s, scanID, `SELECT account FROM federation WHERE issuer = $1 AND subject = $2`, issuer, subject)
}

// FederationOf reports since when an account is linked to an issuer.
func (s *Store) FederationOf(ctx context.Context, acc uuid.UUID, issuer string) (since time.Time, err error) {
	since, err = one(ctx, s, func(r scanner) (t time.Time, err error) { return t, r.Scan(at{&t}) }, `SELECT linked FROM federation WHERE account = $1 AND issuer = $2`, acc, issuer)
	if fault.Is(err, fault.NotFound) {
		return time.Time{}, nil
	}
	return since, err
}

// PutFederation links an account to a person of a provider.
func (t *Tx) PutFederation(issuer, subject string, acc uuid.UUID, when time.Time) (bool, error) {
	if err := t.run(`DELETE FROM federation WHERE account = $1 AND issuer = $2`, acc, issuer); err != nil {
		return false, err
	}
	return t.first(`INSERT INTO federation (issuer, subject, account, linked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, issuer, subject, acc, ms(when))
}

// DropFederation takes all links of an account away.
func (t *Tx) DropFederation(acc uuid.UUID) error {
	return t.run(`DELETE FROM federation WHERE account = $1`, acc)
}

const challengeSelect = `SELECT hash, kind, account, data, until FROM challenge WHERE hash = $1`

// Challenge returns a challenge and leaves it.
func (s *Store) Challenge(ctx context.Context, hash []byte) (signin.Challenge, error) {
	return one(ctx, s, func(r scanner) (c signin.Challenge, err error) {
		return c, r.Scan(&c.Hash, &c.Kind, &c.Account, &c.Data, at{&c.Until})
	}, challengeSelect, hash)
}
