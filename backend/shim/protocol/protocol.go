// Package protocol is what the engine and scriptsmanager-shim say to each
// other: the files spec.json and state.json of a run folder, and the messages
// on its socket, one JSON object a line.
//
// A shim may outlive an upgrade of the engine, so fields and operations are
// only ever added; Version tells which are there.
package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/process"
	"scriptsmanager/backend/sandbox"
)

// Version of the protocol and of both files.
const Version = 1

// Names of files in a run folder.
const (
	SpecFile   = "spec.json"
	StateFile  = "state.json"
	SocketFile = "s"
	CrashFile  = "shim.err" // what the shim itself wrote to stderr; empty unless it crashed
)

// What the shim does when no engine holds it any more.
const (
	LossStop     = "stop"     // end the whole tree
	LossContinue = "continue" // go on, the next engine takes it up again
)

// SpareArgument in place of the run folder has the shim wait for it as a line on
// its standard input, whose end without one is its own.
const SpareArgument = "--spare"

// Spec says what to run. It is read once, from SpecFile (mode 600), which the
// shim removes as soon as StateFile is written: Env may hold secrets.
type Spec struct {
	Version     int              `json:"version"`
	ExecutionID string           `json:"execution_id"`
	RunDir      string           `json:"run_dir"`
	LogBase     string           `json:"log_base"` // path without extension
	Argv        []string         `json:"argv"`     // Argv[0] is a path; no shell, no search in PATH
	Env         []string         `json:"env"`
	Dir         string           `json:"dir"`
	OnLoss      string           `json:"on_loss"`
	Grace       time.Duration    `json:"grace_ns"` // between asking to end and killing
	Socket      string           `json:"socket"`   // address to listen on
	Token       string           `json:"token"`
	Tag         process.Tag      `json:"tag"`
	Confine     sandbox.Policy   `json:"confine"`
	Limits      sandbox.Limits   `json:"limits"`
	LogLimit    int64            `json:"log_limit,omitempty"` // bytes of output that the log takes; 0 is no limit
	Secrets     []string         `json:"secrets,omitempty"`   // texts that are masked in the log
	Holder      process.Identity `json:"holder"`              // who started the shim, and holds it until it says so on the socket
}

// Phases of a shim.
const (
	PhaseStarting = "starting"
	PhaseRunning  = "running"
	PhaseStopping = "stopping"
	PhaseEnded    = "ended"
)

// Why a run ended, as far as the shim knows.
const (
	EndExit        = "exit"            // by itself; see ExitCode and Signal
	EndStopped     = "stopped"         // it was asked to stop
	EndKilled      = "killed"          // it was to be killed, without a grace
	EndHolderLost  = "holder_lost"     // the engine was gone, and LossStop was agreed on
	EndShimStopped = "shim_stopped"    // the shim was told to end by a signal, as at a shutdown
	EndStartFailed = "start_failed"    // see StartError
	EndTime        = "time_limit"      // it ran longer than Limits.Time
	EndMemory      = "memory_limit"    // its tree used more than Limits.Memory
	EndProcesses   = "processes_limit" // its tree had more than Limits.Processes
	EndLost        = "lost"            // the shim itself was killed; written by whoever found out
)

// What State.Error may say; the first thing that happened.
const (
	ErrorDiskFull = "disk_full" // output was lost as there was no room for it
	ErrorLogLimit = "log_limit" // output was left out as the log reached Spec.LogLimit
	ErrorLogWrite = "log_write" // output was lost as the log could not be written
)

// CodeConfinement is StartError.Code where the policy requires more
// confinement than the machine gives.
const CodeConfinement = "confinement"

// StartError is why a program could not be started.
type StartError struct {
	Code string `json:"code"` // not_found, permission, exec_format, folder, confinement, other
	Text string `json:"text"` // the system's words
}

