package app

import (
	"context"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// idleLook is how often is looked for sessions that nobody uses.
const idleLook = 5 * time.Second

// counts tells whether a call of the method shows that a person is there.
// Windows and tabs say so by Session.Use, since they ask for much by
// themselves; a file under way counts as long as it goes on. For a command
// every call does.
func (c *Client) counts(method string) bool {
	switch method {
	case "Session.Use", "Executions.Used", "Data.UploadPart", "Data.DownloadPart", "Projects.UploadBackup", "Projects.BackupPart":
		return true
	}
	return c.options.Kind == ClientCommand
}

// touch notes that a person uses the session.
func (c *Client) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.touched = time.Now(), c.app.elapsed()
}

// Use says that a person moves, types or clicks in the window or tab: it keeps
// the session from ending by sign_in.idle_minutes.
func (s *Session) Use(ctx context.Context) error {
	_, err := s.c.require(ctx, "Session.Use")
	return err
}

// EndUnused ends sessions of windows and tabs that nobody uses for
// sign_in.idle_minutes, until ctx ends (SPEC USR-4).
func (a *App) EndUnused(ctx context.Context) {
	tick := time.NewTicker(idleLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.endUnused(ctx)
		}
	}
}

// endUnused leaves scripts alone: their owner may sign in again.
func (a *App) endUnused(ctx context.Context) {
	limit := time.Duration(a.engine.Config().SignIn.IdleMinutes) * time.Minute
	if limit <= 0 {
		return
	}
	for _, c := range a.everyClient() {
		if c.options.Kind == ClientCommand {
			continue
		}
		var userID int64
		c.view(func() {
			if c.closed || c.userID == 0 || a.elapsed()-c.touched < limit {
				return
			}
			userID = c.userID
			c.userID, c.logsOpen, c.idleUser = 0, nil, userID // the project is as it was when the same person comes back
		})
		if userID == 0 {
			continue
		}
		c.leaveData()
		a.engine.Events().Publish(domain.Event{Type: domain.EventSessionEnded, Client: c.id})
		user, err := a.engine.User(ctx, userID)
		if err == nil {
			actor := engine.UserActor(user)
			err = a.engine.SessionUnused(ctx, actor, c.options.Kind)
		}
		if err != nil {
			a.log.Error("record that a session ended", "user", userID, "error", err)
		}
	}
}
