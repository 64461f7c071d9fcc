package engine

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project"
)

// Size is what some files take.
type Size struct {
	Bytes int64 `json:"bytes"`
	Files int64 `json:"files"`
}

func (s *Size) add(o Size) { s.Bytes, s.Files = s.Bytes+o.Bytes, s.Files+o.Files }

// ProjectUse is what a project of a user takes; where the project is not
// known, a folder that belongs to nobody any more, or what is the user's alone.
type ProjectUse struct {
	UserID    int64  `json:"user_id"`    // 0: no account has the folder
	User      string `json:"user"`       // the folder where no account has it
	Deleted   bool   `json:"deleted"`    // the account is
	ProjectID int64  `json:"project_id"` // 0: no project
	Project   string `json:"project"`    // the folder where no project has it; "" is what is of no project
	// Folders are by what it is cleared.
	UserFolder    string `json:"user_folder"`
	ProjectFolder string `json:"project_folder"`
	Data          Size   `json:"data"`
	Logs          Size   `json:"logs"` // Files: executions
	Backups       Size   `json:"backups"`
	Caches        Size   `json:"caches"`
}

func (u ProjectUse) empty() bool {
	return u.Data == Size{} && u.Logs == Size{} && u.Backups == Size{} && u.Caches == Size{}
}

// SystemUse is what belongs to the installation.
type SystemUse struct {
	What string `json:"what"` // database, log_index, system_logs, audit_logs, exports, environments, groups
	Size
}

// DataUse is what an installation takes on the disk, and when that was measured.
type DataUse struct {
	Measuring  bool         `json:"measuring"`
	Counted    int64        `json:"counted"` // files so far, while it is measured
	MeasuredAt *time.Time   `json:"measured_at"`
	TookMS     int64        `json:"took_ms"`
	Failed     string       `json:"failed,omitempty"` // why the last measurement came to no end
	Projects   []ProjectUse `json:"projects"`
	System     []SystemUse  `json:"system"`
}

// dataUse keeps the last measurement.
type dataUse struct {
	mu     sync.Mutex // guards what follows
	last   DataUse
	done   chan struct{} // closed when the measurement that runs ends
	cancel func()        // ends it
}

// stop ends a measurement that runs.
func (u *dataUse) stop() {
	u.mu.Lock()
	done, cancel := u.done, u.cancel
	u.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// DataUse gives the last measurement, and how far one is that runs.
func (e *Engine) DataUse() DataUse {
	e.dataUse.mu.Lock()
	defer e.dataUse.mu.Unlock()
	return e.dataUse.last
}

// MeasureData begins to measure, unless that is done already; it ends with the
// engine, not with ctx. The channel is closed at its end.
func (e *Engine) MeasureData(ctx context.Context) <-chan struct{} {
	u := &e.dataUse
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last.Measuring {
		return u.done
	}
	done := make(chan struct{})
	u.last.Measuring, u.last.Counted, u.done = true, 0, done
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // whoever asked may be gone by then
	u.cancel = cancel
	go func() {
		defer cancel()
		defer close(done)
		began := time.Now()
		m := &measurement{e: e, ctx: ctx, told: began}
		err := m.run()
		u.mu.Lock()
		u.last.Measuring, u.last.Failed = false, ""
		if err != nil {
			u.last.Failed = err.Error()
		} else {
			now := time.Now().UTC()
			u.last.MeasuredAt, u.last.TookMS = &now, time.Since(began).Milliseconds()
			u.last.Projects, u.last.System = m.projects, m.system
		}
		u.mu.Unlock()
		e.bus.Publish(domain.Event{Type: domain.EventDataUse})
	}()
	return done
}

// measurement is one walk over all files.
type measurement struct {
	e        *Engine
	ctx      context.Context
	told     time.Time
	counted  int64
	projects []ProjectUse
	system   []SystemUse
}

// tellEvery is how often those who watch a measurement hear of it.
const tellEvery = 500 * time.Millisecond

func (m *measurement) run() error {
	rows := map[[2]string]*ProjectUse{}
	row := func(user, project string) *ProjectUse {
		key := [2]string{strings.ToLower(user), strings.ToLower(project)}
		if rows[key] == nil {
			rows[key] = &ProjectUse{User: user, Project: project, UserFolder: user, ProjectFolder: project}
		}
		return rows[key]
	}
	zips, err := m.known(row)
	if err != nil {
		return err
	}
	root := m.e.options.Root
	groups, err := subfolders(root.ScriptData())
	if err != nil {
		return err
	}
	for _, group := range groups {
		if err := m.data(filepath.Join(root.ScriptData(), group), row); err != nil {
			return err
		}
	}
	if err := m.caches(root.Caches(), row); err != nil {
		return err
	}
	if err := m.backups(root.ProjectBackups(), zips, row); err != nil {
		return err
	}
	left := map[int64]bool{}
	for _, one := range rows {
		left[one.UserID] = left[one.UserID] || !one.empty()
	}
	for _, one := range rows {
		if one.Deleted && one.empty() && (one.Project != "" || !left[one.UserID]) {
			continue // nothing of it is left; logs are cleared by the row of no project
		}
		m.projects = append(m.projects, *one)
	}
	slices.SortFunc(m.projects, func(a, b ProjectUse) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.User), strings.ToLower(b.User)), cmp.Compare(a.Project, b.Project))
	})
	for _, one := range []struct {
		what  string
		paths []string
	}{
		{"database", []string{root.Database(), root.Database() + "-wal", root.Database() + "-shm"}},
		{"log_index", []string{root.LogIndex(), root.LogIndex() + "-wal", root.LogIndex() + "-shm"}},
		{"system_logs", []string{root.SystemLogs()}},
		{"audit_logs", []string{root.AuditLogs()}},
		{"exports", []string{root.Exports()}},
		{"environments", []string{m.e.VenvFolder()}},
		{"groups", []string{root.Groups()}},
	} {
		use := SystemUse{What: one.what}
		for _, path := range one.paths {
			size, err := m.size(path)
			if err != nil {
				return err
			}
			use.add(size)
		}
		m.system = append(m.system, use)
	}
	return nil
}

