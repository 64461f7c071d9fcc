package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"scriptsmanager/backend/domain"
)

// known is what the tables of groups and scripts hold, as far as it takes to
// see what changed.
type known struct {
	groups, scripts map[string]knownRow
}

type knownRow struct {
	id     int64
	digest int64
	active bool
}

// SyncScripts makes the tables of groups and scripts say what was discovered,
// in one transaction. Only what changed is written; what is not there any more
// becomes inactive and keeps its row, so that history keeps its names.
func (s *Store) SyncScripts(ctx context.Context, groups []domain.Group, scripts []domain.Script) error {
	s.syncMutex.Lock()
	defer s.syncMutex.Unlock()
	if s.known == nil {
		k, err := s.readKnown(ctx)
		if err != nil {
			return s.wrap("read known scripts", err)
		}
		s.known = k
	}
	w := syncWork{known: s.known}
	w.compare(groups, scripts)
	if w.empty() {
		return nil
	}
	var marshalling sync.WaitGroup
	w.prepare()
	marshalling.Go(w.marshal)
	defer marshalling.Wait() // the caller may change its scripts once this returned
	// A context that can be cancelled costs a goroutine per statement in the driver.
	steady := context.WithoutCancel(ctx)
	s.known = nil // until the transaction is known to be through
	err := s.change(ctx, "keep scripts", func(tx bun.Tx) error {
		if err := w.writeGroups(steady, tx.Tx); err != nil {
			return err
		}
		if err := w.writeScripts(steady, tx.Tx); err != nil {
			return err
		}
		return w.retire(steady, tx.Tx)
	})
	if err == nil {
		s.known = w.known
	}
	return err
}

func (s *Store) readKnown(ctx context.Context) (*known, error) {
	k := &known{}
	var err error
	if k.groups, err = s.readRows(ctx, `SELECT ref, id, digest, is_active FROM script_groups`); err != nil {
		return nil, err
	}
	k.scripts, err = s.readRows(ctx, `SELECT ref, id, digest, is_active FROM scripts`)
	return k, err
}

func (s *Store) readRows(ctx context.Context, query string) (map[string]knownRow, error) {
	rows, err := s.read.DB.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	m := map[string]knownRow{}
	for rows.Next() {
		var ref string
		var r knownRow
		if err := rows.Scan(&ref, &r.id, &r.digest, &r.active); err != nil {
			return nil, err
		}
		m[ref] = r
	}
	return m, rows.Err()
}

// syncWork is what one call of SyncScripts has to write.
type syncWork struct {
	known                   *known
	groups                  []changed[domain.Group]
	scripts                 []changed[domain.Script]
	goneGroups, goneScripts []string
	ready                   []chan error // by chunk of scripts
}

type changed[T any] struct {
	item             *T
	digest           int64
	data, parameters []byte
}

func (w *syncWork) empty() bool {
	return len(w.groups)+len(w.scripts)+len(w.goneGroups)+len(w.goneScripts) == 0
}

func (w *syncWork) compare(groups []domain.Group, scripts []domain.Script) {
	seen := make(map[string]bool, len(groups))
	for i := range groups {
		g := &groups[i]
		seen[g.ID] = true
		if d := groupDigest(g); !w.known.groups[g.ID].is(d, g.Active) {
			w.groups = append(w.groups, changed[domain.Group]{item: g, digest: d})
		}
	}
	w.goneGroups = gone(w.known.groups, seen)
	digests := make([]int64, len(scripts))
	inChunks(len(scripts), func(from, to int) {
		for i := from; i < to; i++ {
			digests[i] = scriptDigest(&scripts[i])
		}
	})
	seen = make(map[string]bool, len(scripts))
	for i, d := range digests {
		sc := &scripts[i]
		seen[sc.ID] = true
		if !w.known.scripts[sc.ID].is(d, sc.Active) {
			w.scripts = append(w.scripts, changed[domain.Script]{item: sc, digest: d})
		}
	}
	w.goneScripts = gone(w.known.scripts, seen)
}

func (r knownRow) is(digest int64, active bool) bool {
	return r.id != 0 && r.digest == digest && r.active == active
}

func gone(rows map[string]knownRow, seen map[string]bool) (refs []string) {
	for ref, r := range rows {
		if r.active && !seen[ref] {
			refs = append(refs, ref)
		}
	}
	return refs
}

// chunk is how many scripts a processor takes at a time.
const chunk = 128

// inChunks calls work for runs of n items on all processors.
func inChunks(n int, work func(from, to int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk) {
		wg.Go(func() {
			for {
				to := int(next.Add(chunk))
				if to-chunk >= n {
					return
				}
				work(to-chunk, min(to, n))
			}
		})
	}
	wg.Wait()
}

// prepare makes the channels that marshal and the writer meet at.
func (w *syncWork) prepare() {
	w.ready = make([]chan error, (len(w.scripts)+chunk-1)/chunk)
	for i := range w.ready {
		w.ready[i] = make(chan error, 1) // nobody reads it after a failed transaction
	}
}

