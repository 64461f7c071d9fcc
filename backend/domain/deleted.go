package domain

import "time"

// DataFate is what becomes of a deleted account's projects and data folders.
type DataFate string

// Fates.
const (
	DataKeep     DataFate = "keep"      // they stay under the name
	DataHandOver DataFate = "hand_over" // they become another account's
	DataDelete   DataFate = "delete"
)

// Valid tells whether it is one of these.
func (f DataFate) Valid() bool { return f == DataKeep || f == DataHandOver || f == DataDelete }

// DeletedUser is an account that was deleted. Executions and records tell of
// it by its name as it was.
type DeletedUser struct {
	User
	DeletedAt time.Time `json:"deleted_at"`
	Data      DataFate  `json:"data"`
	To        string    `json:"to"` // who got the data
}
