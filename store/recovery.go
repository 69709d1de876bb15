package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"zat/account/signin"
	"zat/crypto/keys"
)

// Recovery returns the lock of an account's recovery code.
func (s *Store) Recovery(ctx context.Context, acc uuid.UUID) (lock keys.CodeLock, made time.Time, err error) {
	lock, err = one(ctx, s, func(r scanner) (l keys.CodeLock, err error) {
		return l, r.Scan(&l.Salt, &l.Verifier, &l.Identity, &l.TOTP, at{&made})
	}, `SELECT salt, verifier, identity, totp, created FROM recovery WHERE account = $1`, acc)
	return lock, made, err
}

// PutRecovery stores a recovery code's lock in the place of an earlier one.
func (t *Tx) PutRecovery(acc uuid.UUID, l keys.CodeLock, when time.Time) error {
	return t.run(`INSERT INTO recovery (account, salt, verifier, identity, totp, created) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account) DO UPDATE SET salt = $2, verifier = $3, identity = $4, totp = $5, created = $6`, acc, l.Salt, l.Verifier, l.Identity, l.TOTP, ms(when))
}

// DropRecovery takes a recovery code away.
func (t *Tx) DropRecovery(acc uuid.UUID) error {
	return t.run(`DELETE FROM recovery WHERE account = $1`, acc)
}

// TakeRecovery uses up the recovery code that was read.
func (t *Tx) TakeRecovery(acc uuid.UUID, l keys.CodeLock) (bool, error) {
	return t.first(`DELETE FROM recovery WHERE account = $1 AND verifier = $2`, acc, l.Verifier)
}

// StrangeDevices lists sign-ins of an account on devices that were not known.
func (s *Store) StrangeDevices(ctx context.Context, acc uuid.UUID, since time.Time) ([]signin.SessionRow, error) {
	return many(ctx, s, func(r scanner) (v signin.SessionRow, err error) {
		return v, r.Scan(&v.Ref, &v.Agent, at{&v.Created})
	}, `SELECT ref, agent, at FROM new_device WHERE account = $1 AND at > $2 ORDER BY at DESC`, acc, ms(since))
}

// InsertStrange records a sign-in on a device that was not known, unless it is the
// account's first; of one account the ten newest are kept.
func (t *Tx) InsertStrange(acc uuid.UUID, v signin.SessionRow) error {
	if err := t.run(`INSERT INTO new_device (account, at, agent, ref) SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM device WHERE account = $1)`, acc, ms(v.Created), v.Agent, v.Ref); err != nil {
		return err
	}
	return t.run(`DELETE FROM new_device WHERE account = $1 AND ref NOT IN (SELECT ref FROM new_device WHERE account = $1 ORDER BY at DESC LIMIT 10)`, acc)
}

// DropStrange takes the records away.
func (t *Tx) DropStrange(acc uuid.UUID) error {
	return t.run(`DELETE FROM new_device WHERE account = $1`, acc)
}