// marshal makes the JSON of the scripts while the transaction writes what is
// ready: each takes about half of the time. The writer waits on a chunk's
// channel for its error or nil.
func (w *syncWork) marshal() {
	inChunks(len(w.scripts), func(from, to int) { w.ready[from/chunk] <- marshalScripts(w.scripts[from:to]) })
}

func marshalScripts(scripts []changed[domain.Script]) error {
	for i := range scripts {
		c := &scripts[i]
		row := scriptData(*c.item)
		row.Parameters = nil // they have a column of their own
		var err error
		if c.data, err = json.Marshal(row); err != nil {
			return fmt.Errorf("script %s: %w", c.item.ID, err)
		}
		if c.parameters, err = json.Marshal(c.item.Parameters); err != nil {
			return fmt.Errorf("script %s: %w", c.item.ID, err)
		}
	}
	return nil
}

// scriptData is a domain.Script without its zero values, which halves what is
// written. The compiler refuses the conversion when a field is missing here.
type scriptData struct {
	ID                  domain.ScriptID    `json:"id"`
	GroupID             string             `json:"group_id"`
	Filename            string             `json:"filename"`
	Path                string             `json:"path"`
	Name                domain.Text        `json:"name,omitzero"`
	Description         domain.Text        `json:"description,omitzero"`
	DescriptionLong     domain.Text        `json:"description_long,omitzero"`
	Category            string             `json:"category,omitzero"`
	Tags                []string           `json:"tags,omitzero"`
	RequiredLevel       domain.Level       `json:"required_level,omitzero"`
	Environment         string             `json:"environment,omitzero"`
	EnvironmentAssigned bool               `json:"-"` // a setting
	Parameters          []domain.Parameter `json:"parameters,omitzero"`
	Interface           string             `json:"interface,omitzero"`
	AutoOpenInterface   bool               `json:"auto_open_interface,omitzero"`
	RequiresParameters  bool               `json:"requires_parameters,omitzero"`
	ConfirmClose        bool               `json:"confirm_close,omitzero"`
	Background          bool               `json:"background,omitzero"`
	AlwaysOn            bool               `json:"always_on,omitzero"`
	ExecutionTimeout    int                `json:"execution_timeout,omitzero"`
	FlaskPort           int                `json:"flask_port,omitzero"`
	MemoryLimit         string             `json:"memory_limit,omitzero"`
	CPULimit            string             `json:"cpu_limit,omitzero"`
	Network             string             `json:"network,omitzero"`
	Paths               []string           `json:"paths,omitzero"`
	Sources             map[string]string  `json:"sources,omitzero"`
	Problems            []domain.Problem   `json:"problems,omitzero"`
	Active              bool               `json:"active,omitzero"`
	ModifiedAt          time.Time          `json:"modified_at,omitzero"`
	Size                int64              `json:"size,omitzero"`
}

