package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/project/files"
)

// dataNeed is what a method wants of a project's files.
type dataNeed int

const (
	dataNames   dataNeed = iota // names and sizes
	dataContent                 // what stands in them
	dataChange
)

// dataAccess is what a method works on, once the person may.
type dataAccess struct {
	who     who
	place   engine.DataPlace
	foreign bool // an administrator's look at another's
	shared  bool // its owner lets the person read it
	app     *App
}

// reader tells whether the person may look at it because it is shared, and for
// nothing else.
func (a dataAccess) reader() bool { return a.shared && !a.foreign }

// rights tells what the person may do with the project.
func (a dataAccess) rights() DataRights {
	r := DataRights{
		Read: true, Write: a.who.User.Level.AtLeast(domain.LevelOperator) && a.place.Project.ArchivedAt == nil, Foreign: a.foreign, Shared: a.shared,
		Owner: a.place.Owner.Name, Project: a.place.Project.Name,
	}
	if a.reader() {
		r.Write = false
	}
	if a.foreign && !a.app.engine.AdminSeesData() {
		r.Read, r.Write = a.shared, false
	}
	return r
}

// project finds a project that the person may use so. Another's is not found,
// except by administrators and, for reading, by those with whom it is shared. A
// viewer reads and changes nothing (SPEC USR-2).
func (d *Data) project(ctx context.Context, method string, id int64, need dataNeed) (dataAccess, error) {
	w, err := d.c.requirePerson(ctx, method)
	if err != nil {
		return dataAccess{}, err
	}
	a := dataAccess{who: w, app: d.c.app, place: engine.DataPlace{Owner: w.User, Project: w.Project}}
	if id != 0 && id != w.Project.ID {
		if a.place.Project, err = d.c.app.engine.Project(ctx, id); err != nil {
			return dataAccess{}, err
		}
	}
	if owner := a.place.Project.UserID; owner != w.User.ID {
		if a.shared, err = d.c.app.engine.SharedWith(ctx, id, w.User.ID); err != nil {
			return dataAccess{}, err
		}
		a.foreign = w.User.Level == domain.LevelAdmin
		if !a.foreign && !a.shared {
			return dataAccess{}, domain.NewError(domain.CodeNotFound, "what", "project", "name", fmt.Sprint(id))
		}
		if a.place.Owner, err = d.c.app.engine.KnownUser(ctx, owner); err != nil {
			return dataAccess{}, err
		}
	}
	switch r := a.rights(); {
	case need >= dataContent && !r.Read:
		return dataAccess{}, domain.NewError(domain.CodeDataClosed)
	case need == dataChange && !w.User.Level.AtLeast(domain.LevelOperator):
		return dataAccess{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelOperator))
	case need == dataChange && (a.reader() || a.foreign && !a.app.engine.AdminSeesData()):
		return dataAccess{}, domain.NewError(domain.CodeProjectReadOnly, "project", a.place.Project.Name, "owner", a.place.Owner.Name)
	case need == dataChange: // not in the archive, nor while a backup is restored
		_, err = d.c.app.engine.WritableProject(ctx, a.place.Owner.ID, a.place.Project.ID)
	}
	return a, err
}

// place is project for the files of one group: one that the person sees, or,
// where the project is not only shared with the person, for which it has files.
func (d *Data) place(ctx context.Context, method string, projectID int64, groupID string, need dataNeed) (dataAccess, error) {
	a, err := d.project(ctx, method, projectID, need)
	if err != nil {
		return dataAccess{}, err
	}
	a.place.GroupID = groupID
	_, err = d.c.group(ctx, a.who, groupID)
	if err == nil || a.reader() || !domain.HasCode(err, domain.CodeNotFound) {
		return a, err
	}
	folder, opened := d.c.app.engine.OpenData(a.place)
	if opened != nil {
		return dataAccess{}, opened
	}
	if folder == nil || groupID == "" {
		return dataAccess{}, domain.NewError(domain.CodeNotFound, "what", "group", "name", groupID)
	}
	folder.Close()
	return a, nil
}

