package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// requirement is what a method asks of the client that calls it.
type requirement struct {
	public bool         // nobody need be signed in
	level  domain.Level // the least level, else
}

var (
	public    = requirement{public: true}
	viewer    = requirement{level: domain.LevelViewer}
	operator  = requirement{level: domain.LevelOperator}
	developer = requirement{level: domain.LevelDeveloper}
	admin     = requirement{level: domain.LevelAdmin}
)

// requirements lists every exported method of every bound struct. What is not
// listed cannot be called, and a test fails for it. Rules about one object
// (is this execution mine, may I run this script) stand in the method itself.
func requirements() map[string]requirement {
	return map[string]requirement{
		"Session.State":             public,
		"Session.SignIn":            public,
		"Session.SignInSystem":      public, // of the client's own account, which the system tells
		"Session.SignOut":           viewer,
		"Session.SetPreferences":    public, // of a sign-in page too; kept for who is signed in
		"Session.SetProject":        viewer,
		"Session.Use":               viewer,
		"Session.SetPassword":       viewer,
		"Session.Sessions":          viewer,
		"Session.EndSessions":       viewer,
		"Setup.State":               public, // the root's owner until there is an administrator, then for administrators
		"Setup.SetSamples":          public, // the same
		"Setup.SetBackups":          public, // the same
		"Setup.SetSignIn":           public, // the same
		"Setup.KeepStep":            public, // only until there is an administrator
		"Setup.CreateAdministrator": public, // the same
		"Dashboard.Get":             viewer,
		"Scripts.Groups":            viewer,
		"Scripts.List":              viewer,
		"Scripts.Get":               viewer,
		"Scripts.Document":          viewer,
		"Scripts.Search":            viewer,
		"Scripts.Refresh":           developer,
		"Scripts.CheckContract":     developer,
		"Scripts.Create":            developer,
		"Scripts.ApprovePaths":      admin,
		"Scripts.SetGuard":          admin,
		"Metadata.Get":              developer,
		"Metadata.Check":            developer,
		"Metadata.Set":              developer,
		"Metadata.History":          developer,
		"Metadata.TakeBack":         developer,
		"Metadata.Reread":           developer,
		"Executions.Run":            operator,
		"Executions.Again":          operator,
		"Executions.Preview":        operator,
		"Executions.List":           viewer,
		"Executions.Get":            viewer,
		"Executions.Stop":           viewer,
		"Executions.Log":            viewer,
		"Executions.FindInLog":      viewer,
		"Executions.LogRows":        viewer,
		"Executions.LogLineAt":      viewer,
		"Executions.Tracebacks":     viewer,
		"Executions.Viewing":        viewer,
		"Executions.KeepRunning":    viewer,
		"Executions.Marks":          viewer,
		"Executions.Timeline":       viewer,
		"Executions.SetMark":        viewer,
		"Executions.Share":          admin,
		"Executions.Delete":         viewer,
		"Executions.Filters":        viewer,
		"Executions.SaveFilter":     viewer,
		"Executions.DeleteFilter":   viewer,
		"Logs.Search":               viewer,
		"Logs.Statistics":           viewer,
		"Logs.CleanUp":              admin,
		"Logs.Use":                  viewer,
		"Logs.SetKeepDays":          viewer,
		"Logs.Export":               viewer,
		"Logs.Exported":             viewer,
		"Executions.Used":           viewer,
		"Executions.Raise":          viewer,
		"AlwaysOn.List":             viewer,
		"AlwaysOn.Set":              developer,
		"AlwaysOn.Clear":            developer,
		"Templates.List":            viewer,
		"Templates.Get":             viewer,
		"Templates.Save":            operator,
		"Templates.Delete":          viewer, // who may save no more may still tidy up
		"Tags.List":                 viewer,
		"Tags.Of":                   viewer,
		"Tags.Change":               viewer,
		"Tags.Rename":               viewer,
		"Tags.Remove":               viewer,
		"Permissions.List":          admin,
		"Permissions.Set":           admin,
		"Permissions.Explain":       admin,
		"DataUse.Get":               admin,
		"DataUse.Measure":           admin,
		"DataUse.Clear":             admin,
		"Discovery.Get":             admin,
		"Discovery.Refresh":         admin,
		"Documents.Get":             viewer,
		"Documents.Image":           viewer,
		"Documents.Preview":         developer,
		"DocumentStatus.List":       admin,
		"DocumentStatus.Check":      developer,
		"DocumentEditor.Open":       developer,
		"DocumentEditor.Check":      developer,
		"DocumentEditor.Save":       developer,
		"DocumentEditor.History":    developer,
		"DocumentEditor.Version":    developer,
		"DocumentEditor.AddImage":   developer,
		"SystemLogs.Read":           admin,
		"SystemLogs.Export":         admin,
		"System.SupportBundle":      admin,
		"Settings.List":             admin,
		"Settings.Set":              admin,
		"Settings.Check":            admin,
		"Settings.History":          admin,
		"Settings.TakeBack":         admin,
		"Settings.Restore":          admin,
		"Audit.List":                admin,
		"Audit.Words":               admin,
		"Audit.Verify":              admin,
		"Audit.Export":              admin,
		"Running.List":              admin,
		"Ports.List":                admin,
		"Ports.End":                 admin,
		"Environments.List":         viewer,
		"Environments.Get":          viewer,
		"Environments.Packages":     viewer,
		"Environments.Activation":   developer,
		"Environments.Refresh":      developer,
		"Environments.Look":         developer,
		"Environments.Choices":      developer,
		"Environments.Create":       developer,
		"Environments.Import":       developer,
		"Environments.Clone":        developer,
		"Environments.Install":      developer,
		"Environments.Export":       developer,
		"Environments.Remove":       developer,
		"Environments.Uses":         viewer,
		"Environments.Check":        developer,
		"Environments.Assign":       developer,
		"Projects.List":             viewer,
		"Projects.Create":           viewer,
		"Projects.Overview":         viewer,
		"Projects.Change":           viewer,
		"Projects.Delete":           viewer,
		"Projects.Share":            viewer,
		"Projects.Unshare":          viewer,
		"Projects.People":           viewer,
		"Projects.Backups":          viewer,
		"Projects.BackUp":           operator,
		"Projects.DeleteBackup":     operator,
		"Projects.BackupPart":       operator,
		"Projects.Preview":          operator,
		"Projects.Restore":          operator,
		"Projects.UploadBackup":     operator,
		"Data.Groups":               viewer,
		"Data.List":                 viewer,
		"Data.Look":                 viewer,
		"Data.Text":                 viewer,
		"Data.Read":                 viewer,
		"Data.Table":                viewer,
		"Data.FormatJSON":           viewer,
		"Data.Watch":                viewer,
		"Data.Weigh":                viewer,
		"Data.Download":             viewer,
		"Data.DownloadPart":         viewer,
		"Data.TransferEnd":          viewer,
		"Data.Save":                 operator,
		"Data.MakeFolder":           operator,
		"Data.Move":                 operator,
		"Data.Delete":               operator,
		"Data.Upload":               operator,
		"Data.UploadPart":           operator,
		"Data.UploadEnd":            operator,
		"Users.List":                admin,
		"Users.Add":                 admin,
		"Users.Edit":                admin,
		"Users.SetPassword":         admin,
		"Users.Unlock":              admin,
		"Users.SystemAccounts":      admin,
		"Users.SetSystemAccount":    admin,
		"Users.Data":                admin,
		"Users.Deleted":             admin,
		"Users.Delete":              admin,
		"Users.ResetData":           admin,
		"Users.HandOver":            admin,
		"Users.Sessions":            admin,
		"Users.EndSessions":         admin,
		"System.About":              public,
		"System.Doctor":             viewer,
		"System.Confinement":        viewer,
	}
}