func (w *syncWork) writeGroups(ctx context.Context, tx *sql.Tx) error {
	if len(w.groups) == 0 {
		return nil
	}
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO script_groups
		(ref, name, directory_path, description, required_level, conda_environment, is_active, discovered_at, digest, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ref) DO UPDATE SET name = excluded.name, directory_path = excluded.directory_path,
		description = excluded.description, required_level = excluded.required_level,
		conda_environment = excluded.conda_environment, is_active = excluded.is_active, digest = excluded.digest,
		data = excluded.data RETURNING id`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	now := time.Now()
	for _, c := range w.groups {
		g := c.item
		data, err := json.Marshal(g)
		if err != nil {
			return fmt.Errorf("group %s: %w", g.ID, err)
		}
		discovered := g.DiscoveredAt
		if discovered.IsZero() {
			discovered = now
		}
		var id int64
		if err := stmt.QueryRowContext(ctx, g.ID, g.Name.In(domain.English), g.Path, g.Description.In(domain.English),
			string(g.RequiredLevel), nullText(g.Environment), g.Active, at(discovered), c.digest, string(data)).Scan(&id); err != nil {
			return fmt.Errorf("group %s: %w", g.ID, err)
		}
		w.known.groups[g.ID] = knownRow{id: id, digest: c.digest, active: g.Active}
	}
	return nil
}

func (w *syncWork) writeScripts(ctx context.Context, tx *sql.Tx) error {
	if len(w.scripts) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO scripts
		(group_id, filename, display_name, description, description_long_path, tags, required_level, parameters,
		is_active, last_modified, digest, data, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	update, err := tx.PrepareContext(ctx, `UPDATE scripts SET group_id = ?, filename = ?, display_name = ?, description = ?,
		description_long_path = ?, tags = ?, required_level = ?, parameters = ?, is_active = ?, last_modified = ?,
		digest = ?, data = ? WHERE ref = ?`)
	if err != nil {
		return err
	}
	defer func() { _ = update.Close() }()
	for i := range w.scripts {
		if i%chunk == 0 {
			if err := <-w.ready[i/chunk]; err != nil {
				return err
			}
		}
		c := &w.scripts[i]
		sc := c.item
		id, stmt := w.known.scripts[sc.ID].id, update
		if id == 0 {
			stmt = insert
		}
		res, err := stmt.ExecContext(ctx, nullID(w.known.groups[sc.GroupID].id), sc.Filename, sc.Name.In(domain.English),
			sc.Description.In(domain.English), nullText(sc.DescriptionLong.In(domain.English)), strings.Join(sc.Tags, ","),
			string(sc.RequiredLevel), string(c.parameters), sc.Active, at(sc.ModifiedAt), c.digest, string(c.data), sc.ID)
		if err == nil && id == 0 {
			id, err = res.LastInsertId()
		}
		if err != nil {
			return fmt.Errorf("script %s: %w", sc.ID, err)
		}
		w.known.scripts[sc.ID] = knownRow{id: id, digest: c.digest, active: sc.Active}
	}
	return nil
}

func (w *syncWork) retire(ctx context.Context, tx *sql.Tx) error {
	for _, table := range []struct {
		name string
		refs []string
		rows map[string]knownRow
	}{{"script_groups", w.goneGroups, w.known.groups}, {"scripts", w.goneScripts, w.known.scripts}} {
		for _, ref := range table.refs {
			if _, err := tx.ExecContext(ctx, `UPDATE `+table.name+` SET is_active = FALSE WHERE ref = ?`, ref); err != nil {
				return fmt.Errorf("retire %s: %w", ref, err)
			}
			r := table.rows[ref]
			r.active = false
			table.rows[ref] = r
		}
	}
	return nil
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Groups gives all groups, active and inactive, by id.
func (s *Store) Groups(ctx context.Context) ([]domain.Group, error) {
	groups, err := s.readGroups(ctx, `ORDER BY ref`)
	return groups, s.wrap("read groups", err)
}

// Group gives one group. It fails with CodeNotFound.
func (s *Store) Group(ctx context.Context, id string) (domain.Group, error) {
	groups, err := s.readGroups(ctx, `WHERE ref = ?`, id)
	if err == nil && len(groups) == 0 {
		err = found(sql.ErrNoRows, "group", id)
	}
	if err != nil {
		return domain.Group{}, s.wrap("read group "+id, err)
	}
	return groups[0], nil
}

func (s *Store) readGroups(ctx context.Context, rest string, args ...any) ([]domain.Group, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT data, is_active, discovered_at FROM script_groups `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	groups := []domain.Group{}
	for rows.Next() {
		var g domain.Group
		var data sql.RawBytes
		var active bool
		var discovered moment
		if err := rows.Scan(&data, &active, &discovered); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &g); err != nil {
			return nil, err
		}
		g.Active, g.DiscoveredAt = active, discovered.Time
		groups = append(groups, g)
	}
	return groups, rows.Err()
}

// Scripts gives the scripts of a group (of all for ""), active and inactive, by id.
func (s *Store) Scripts(ctx context.Context, groupID string) ([]domain.Script, error) {
	var scripts []domain.Script
	var err error
	if groupID == "" {
		scripts, err = s.readScripts(ctx, `ORDER BY ref`)
	} else {
		scripts, err = s.readScripts(ctx, `WHERE group_id = (SELECT id FROM script_groups WHERE ref = ?) ORDER BY ref`, groupID)
	}
	return scripts, s.wrap("read scripts", err)
}

// Script gives one script. It fails with CodeNotFound.
func (s *Store) Script(ctx context.Context, id string) (domain.Script, error) {
	scripts, err := s.readScripts(ctx, `WHERE ref = ?`, id)
	if err == nil && len(scripts) == 0 {
		err = found(sql.ErrNoRows, "script", id)
	}
	if err != nil {
		return domain.Script{}, s.wrap("read script "+id, err)
	}
	return scripts[0], nil
}

func (s *Store) readScripts(ctx context.Context, rest string, args ...any) ([]domain.Script, error) {
	rows, err := s.read.DB.QueryContext(ctx, `SELECT data, parameters, is_active FROM scripts `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	scripts := []domain.Script{}
	for rows.Next() {
		var row scriptData
		var data, parameters sql.RawBytes
		var active bool
		if err := rows.Scan(&data, &parameters, &active); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &row); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(parameters, &row.Parameters); err != nil {
			return nil, err
		}
		row.Active = active
		scripts = append(scripts, domain.Script(row))
	}
	return scripts, rows.Err()
}

// ScriptRowID gives the number by which other tables refer to a script. It
// fails with CodeNotFound.
func (s *Store) ScriptRowID(ctx context.Context, scriptID string) (int64, error) {
	var id int64
	err := s.read.DB.QueryRowContext(ctx, `SELECT id FROM scripts WHERE ref = ?`, scriptID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = found(err, "script", scriptID)
	}
	return id, s.wrap("read script "+scriptID, err)
}
