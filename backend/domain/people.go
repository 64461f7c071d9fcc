package domain

import "time"

// User is an account.
type User struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"` // what one signs in with
	DisplayName string     `json:"display_name"`
	Email       string     `json:"email"`
	Level       Level      `json:"level"`
	Language    Language   `json:"language"`
	Theme       Theme      `json:"theme"`
	Active      bool       `json:"active"`
	Folder      string     `json:"folder"` // the name made safe for a path; never changes
	CreatedAt   time.Time  `json:"created_at"`
	LastLogin   *time.Time `json:"last_login"`
	LockedAt    *time.Time `json:"locked_at"` // by wrong passwords; it cannot sign in until it is released
	Revision    int64      `json:"revision"`  // counts the changes
}

// Project is a user's named workspace.
type Project struct {
	ID           int64      `json:"id"`
	UserID       int64      `json:"user_id"`
	Name         string     `json:"name"`
	Description  string     `json:"description"`
	IsDefault    bool       `json:"is_default"`
	Folder       string     `json:"folder"` // "project_…", safe for a path; never changes
	CreatedAt    time.Time  `json:"created_at"`
	LastAccessed *time.Time `json:"last_accessed"`
	ArchivedAt   *time.Time `json:"archived_at"` // it cannot be chosen or run in; nil: it can
	Version      int64      `json:"version"`     // grows with each change
}

// DefaultProject is the name of the project that every user has.
const DefaultProject = "project_default"

// ProjectShare is a person who may read a project of another.
type ProjectShare struct {
	UserID   int64     `json:"user_id"`
	User     string    `json:"user"`
	Name     string    `json:"name"`   // as it is shown
	Active   bool      `json:"active"` // the account is not closed
	SharedAt time.Time `json:"shared_at"`
}

// SharedProject is a project that another lets one read.
type SharedProject struct {
	Project
	Owner     string
	OwnerName string // as it is shown
	SharedAt  time.Time
}