// open calls do with the data folder. It fails with CodeNotFound where it was
// not used yet.
func (a dataAccess) open(do func(*files.Folder) error) error {
	folder, err := a.app.engine.OpenData(a.place)
	if err != nil {
		return err
	}
	if folder == nil {
		return domain.NewError(domain.CodeNotFound, "what", "folder", "name", a.place.GroupID)
	}
	defer folder.Close()
	return do(folder)
}

// change calls do with the data folder, which is made where it was not used
// yet. The project is not replaced meanwhile: see engine.ChangeData.
func (a dataAccess) change(ctx context.Context, do func(*files.Folder) error) error {
	return a.app.engine.ChangeData(ctx, a.place, func() error {
		folder, err := a.app.engine.MakeData(ctx, a.place)
		if err != nil {
			return err
		}
		if folder == nil {
			return errors.New("the data folder was removed while it was used")
		}
		defer folder.Close()
		return do(folder)
	})
}

// changeThere is change for a data folder that was used. It fails with
// CodeNotFound where it was not.
func (a dataAccess) changeThere(ctx context.Context, do func(*files.Folder) error) error {
	return a.app.engine.ChangeData(ctx, a.place, func() error { return a.open(do) })
}

// record notes what was done: each change, and of what is another's each look,
// once while it goes on.
func (d *Data) record(ctx context.Context, a dataAccess, action, path string, what map[string]any) error {
	record := func() error { return d.c.app.engine.RecordData(ctx, a.who.Actor, action, a.place, path, what) }
	switch looks := action == "data.list" || action == "data.read"; {
	case !looks:
		return record()
	case !a.foreign:
		return nil
	default:
		return d.c.recordLook(action+"\x00"+a.app.engine.DataDir(a.place)+"\x00"+path, record)
	}
}

// dataSession is what a client keeps of its work with files.
type dataSession struct {
	mu        sync.Mutex // guards all below
	looked    map[string]time.Time
	transfers map[string]*transfer
}

// dataStaysOpen is how long after a look the next one belongs to it.
const dataStaysOpen = 10 * time.Minute

// looks tells whether the client looks at what it had not open.
func (s *dataSession) looks(what string) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked == nil {
		s.looked = map[string]time.Time{}
	}
	for other, at := range s.looked {
		if now.Sub(at) > dataStaysOpen {
			delete(s.looked, other)
		}
	}
	_, open := s.looked[what]
	s.looked[what] = now
	return !open
}

// recordLook has a look at what is another's recorded, once while it goes on.
func (c *Client) recordLook(what string, record func() error) error {
	if !c.data.looks(what) {
		return nil
	}
	err := record()
	if err != nil {
		c.data.forget()
	}
	return err
}

func (s *dataSession) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = nil
}

// leaveData ends what the client does with files.
func (c *Client) leaveData() {
	c.data.close()
	c.app.engine.WatchData(c.id, engine.DataPlace{}, nil)
}

// over tells whether the client is no more the user's, for whom it has just
// begun something: leaveData may have been too early for that.
func (c *Client) over(userID int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.userID == userID || (c.userID == 0 && c.options.System)
	return c.closed || c.out || !own
}

// watchesData tells whether the client shows one of the folders that an event
// tells of, and may do so still.
func (c *Client) watchesData(ctx context.Context, w who, e domain.Event) bool {
	event, ok := e.Data.(domain.DataEvent)
	if !ok || !c.app.engine.WatchesData(c.id, event) {
		return false
	}
	if e.UserID == w.User.ID || w.User.Level == domain.LevelAdmin {
		return true
	}
	shared, err := c.app.engine.SharedWith(ctx, event.ProjectID, w.User.ID)
	return err == nil && shared
}

// close ends all transfers: the person signed out, or another one comes.
func (s *dataSession) close() {
	s.mu.Lock()
	transfers := s.transfers
	s.transfers, s.looked = nil, nil
	s.mu.Unlock()
	for _, t := range transfers {
		t.end()
	}
}
