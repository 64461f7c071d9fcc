package domain

import "time"

// State is where an execution is in its life (SPEC EXE-2).
type State string

// The states; a queued or running execution is live.
const (
	StateQueued     State = "queued"
	StateRunning    State = "running"
	StateCompleted  State = "completed"
	StateFailed     State = "failed"
	StateTerminated State = "terminated"
)

// Live tells whether an execution in this state has not ended yet.
func (s State) Live() bool { return s == StateQueued || s == StateRunning }

// Phase is what a running execution is doing. It is "" once it ended.
type Phase string

// The phases, in order.
const (
	PhaseEnvironment Phase = "environment" // the environment is activated
	PhasePort        Phase = "port"        // a port is leased
	PhaseStarting    Phase = "starting"    // the script runs, its page does not answer yet
	PhaseReady       Phase = "ready"       // the page answers; without a page: the script runs
	PhaseStopping    Phase = "stopping"    // it was told to end and has the grace period left
)

// Reason says in a code why an execution ended as it did; its text stands in
// translations/ under "reason.<reason>".
type Reason string

// The reasons. Parameters of the text: exit_code, signal, user, seconds, megabytes, processes, duration, port, other.
const (
	ReasonExit         Reason = "exit"          // ended by itself with exit code 0
	ReasonExitCode     Reason = "exit_code"     // ended by itself with another exit code
	ReasonSignal       Reason = "signal"        // killed by a signal that we did not send
	ReasonStopped      Reason = "stopped"       // stopped by a person: user
	ReasonWindowClosed Reason = "window_closed" // its last window or tab was closed
	ReasonSignedOut    Reason = "signed_out"    // its person signed out
	ReasonQuit         Reason = "quit"          // the application was quit
	ReasonLost         Reason = "lost"          // its process was gone when we looked
	ReasonStartFailed  Reason = "start_failed"  // see Error
	ReasonTimeout      Reason = "timeout"       // ran longer than its limit: seconds
	ReasonMemory       Reason = "memory"        // used more memory than its limit: megabytes
	ReasonProcesses    Reason = "processes"     // had more processes than its limit: processes
	ReasonIdle         Reason = "idle"          // its page was not used for so long: duration, seconds
)

// Execution is one thing that runs or ran, as a person may see it.
type Execution struct {
	ID              string         `json:"id"`   // UUID
	Name            string         `json:"name"` // the script's name in English
	Kind            string         `json:"kind"` // KindScript, KindEnvironment, KindExport
	ScriptID        ScriptID       `json:"script_id"`
	GroupID         string         `json:"group_id"`
	ScriptName      Text           `json:"script_name"`
	UserID          int64          `json:"user_id"`
	User            string         `json:"user"`
	ProjectID       int64          `json:"project_id"`
	Project         string         `json:"project"`
	Actor           string         `json:"actor"` // user, schedule, system
	State           State          `json:"state"`
	Phase           Phase          `json:"phase"`
	Reason          Reason         `json:"reason"`
	ReasonParams    map[string]any `json:"reason_params,omitempty"`
	Error           *Error         `json:"error,omitempty"` // why it could not start or failed, with what to do
	ExitCode        *int           `json:"exit_code"`
	Signal          string         `json:"signal,omitempty"`
	PID             int            `json:"pid"`
	Port            int            `json:"port"`
	URL             string         `json:"url"` // set while the page answers
	HasPage         bool           `json:"has_page"`
	Environment     string         `json:"environment"` // name
	EnvironmentPath string         `json:"environment_path"`
	Fallback        string         `json:"fallback,omitempty"` // the environment that was wanted and not there
	Confinement     string         `json:"confinement"`        // full, files, limits, none
	Parameters      map[string]any `json:"parameters"`         // without secret values
	Command         []string       `json:"command,omitempty"`
	DataDir         string         `json:"data_dir,omitempty"`
	LogPath         string         `json:"log_path,omitempty"`
	CPUSeconds      float64        `json:"cpu_seconds"`
	MemoryPeak      int64          `json:"memory_peak_bytes"`
	Lines           int64          `json:"lines"`               // lines of output so far
	LogBytes        int64          `json:"log_bytes,omitempty"` // of its log's files, when it ended
	CreatedAt       time.Time      `json:"created_at"`
	StartedAt       *time.Time     `json:"started_at"`
	ReadyAt         *time.Time     `json:"ready_at"`
	EndedAt         *time.Time     `json:"ended_at"`
	DurationMS      int64          `json:"duration_ms"`
	GraceEndsAt     *time.Time     `json:"grace_ends_at,omitempty"` // while stopping: when it is killed
	Limits          []Limit        `json:"limits,omitempty"`        // which it has, and how they are held
	Warning         *EndWarning    `json:"warning,omitempty"`       // while it is about to be ended by a limit of time
	Attachments     int            `json:"attachments"`             // windows and tabs that show it
	AlwaysOn        int64          `json:"always_on,omitempty"`     // the id of the AlwaysOn for which it runs
	// Template is what it was started from; its values stay as they were then.
	Template *ExecutionTemplate `json:"template,omitempty"`
	Progress *Progress          `json:"progress,omitempty"` // of a running script that tells it
	Busy     bool               `json:"busy,omitempty"`     // the script says that it should not be closed now
	Queue    *QueuePlace        `json:"queue,omitempty"`    // while queued: what it waits for
	Files    []ChangedFile      `json:"files,omitempty"`    // made or changed in the data folder
	Job      *Job               `json:"job,omitempty"`      // what it does where it runs no script
}

// QueuePlace says what a queued execution waits for.
type QueuePlace struct {
	Limit string `json:"limit"` // the limit that is reached: max_concurrent_interfaces or max_interfaces_per_user
	Value int    `json:"value"` // of the limit
	Place int    `json:"place"` // from 1; what is ahead of it for the same limit is counted
}

// KindScript is the kind of an execution of a script.
const KindScript = "script"

// ChangedFile is a file that an execution made or changed in its data folder.
type ChangedFile struct {
	Path string `json:"path"` // relative to the data folder, with slashes
	Size int64  `json:"size"`
	New  bool   `json:"new"`
}

// Stream is where a line of a log comes from.
type Stream string

// The streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
	Debug  Stream = "debug" // what we did: activation, command, port, phases, end
)

// LogLine is one line of an execution's log. Seq counts from 1, over stdout
// and stderr together in order of arrival; debug lines count by themselves.
type LogLine struct {
	Seq    int64     `json:"seq"`
	Time   time.Time `json:"time"` // zero: not known
	Stream Stream    `json:"stream"`
	Text   string    `json:"text"`           // without the line's end; invalid UTF-8 replaced
	Open   bool      `json:"open,omitempty"` // the line has no end yet, more may come
	Cut    bool      `json:"cut,omitempty"`  // longer than the reader's limit, the rest is in the file
}

// LogPage is a run of lines, and where to go on.
type LogPage struct {
	Lines []LogLine `json:"lines"`
	Next  int64     `json:"next"`  // the Seq to ask for next
	Total int64     `json:"total"` // lines there are now
	Ended bool      `json:"ended"` // the execution ended and Next is past its last line
}
