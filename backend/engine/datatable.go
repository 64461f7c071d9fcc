package engine

import (
	"context"
	"slices"
	"sync"

	"scriptsmanager/backend/project/files"
)

// tablesMost is how many tables are remembered: their rows are found once.
const tablesMost = 16

// dataTables remembers where the rows of tables stand.
type dataTables struct {
	mu   sync.Mutex  // guards all below
	kept []keptTable // the last used one last
}

type keptTable struct {
	key   string
	table *files.Table
}

// DataTable tells where the rows of a file stand.
func (e *Engine) DataTable(ctx context.Context, file *files.File, d files.Dialect) (*files.Table, error) {
	key := file.Name() + "\x00" + file.State() + "\x00" + d.Delimiter + d.Quote
	t := &e.tables
	t.mu.Lock()
	at := slices.IndexFunc(t.kept, func(k keptTable) bool { return k.key == key })
	if at >= 0 {
		found := t.kept[at]
		t.kept = append(slices.Delete(t.kept, at, at+1), found)
		t.mu.Unlock()
		return found.table, nil
	}
	t.mu.Unlock()
	table, err := files.IndexTable(ctx, file.File, d)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept = append(t.kept, keptTable{key, table}); len(t.kept) > tablesMost {
		t.kept = slices.Delete(t.kept, 0, 1)
	}
	return table, nil
}
