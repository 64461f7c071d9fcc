package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// SystemAccounts lists who may sign in as the system's account that he has.
func (s *Store) SystemAccounts(ctx context.Context) ([]domain.SystemAccount, error) {
	list := []domain.SystemAccount{}
	err := s.each(ctx, `SELECT a.account, a.name, a.user_id, u.username, a.set_by, a.set_at
		FROM system_accounts a JOIN users u ON u.id = a.user_id ORDER BY a.name, a.account`, nil, func(rows *sql.Rows) error {
		var a domain.SystemAccount
		var set moment
		err := rows.Scan(&a.Account, &a.Name, &a.UserID, &a.User, &a.SetBy, &set)
		a.SetAt = set.Time
		list = append(list, a)
		return err
	})
	return list, s.wrap("read accounts of the system", err)
}

// SetSystemAccount says who may sign in as an account of the system; user 0 is
// nobody. It fails with CodeNotFound, and CodeAccountClosed for one that is not active.
func (s *Store) SetSystemAccount(ctx context.Context, a Actor, account, name string, user int64) error {
	return s.change(ctx, "set who an account of the system is", func(tx bun.Tx) error {
		var before []string
		err := tx.NewSelect().TableExpr("system_accounts AS a").Join("JOIN users AS u ON u.id = a.user_id").
			ColumnExpr("u.username").Where("a.account = ?", account).Scan(ctx, &before)
		if err != nil {
			return err
		}
		var after any
		if user == 0 {
			if _, err := tx.Tx.ExecContext(ctx, `DELETE FROM system_accounts WHERE account = ?`, account); err != nil {
				return err
			}
		} else {
			row, err := userByID(ctx, tx, user)
			if err != nil {
				return err
			}
			if !row.IsActive { // who may not sign in does not do so in this way either
				return domain.NewError(domain.CodeAccountClosed, "user", row.Username)
			}
			after = map[string]string{"user": row.Username}
			if _, err := tx.Tx.ExecContext(ctx, `INSERT INTO system_accounts (account, name, user_id, set_by, set_at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (account) DO UPDATE SET name = excluded.name, user_id = excluded.user_id, set_by = excluded.set_by, set_at = excluded.set_at`,
				account, name, user, a.Name, at(time.Now())); err != nil {
				return err
			}
		}
		var was any
		if len(before) > 0 {
			was = map[string]string{"user": before[0]}
		}
		if was == nil && after == nil {
			return nil
		}
		return audit(ctx, tx, a, "user.set_system_account", name+" ("+account+")", was, after)
	})
}