// State is what a shim knows about its run; as StateFile (mode 600) it is
// written when the run starts, when it is told to stop, when the disk fills
// up, and at the end.
type State struct {
	Version     int              `json:"version"`
	ExecutionID string           `json:"execution_id"`
	Phase       string           `json:"phase"`
	Shim        process.Identity `json:"shim"`
	Script      process.Identity `json:"script"`
	Socket      string           `json:"socket"`
	Token       string           `json:"token,omitempty"` // in the file only, until the end
	Tag         process.Tag      `json:"tag"`
	LogBase     string           `json:"log_base"`
	OnLoss      string           `json:"on_loss"`
	StartedAt   time.Time        `json:"started_at"`
	GraceEndsAt *time.Time       `json:"grace_ends_at,omitempty"` // while stopping
	EndedAt     *time.Time       `json:"ended_at,omitempty"`
	End         string           `json:"end,omitempty"`
	ExitCode    *int             `json:"exit_code"`            // nil where a signal ended it, or it never ran
	Signal      string           `json:"signal,omitempty"`     // "SIGKILL"
	GraceOver   bool             `json:"grace_over,omitempty"` // it did not end in the grace and was killed
	StartError  *StartError      `json:"start_error,omitempty"`
	Error       string           `json:"error,omitempty"` // ErrorDiskFull, ErrorLogLimit or ErrorLogWrite, once output was lost
	LostBytes   int64            `json:"lost_bytes,omitempty"`
	DiskFull    bool             `json:"disk_full,omitempty"` // now
	Lines       int64            `json:"lines"`
	Bytes       int64            `json:"bytes"`
	CPUSeconds  float64          `json:"cpu_seconds"`       // of the whole tree
	Memory      int64            `json:"memory_bytes"`      // of the whole tree now; 0 in the file
	MemoryPeak  int64            `json:"memory_peak_bytes"` // of the largest process (Windows: of the tree)
	Processes   int              `json:"processes"`         // in the tree now
	Left        []int            `json:"left,omitempty"`    // processes that could not be ended
	Confinement sandbox.Report   `json:"confinement"`       // what of Spec.Confine is enforced
	Limits      sandbox.Limits   `json:"limits"`            // as in Spec, Time as it was extended
	Means       Means            `json:"means"`             // how they are held
}

// Means says how each limit is held, in the words of domain.Means; "" where
// there is no such limit, or by a shim of before.
type Means struct {
	Memory    string `json:"memory,omitempty"`
	Processes string `json:"processes,omitempty"`
	Time      string `json:"time,omitempty"`
	CPUs      string `json:"cpus,omitempty"`
}

// Values of Means.
const (
	MeansWatched    = "watched"
	MeansProcessors = "processors"
	MeansGroup      = "group"
	MeansNone       = "none"
)

// Masked stands in a log, and wherever else a script says something, in place of
// a secret.
const Masked = "********"

// Operations that a client can ask for.
const (
	OpHello     = "hello"     // must come first; with Token
	OpHold      = "hold"      // the connection's end is the loss of the engine
	OpRelease   = "release"   // the connection's end is no loss any more; with Grace, unless nobody holds it when that is over
	OpSubscribe = "subscribe" // events follow
	OpStatus    = "status"
	OpStop      = "stop" // with Grace
	OpKill      = "kill"
	OpPolicy    = "policy" // with OnLoss
	OpExtend    = "extend" // with Time
)

// Request is a message to the shim.
type Request struct {
	Version int           `json:"v"`
	ID      int64         `json:"id"`
	Op      string        `json:"op"`
	Token   string        `json:"token,omitempty"`
	Grace   time.Duration `json:"grace_ns,omitempty"`
	OnLoss  string        `json:"on_loss,omitempty"`
	Time    time.Duration `json:"time_ns,omitempty"` // for OpExtend: the new Limits.Time, counted from the start; 0 is none
}

// Kinds of events.
const (
	EventStarted  = "started"
	EventOutput   = "output"
	EventStopping = "stopping"
	EventDisk     = "disk" // State.DiskFull changed
	EventEnded    = "ended"
)

// Message is what the shim sends: the answer to a request (ID and either State
// or Error), or an event (Event and what changed).
type Message struct {
	Version int    `json:"v"`
	ID      int64  `json:"id,omitempty"`
	Error   string `json:"error,omitempty"`
	Event   string `json:"event,omitempty"`
	Lines   int64  `json:"lines,omitempty"`
	Bytes   int64  `json:"bytes,omitempty"`
	State   *State `json:"state,omitempty"`
}

// Ready is the line that the shim writes to stdout when its socket listens, or
// why it cannot work.
type Ready struct {
	Version int    `json:"v"`
	Error   string `json:"error,omitempty"`
	Code    string `json:"code,omitempty"` // ErrorDiskFull or ""
}

// WriteFile writes v as JSON to a file of the run folder, mode 600, so that a
// reader sees either the old or the new text. It does not wait for the disk:
// a run folder means nothing after a restart of the machine.
func WriteFile(runDir, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	path := filepath.Join(runDir, name)
	temporary := path + ".new"
	if err := os.WriteFile(temporary, append(b, '\n'), 0o600); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(temporary))
	}
	if err := rename(temporary, path); err != nil {
		return fmt.Errorf("put %s in place: %w", name, err)
	}
	return nil
}

// ReadState reads StateFile.
func ReadState(runDir string) (State, error) {
	var s State
	return s, readFile(runDir, StateFile, &s)
}

// Rehearse decodes a spec and encodes a state of nothing, so that what is known
// of their types is there.
func Rehearse() {
	var spec Spec
	_ = json.Unmarshal([]byte(`{"confine":{"read":["/"]}}`), &spec) // it is good
	_, _ = json.Marshal(State{})
}

// ReadSpec reads SpecFile.
func ReadSpec(runDir string) (Spec, error) {
	var s Spec
	return s, readFile(runDir, SpecFile, &s)
}

func readFile(runDir, name string, into any) error {
	b, err := os.ReadFile(filepath.Join(runDir, name))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
