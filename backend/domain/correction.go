package domain

// CorrectionKind names what of a record did not agree with the machine.
type CorrectionKind string

// The kinds.
const (
	CorrectionEnded    CorrectionKind = "execution_ended"    // recorded as running, and its process had gone
	CorrectionTakenUp  CorrectionKind = "execution_taken_up" // ran, and nobody supervised it any more
	CorrectionRecord   CorrectionKind = "record_restored"    // ran, and its record was gone or said that it had ended
	CorrectionProcess  CorrectionKind = "process_ended"      // a process of ours of which no record tells was ended
	CorrectionReleased CorrectionKind = "lease_released"     // a port was leased to an execution that had ended
	CorrectionLease    CorrectionKind = "lease_restored"     // a running script's port was not, or wrongly, leased
)

// Correction is one thing in which record and machine differed, and which was
// put right (SPEC EXE-7). What is not known is zero.
type Correction struct {
	Kind        CorrectionKind `json:"kind"`
	ExecutionID string         `json:"execution_id"`
	ScriptID    ScriptID       `json:"script_id"`
	UserID      int64          `json:"user_id"`
	Port        int            `json:"port"`
	PID         int            `json:"pid"`
}
