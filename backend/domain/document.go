package domain

import "time"

// DocumentVersion is what a script's document in a language was at a time.
type DocumentVersion struct {
	ID        int64     `json:"id"`
	ScriptID  ScriptID  `json:"script_id"`
	Language  Language  `json:"language"`
	Path      string    `json:"path"` // relative to the group's folder
	CreatedAt time.Time `json:"created_at"`
	Author    string    `json:"author"` // "": it was found so, changed outside of the application
	Origin    int64     `json:"origin"` // the version that was taken back; 0 is none
	Hash      string    `json:"hash"`   // SHA-256 of the file
	Size      int64     `json:"size"`   // of the file
}

// DocumentEvent tells which document was changed in the application.
type DocumentEvent struct {
	ScriptID ScriptID `json:"script_id"`
	Language Language `json:"language"`
}