// who is the person behind a call.
type who struct {
	User    domain.User
	Project domain.Project
	System  bool // the owner's command line, without signing in
	Actor   engine.Actor
}

// actor is for whom a job of the person's runs.
func (w who) actor() string {
	if w.System {
		return "system"
	}
	return "user"
}

// require is the first line of every method: it finds who calls and whether
// the table lets them. It fails with CodeNotSignedIn, CodeNotAllowed or
// CodeSetupNeeded.
func (c *Client) require(ctx context.Context, method string) (who, error) {
	need, listed := requirements()[method]
	if !listed {
		return who{}, domain.NewError(domain.CodeNotAllowed, "level", string(domain.LevelAdmin))
	}
	w, err := c.who(ctx)
	if c.counts(method) && err == nil {
		c.touch()
	}
	if need.public {
		if domain.HasCode(err, domain.CodeNotSignedIn) {
			return who{}, nil
		}
		return w, err
	}
	if err != nil {
		return who{}, err
	}
	if !w.User.Level.AtLeast(need.level) {
		return who{}, domain.NewError(domain.CodeNotAllowed, "level", string(need.level))
	}
	return w, nil
}

// requirePerson is require for what is done for somebody. Before there are
// accounts, for the owner's command line too, it fails with CodeSetupNeeded.
func (c *Client) requirePerson(ctx context.Context, method string) (who, error) {
	w, err := c.require(ctx, method)
	if err == nil && w.User.ID == 0 {
		return who{}, domain.NewError(domain.CodeSetupNeeded)
	}
	return w, err
}

// who reads the signed-in account afresh, so that a level that was lowered or
// an account that was closed counts from the next call on.
func (c *Client) who(ctx context.Context) (who, error) {
	w, projectID, err := c.person(ctx)
	if err != nil || w.User.ID == 0 {
		return w, err
	}
	w.Project, err = c.app.engine.ProjectOrDefault(ctx, w.User.ID, projectID)
	return w, err
}

// person is who without the project, whose id it gives: it is asked for each
// event.
func (c *Client) person(ctx context.Context) (w who, projectID int64, err error) {
	c.mu.Lock()
	userID, projectID, closed := c.userID, c.project, c.closed || c.out
	c.mu.Unlock()
	if closed || (userID == 0 && !c.options.System) {
		return who{}, 0, domain.NewError(domain.CodeNotSignedIn)
	}
	if userID == 0 {
		w.System = true
		w.Actor = engine.Actor{Kind: "system", Name: "command line"}
		admin, found, err := c.app.engine.FirstAdmin(ctx)
		if err != nil {
			return who{}, 0, err
		}
		if !found {
			// Whoever owns the root may look at it before there are accounts.
			w.User = domain.User{Level: domain.LevelAdmin, Language: c.app.engine.DefaultLanguage(), Active: true}
			return w, 0, nil
		}
		w.User = admin
	} else {
		user, err := c.app.engine.User(ctx, userID)
		if domain.HasCode(err, domain.CodeNotFound) || (err == nil && !user.Active) {
			return who{}, 0, domain.NewError(domain.CodeNotSignedIn)
		}
		if err != nil {
			return who{}, 0, err // a busy database signs nobody out
		}
		w.User = user
		w.Actor = engine.UserActor(user)
	}
	return w, projectID, nil
}
