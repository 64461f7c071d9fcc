package domain

import "time"

// SystemAccount says who may sign in, without a password, as the account of
// the operating system that he has.
type SystemAccount struct {
	Account string    `json:"account"` // of the system, by its number
	Name    string    `json:"name"`    // as the system showed it then
	UserID  int64     `json:"user_id"`
	User    string    `json:"user"`
	SetBy   string    `json:"set_by"`
	SetAt   time.Time `json:"set_at"`
}
