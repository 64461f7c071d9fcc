// Package sandbox confines the process of a script and says what of that holds
// on this machine. It makes the list of what a script may reach (Grants), the
// environment variables that it gets (Environ), and starts a process with the
// confinement on (Start). It promises that a Report names only what the system
// accepted; it decides neither who may run what, nor ends anything. Linux uses
// Landlock, seccomp and resource limits; elsewhere nothing is confined yet,
// and the report says so.
package sandbox

import (
	"slices"
	"time"
)

// Level is how far a process is confined.
type Level string

// The levels, from most to least.
const (
	Full    Level = "full"   // files, port, signals and system calls
	Files   Level = "files"  // files; some of the rest is missing
	Limited Level = "limits" // only limits or system calls
	None    Level = "none"
)

// Mode is an installation's policy.
type Mode string

// The modes.
const (
	Require Mode = "require" // what cannot be confined to Full is not started
	Prefer  Mode = "prefer"  // as far as the machine can
	Off     Mode = "off"
)

// Values of Policy.Network, as in a script's metadata.
const (
	NetworkFull  = "full"
	NetworkLocal = "local" // this machine alone
	NetworkNone  = "none"
)

// Part is one thing that a confinement holds; its text is "confinement.<part>".
type Part string

// The parts.
const (
	PartFiles     Part = "files"     // reading and writing only what is granted
	PartTruncate  Part = "truncate"  // emptying files is writing
	PartPort      Part = "port"      // TCP is bound to the leased port only
	PartDevices   Part = "devices"   // commands to devices only where granted
	PartSignals   Part = "signals"   // signals only to its own processes
	PartAbstract  Part = "abstract"  // abstract Unix sockets of its own only
	PartCalls     Part = "calls"     // dangerous system calls are refused
	PartConnect   Part = "connect"   // connections to local sockets are judged one by one
	PartPrivilege Part = "privilege" // no rights gained by programs, root's powers dropped
	PartNetwork   Part = "network"   // the network as the script's metadata say
)

// Parts lists all parts, in the order of importance.
func Parts() []Part {
	return []Part{
		PartFiles, PartTruncate, PartPort, PartSignals, PartAbstract, PartDevices, PartCalls, PartConnect, PartPrivilege, PartNetwork,
	}
}

// needed is what Full means.
func needed() []Part {
	return []Part{PartFiles, PartTruncate, PartPort, PartSignals, PartAbstract, PartCalls, PartConnect, PartPrivilege, PartNetwork}
}

// Policy says what a process may do. Paths are absolute and free of links: one
// that has become a link since is not granted.
type Policy struct {
	Mode    Mode     `json:"mode"`
	Read    []string `json:"read,omitempty"`    // files and folders to read and execute
	Write   []string `json:"write,omitempty"`   // files and folders to do anything with
	Devices []string `json:"devices,omitempty"` // devices to read, write and command
	Shared  []string `json:"shared,omitempty"`  // folders to make and use files in, not to list
	Bind    []int    `json:"bind,omitempty"`    // TCP ports
	Network string   `json:"network,omitempty"` // NetworkFull where ""
	// Closed are ranges of ports (first, last) of this machine that are not
	// connected to: our own, and those of other scripts. Those of Bind are open.
	Closed [][2]int `json:"closed,omitempty"`
	CPUs   int      `json:"cpus,omitempty"`    // processors to be kept to; 0 is all
	MaxABI int      `json:"max_abi,omitempty"` // tests: no more of Landlock than this version; 0 is no cap
}

// Limits bound what a process and all that it starts use; 0 is no limit.
type Limits struct {
	Memory    int64         `json:"memory_bytes,omitempty"` // resident, shared pages counted once
	Processes int           `json:"processes,omitempty"`
	Time      time.Duration `json:"time_ns,omitempty"`
	CPUs      float64       `json:"cpus,omitempty"`
}

// Report says what was enforced.
type Report struct {
	Level   Level    `json:"level"`
	ABI     int      `json:"abi"`               // Landlock's version in use; 0 is none
	Holds   []Part   `json:"holds,omitempty"`   // what is enforced
	Missing []Part   `json:"missing,omitempty"` // what is not
	CPUs    int      `json:"cpus,omitempty"`    // processors that it is kept to; 0 is all
	Notes   []string `json:"notes,omitempty"`   // the system's words
}

// settle fills in level and what is missing from what holds.
func (r *Report) settle() {
	r.Missing = nil
	for _, p := range Parts() {
		if !slices.Contains(r.Holds, p) {
			r.Missing = append(r.Missing, p)
		}
	}
	has := func(p Part) bool { return slices.Contains(r.Holds, p) }
	switch {
	case !slices.ContainsFunc(needed(), func(p Part) bool { return !has(p) }):
		r.Level = Full
	case has(PartFiles):
		r.Level = Files
	case has(PartCalls):
		r.Level = Limited
	default:
		r.Level = None
	}
}

// Offer is what this machine can enforce for a script with a page and the
// whole network.
type Offer struct {
	Level   Level  `json:"level"`
	System  string `json:"system"` // landlock, or "" where there is nothing
	ABI     int    `json:"abi"`
	Holds   []Part `json:"holds"`
	Missing []Part `json:"missing"`
}
