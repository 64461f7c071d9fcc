package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// HandOverKept makes what was kept of a deleted account another one's, as
// DeleteUser does with what it hands over; see there for move. It fails with
// CodeNotFound, also for to, and where nothing was kept.
func (s *Store) HandOverKept(ctx context.Context, a Actor, id, to int64, move func([]ProjectMove) error) (domain.DeletedUser, error) {
	var row userRow
	err := s.change(ctx, "hand over what was kept", func(tx bun.Tx) error {
		err := tx.NewSelect().Model(&row).Where("id = ? AND deleted_at IS NOT NULL AND json_extract(removal, '$.data') = ?", id, domain.DataKeep).Scan(ctx)
		if err := found(err, "user", id); err != nil {
			return err
		}
		from := row
		from.Username = row.DeletedName
		what := removal{Data: domain.DataHandOver}
		var moves []ProjectMove
		if what.To, moves, err = handOver(ctx, tx, from, to); err != nil {
			return err
		}
		text, err := json.Marshal(what)
		if err != nil {
			return err
		}
		row.Removal = string(text)
		if _, err := tx.NewUpdate().Model(&row).Column("removal").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("note what became of data: %w", err)
		}
		err = audit(ctx, tx, a, "user.hand_over", "user:"+row.DeletedName, nil, map[string]any{"to": what.To, "projects": len(moves)})
		if err != nil || len(moves) == 0 {
			return err
		}
		return move(moves)
	})
	if err != nil {
		return domain.DeletedUser{}, err
	}
	return row.deleted()
}
