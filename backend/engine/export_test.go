package engine

import "time"

// SetLookAfterJob changes how long the end of a job waits for the environments
// to be looked at.
func (e *Engine) SetLookAfterJob(d time.Duration) { e.lookAfterJob = d }
