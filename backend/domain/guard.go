package domain

import "time"

// Guard says whether a script's page answers to its own windows only (SPEC
// SEC-4), and who set that.
type Guard struct {
	On        bool       `json:"on"`
	ChangedBy string     `json:"changed_by"` // "" where nobody changed it
	ChangedAt *time.Time `json:"changed_at"`
}