// known makes a row for each project, also of deleted accounts, with what its
// logs take, and gives whose the zips are by their names: folders of user and
// project. What is of a project that is there no more counts for its user.
func (m *measurement) known(row func(user, project string) *ProjectUse) (map[string][2]string, error) {
	users, err := m.e.everyUser(m.ctx)
	if err != nil {
		return nil, err
	}
	logs, err := m.e.store.LogSizes(m.ctx)
	if err != nil {
		return nil, err
	}
	zips, of := map[string][2]string{}, map[[2]int64]*ProjectUse{}
	for _, user := range users {
		folder := project.UserDir(user.Folder)
		own := row(folder, "")
		own.UserID, own.User, own.Deleted = user.ID, user.Name, user.deleted
		of[[2]int64{user.ID, 0}] = own
		projects, err := m.e.store.Projects(m.ctx, user.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range projects {
			one := row(folder, project.Dir(p.Folder))
			one.UserID, one.User, one.Deleted, one.ProjectID, one.Project = user.ID, user.Name, user.deleted, p.ID, p.Name
			of[[2]int64{user.ID, p.ID}] = one
		}
		backups, err := m.e.store.ProjectBackups(m.ctx, user.ID)
		if err != nil {
			return nil, err
		}
		for _, b := range backups {
			whose := cmp.Or(of[[2]int64{user.ID, b.ProjectID}], own)
			zips[b.File] = [2]string{whose.UserFolder, whose.ProjectFolder}
		}
	}
	for key, s := range logs {
		if whose := cmp.Or(of[key], of[[2]int64{key[0], 0}]); whose != nil {
			whose.Logs.add(Size{Bytes: s.Bytes, Files: s.Executions})
		}
	}
	return zips, nil
}

// knownUser is an account, also a deleted one, under its name.
type knownUser struct {
	domain.User
	deleted bool
}

func (e *Engine) everyUser(ctx context.Context) ([]knownUser, error) {
	users, err := e.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	deleted, err := e.store.DeletedUsers(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]knownUser, 0, len(users)+len(deleted))
	for _, u := range users {
		list = append(list, knownUser{User: u})
	}
	for _, u := range deleted {
		list = append(list, knownUser{User: u.User, deleted: true})
	}
	return list, nil
}

// data adds what a group's folder has of each user's projects.
func (m *measurement) data(group string, row func(user, project string) *ProjectUse) error {
	users, err := subfolders(group)
	if err != nil {
		return err
	}
	for _, user := range users {
		projects, err := subfolders(filepath.Join(group, user))
		if errors.Is(err, fs.ErrPermission) {
			continue // as what cannot be read in a project
		}
		if err != nil {
			return err
		}
		for _, project := range projects {
			size, err := m.size(filepath.Join(group, user, project))
			if err != nil {
				return err
			}
			row(user, project).Data.add(size)
		}
	}
	return nil
}

func (m *measurement) caches(dir string, row func(user, project string) *ProjectUse) error {
	users, err := subfolders(dir)
	if err != nil {
		return err
	}
	for _, user := range users {
		size, err := m.size(filepath.Join(dir, user))
		if err != nil {
			return err
		}
		row(user, "").Caches.add(size)
	}
	return nil
}

// backups adds the zips of projects, by whose they are; "?" has what nobody has.
func (m *measurement) backups(dir string, zips map[string][2]string, row func(user, project string) *ProjectUse) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, one := range entries {
		size, err := m.size(filepath.Join(dir, one.Name()))
		if err != nil {
			return err
		}
		whose := zips[one.Name()]
		row(cmp.Or(whose[0], "?"), whose[1]).Backups.add(size)
	}
	return nil
}

// subfolders lists folders, not links to such; one that is not there has none.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, one := range entries {
		if one.IsDir() && !strings.HasPrefix(one.Name(), ".") {
			names = append(names, one.Name())
		}
	}
	return names, err
}

// size adds up a file or all files of a folder; links are not followed. What
// vanishes meanwhile, or cannot be read, counts nothing.
func (m *measurement) size(path string) (s Size, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if ended := m.ctx.Err(); ended != nil {
			return ended
		}
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // as the comment says
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // as the comment says
		}
		s.add(Size{Bytes: info.Size(), Files: 1})
		m.count()
		return nil
	})
	return s, err
}

func (m *measurement) count() {
	m.counted++
	if m.counted%256 != 0 || time.Since(m.told) < tellEvery {
		return
	}
	m.told = time.Now()
	m.e.dataUse.mu.Lock()
	m.e.dataUse.last.Counted = m.counted
	m.e.dataUse.mu.Unlock()
	m.e.bus.Publish(domain.Event{Type: domain.EventDataUse})
}
