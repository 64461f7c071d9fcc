package discovery

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/folders"
)

// Result is what stands on the disk, sorted by id. It is shared with the
// cache and with other results: do not change what the slices and maps hold.
type Result struct {
	Groups   []domain.Group
	Scripts  []domain.Script
	Problems []domain.Problem // of the folder of groups itself; File is relative to it
	Number   uint64           // grows with each difference that a scan finds
}

// Discovery reads one folder of groups.
type Discovery struct {
	dir string
	log *slog.Logger
	now func() time.Time

	bounds folders.Bounds // of Watch

	mu      sync.Mutex // guards what follows; held for a whole scan
	groups  map[string]*group
	last    Result
	scanned bool
	watched bool            // changes that any scan finds are kept for the watch
	untold  map[string]bool // groups that the watch has not reported yet

	edits map[string]*groupEdits // by group; replaced, never changed
	again map[string]string      // groups to read though nothing changed: one script's stem, or "" for all

	sources sourceMaps

	looked, wanted atomic.Int64 // groups of the scan that runs, or ran last
}

// Progress tells how many groups the scan that runs, or ran last, has looked
// at, and how many there are.
func (d *Discovery) Progress() (looked, of int64) { return d.looked.Load(), d.wanted.Load() }

// New prepares the discovery of the groups in groupsDir; it reads nothing yet.
func New(groupsDir string, log *slog.Logger) *Discovery {
	return &Discovery{
		dir: filepath.Clean(groupsDir), log: log, now: time.Now, bounds: defaultBounds(),
		groups: map[string]*group{}, edits: map[string]*groupEdits{}, again: map[string]string{},
	}
}

// Scan gives all groups and scripts. What has not changed since the last scan
// is only looked at, not read. A folder of groups that does not exist is an
// empty one; one that cannot be read is an error, and the last result stays.
func (d *Discovery) Scan(ctx context.Context) (Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names, problems, err := d.candidates()
	if err != nil {
		return Result{}, err
	}
	fresh, err := d.scanGroups(ctx, names)
	if err != nil {
		return Result{}, err
	}
	clear(d.again)
	changed := d.replace(fresh)
	if d.watched {
		for _, id := range changed {
			d.untold[id] = true
		}
	}
	if d.scanned && len(changed) == 0 && slices.EqualFunc(problems, d.last.Problems, sameProblem) {
		return d.last, nil
	}
	d.last = d.collect(problems)
	d.scanned = true
	return d.last, nil
}

// candidates lists the folders that may be groups, sorted.
func (d *Discovery) candidates() ([]string, []domain.Problem, error) {
	entries, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, []domain.Problem{}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list the groups in %s: %w", d.dir, err)
	}
	names := make([]string, 0, len(entries))
	problems := []domain.Problem{}
	for _, e := range entries {
		name := e.Name()
		if neverGroup(name) {
			continue
		}
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			// A linked folder is either elsewhere or a group that is there already.
			if info, err := os.Stat(filepath.Join(d.dir, name)); err == nil && info.IsDir() {
				problems = append(problems, fileProblem(name, errEscapes))
			}
		case !e.IsDir():
		case !cleanName(name):
			problems = append(problems, fileProblem(fmt.Sprintf("%q", name), errName))
		default:
			names = append(names, name)
		}
	}
	return names, problems, nil
}

func neverGroup(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{"docs", "examples", "scripts", "__pycache__"}, name)
}

// scanGroups looks at every group with as many workers as there are
// processors, at most four: more do not help one disk.
func (d *Discovery) scanGroups(ctx context.Context, names []string) ([]*group, error) {
	fresh := make([]*group, len(names))
	d.looked.Store(0)
	d.wanted.Store(int64(len(names)))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4, len(names)) {
		workers.Go(func() {
			w := worker{d: d, now: d.now(), buf: make([]byte, 0, mostRead)}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(names) {
					return
				}
				fresh[i] = w.scanGroup(names[i], d.groups[names[i]])
				d.looked.Add(1)
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("scan %s: %w", d.dir, err)
	}
	return fresh, nil
}

// replace puts the groups that were just looked at in place of those of the
// last scan, and tells which of them a person would see change.
func (d *Discovery) replace(fresh []*group) []string {
	var changed []string
	groups := make(map[string]*group, len(fresh))
	for _, g := range fresh {
		if g == nil {
			continue // vanished while we looked
		}
		groups[g.id] = g
		old := d.groups[g.id]
		if old != g && g.differs && (g.shown || old != nil && old.shown) {
			changed = append(changed, g.id)
		}
	}
	for id, old := range d.groups {
		if groups[id] == nil && old.shown {
			changed = append(changed, id)
		}
	}
	d.groups = groups
	slices.Sort(changed)
	return changed
}

func (d *Discovery) collect(problems []domain.Problem) Result {
	result := Result{Groups: make([]domain.Group, 0, len(d.groups)), Problems: problems, Number: d.last.Number + 1}
	count := 0
	for _, g := range d.groups {
		if g.shown {
			result.Groups = append(result.Groups, g.group)
			count += len(g.scripts)
		}
	}
	slices.SortFunc(result.Groups, func(a, b domain.Group) int { return strings.Compare(a.ID, b.ID) })
	result.Scripts = make([]domain.Script, 0, count)
	for i := range result.Groups {
		result.Scripts = append(result.Scripts, d.groups[result.Groups[i].ID].scripts...)
	}
	return result
}

func sameProblem(a, b domain.Problem) bool { return a.File == b.File && a.Code == b.Code }

// sourceMaps shares the maps of domain.Script.Sources: thousands of scripts
// have a handful of different ones.
type sourceMaps struct {
	mu   sync.Mutex
	maps map[sourceKey]map[string]string
}

type sourceKey [fieldIgnore]byte

func (s *sourceMaps) get(key sourceKey) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.maps[key]; m != nil {
		return m
	}
	m := make(map[string]string, len(key))
	for f, source := range key {
		m[fieldNames[f]] = sourceNames[source]
	}
	if s.maps == nil {
		s.maps = map[sourceKey]map[string]string{}
	}
	s.maps[key] = m
	return m
}
