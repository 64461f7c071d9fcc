package domain

// KindEnvironment is the kind of an execution that changes an environment: it
// runs no script, but work of ours, as a process under a shim.
const KindEnvironment = "environment"

// KindExport is the kind of an execution that writes executions and their logs
// into a file; its only action is JobExport.
const KindExport = "export"

// KindCleanup is the kind of an execution that compresses logs; its only action
// is JobCompress.
const KindCleanup = "cleanup"

// KindProject is the kind of an execution that makes or puts back the zip of a
// project; its actions are JobBackup and JobRestore.
const KindProject = "project"

// Actions of jobs of KindEnvironment.
const (
	JobCreate  = "create"  // a new environment, of packages
	JobImport  = "import"  // a new environment, of a file: environment.yml, explicit list, conda-pack archive
	JobClone   = "clone"   // a new environment, as another one is
	JobInstall = "install" // packages into an environment that is there
	JobExport  = "export"  // what is in an environment, or in logs, into a file
	JobRemove  = "remove"

	JobCompress = "compress" // finished logs

	JobBackup  = "backup"  // a project into a zip
	JobRestore = "restore" // a zip into a project
)

// Job is what an execution that runs no script does, and how far it is.
type Job struct {
	Action   string         `json:"action"`           // JobCreate, …
	Target   string         `json:"target"`           // the path that it changes: one job at a time
	Source   string         `json:"source,omitempty"` // the path that it reads: nobody changes it meanwhile
	Progress Progress       `json:"progress"`
	Result   map[string]any `json:"result,omitempty"` // at the end, by the action: path, packages
}

// Progress is how far a job is (SPEC JOB-1). What is not known is 0.
type Progress struct {
	PercentDone   float64 `json:"percent_done"` // of the whole job, 0 to 100
	Step          string  `json:"step"`         // name of the step at work
	Steps         []Step  `json:"steps"`
	Text          string  `json:"text"` // what it works on: a package, a file
	FilesDone     int64   `json:"files_done,omitempty"`
	TotalFiles    int64   `json:"total_files,omitempty"`
	BytesDone     int64   `json:"bytes_done,omitempty"`
	TotalBytes    int64   `json:"total_bytes,omitempty"`
	ThroughputBPS float64 `json:"throughput_bps,omitempty"`
	ETASeconds    float64 `json:"eta_seconds,omitempty"`
}

// Step is one named part of a job; its text stands in translations/ under
// "job.step.<name>".
type Step struct {
	Name  string `json:"name"`
	State string `json:"state"` // pending, running, done, failed, skipped
}

// States of a step.
const (
	StepPending = "pending"
	StepRunning = "running"
	StepDone    = "done"
	StepFailed  = "failed"
	StepSkipped = "skipped"
)
