package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// Refusal says how a refused sign-in is recorded.
type Refusal struct {
	LockAfter  int  // wrong passwords in a row that lock an account; 0 is never
	Unrecorded bool // it is counted only: there were very many
	Before     int  // how many were only counted since the last one that was recorded
}

// SystemSignInRefused records that somebody wanted to sign in as the system's
// user and was refused; account is "" where the system says of none.
func (s *Store) SystemSignInRefused(ctx context.Context, account string, r Refusal) error {
	if r.Unrecorded {
		return nil
	}
	after := map[string]any{"system_account": account}
	if r.Before > 0 {
		after["not_recorded_before"] = r.Before
	}
	return s.Audit(ctx, Actor{Kind: ActorUser, Name: "(unknown)"}, "user.sign_in_refused", "user:(unknown)", nil, after)
}

// SignInRefused records that a sign-in was refused, and counts the wrong
// password. After so many in a row the account is locked, unless nobody would be
// left who can administer: the last one is slowed down only. It gives the
// account where this locked it. What the name is of takes as long as where there
// is none.
func (s *Store) SignInRefused(ctx context.Context, name string, r Refusal) (locked *domain.User, err error) {
	err = s.change(ctx, "record a refused sign-in", func(tx bun.Tx) error {
		row, err := userNamed(ctx, tx, name)
		known := err == nil
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		// What is no account's name may be anything, also a password.
		shown := "(unknown)"
		if known {
			shown = row.Username
		}
		if r.Unrecorded {
			// A write all the same: without one, a name that is none would answer faster.
			_, err = tx.ExecContext(ctx, `UPDATE users SET wrong_passwords = wrong_passwords WHERE id = (SELECT min(id) FROM users)`)
		} else {
			var more any
			if r.Before > 0 {
				more = map[string]any{"not_recorded_before": r.Before}
			}
			err = audit(ctx, tx, Actor{Kind: ActorUser, Name: shown}, "user.sign_in_refused", "user:"+shown, nil, more)
		}
		if err != nil || !known || row.LockedAt.pointer() != nil {
			return err
		}
		row.WrongPasswords++
		if r.LockAfter > 0 && row.WrongPasswords >= r.LockAfter {
			switch err := spare(ctx, tx, row); {
			case err == nil:
				row.LockedAt = at(time.Now())
			case !domain.HasCode(err, domain.CodeLastAdmin):
				return err
			}
		}
		if _, err := tx.NewUpdate().Model(&row).Column("wrong_passwords", "locked_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		if row.LockedAt.pointer() == nil {
			return nil
		}
		user := row.user()
		locked = &user
		return audit(ctx, tx, Actor{Kind: ActorSystem, Name: "sign-in"}, "user.lock", "user:"+row.Username, nil,
			map[string]any{"wrong_passwords": row.WrongPasswords})
	})
	if err != nil {
		return nil, err
	}
	return locked, nil
}

func userNamed(ctx context.Context, db bun.IDB, name string) (row userRow, err error) {
	if hasNUL(name) {
		return row, sql.ErrNoRows
	}
	return row, db.NewSelect().Model(&row).Where("name_key = ? AND deleted_at IS NULL", key(name)).Scan(ctx)
}

// RightPassword forgets the wrong ones of before.
func (s *Store) RightPassword(ctx context.Context, id int64) error {
	_, err := s.write.NewUpdate().Table("users").Set("wrong_passwords = 0").Where("id = ? AND wrong_passwords > 0", id).Exec(ctx)
	return s.wrap("forget wrong passwords", err)
}

// UnlockUser lets an account sign in again that wrong passwords have locked.
// It fails with CodeNotFound; one that is not locked is as it should be.
func (s *Store) UnlockUser(ctx context.Context, a Actor, id int64) (domain.User, error) {
	var row userRow
	err := s.change(ctx, "unlock user", func(tx bun.Tx) (err error) {
		if row, err = userByID(ctx, tx, id); err != nil {
			return err
		}
		since := row.LockedAt.pointer()
		row.WrongPasswords, row.LockedAt = 0, moment{}
		if _, err := tx.NewUpdate().Model(&row).Column("wrong_passwords", "locked_at").WherePK().Exec(ctx); err != nil || since == nil {
			return err
		}
		return audit(ctx, tx, a, "user.unlock", "user:"+row.Username, map[string]any{"locked_at": since}, nil)
	})
	return row.user(), err
}
