package imports

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kinds of problem.
const (
	ProblemSyntax     = "syntax"     // Python of this version cannot parse it
	ProblemEncoding   = "encoding"   // bytes that are no text
	ProblemUnreadable = "unreadable" // it cannot be opened
	ProblemTooLarge   = "too_large"  // or nested too deeply
)

// Report is what an environment lacks for one script.
type Report struct {
	Path    string    `json:"path"`    // of the script
	Missing []Missing `json:"missing"` // never nil; what is needed first
	Problem *Problem  `json:"problem"` // where the script, or a module of its own, cannot be read
}

// Lacks tells whether the script will fail for want of a module.
func (r Report) Lacks() bool {
	return len(r.Missing) > 0 && !r.Missing[0].Optional
}

// Missing is a module that is imported and is not there.
type Missing struct {
	Module   string `json:"module"`   // the top-level name
	Package  string `json:"package"`  // what to install to get it, as PyPI calls it; "" where Python itself should have it
	Conda    string `json:"conda"`    // the same, as conda calls it
	File     string `json:"file"`     // absolute: the script or a module beside it
	Line     int    `json:"line"`     // 1-based
	Optional bool   `json:"optional"` // the script is ready for its absence
	Standard bool   `json:"standard"` // a part of Python that this one was built without or has no more
}

// Problem says why a file could not be read.
type Problem struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Line   int    `json:"line"` // 1-based, 0 is not known
	Detail string `json:"detail"`
}

// stamp is a file or folder as it was when it was read; Size -1: it was not there.
type stamp struct {
	Path     string `json:"path"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Size     int64  `json:"size"`
}

type answered struct {
	Folders []stamp          `json:"folders"`
	Scripts []answeredScript `json:"scripts"`
}

type answeredScript struct {
	Path    string    `json:"path"`
	Files   []stamp   `json:"files"`
	Missing []named   `json:"missing"`
	Problem *rawIssue `json:"problem"`
}

type named struct {
	Name     string `json:"name"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Optional bool   `json:"optional"`
	Standard bool   `json:"standard"`
}

type rawIssue struct {
	Kind   string `json:"kind"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Detail string `json:"detail"`
}

const marker = "@scriptsmanager "

// parse reads what the program in the interpreter printed, among what a
// package's start-up file may have printed beside it, for exactly these scripts.
func parse(output []byte, scripts []string) (answered, error) {
	var a answered
	at := strings.LastIndex(string(output), "\n"+marker)
	if at < 0 {
		return a, errors.New("it answered something else")
	}
	line, _, ended := strings.Cut(string(output[at+1+len(marker):]), "\n")
	if !ended {
		return a, errors.New("its answer is cut off")
	}
	if err := json.Unmarshal([]byte(strings.TrimRight(line, "\r")), &a); err != nil {
		return answered{}, fmt.Errorf("read its answer: %w", err)
	}
	if len(a.Scripts) != len(scripts) {
		return answered{}, fmt.Errorf("it answered for %d of %d scripts", len(a.Scripts), len(scripts))
	}
	for i, s := range a.Scripts {
		if s.Path != scripts[i] {
			return answered{}, fmt.Errorf("it answered for %q, not for %q", s.Path, scripts[i])
		}
		for _, m := range s.Missing {
			if m.Name == "" || m.Line < 0 {
				return answered{}, fmt.Errorf("it named %q in line %d", m.Name, m.Line)
			}
		}
	}
	return a, nil
}

// report puts in what the environment could not know.
func (s answeredScript) report() Report {
	r := Report{Path: s.Path, Missing: []Missing{}}
	for _, wanted := range []bool{false, true} {
		for _, m := range s.Missing {
			if m.Optional != wanted {
				continue
			}
			one := Missing{Module: m.Name, File: m.File, Line: m.Line, Optional: m.Optional, Standard: m.Standard}
			if !m.Standard {
				one.Package, one.Conda = Packages(m.Name)
			}
			r.Missing = append(r.Missing, one)
		}
	}
	if p := s.Problem; p != nil {
		r.Problem = &Problem{Kind: p.Kind, File: p.File, Line: max(p.Line, 0), Detail: p.Detail}
		switch p.Kind {
		case ProblemSyntax, ProblemEncoding, ProblemUnreadable, ProblemTooLarge:
		default:
			r.Problem.Kind = ProblemUnreadable
		}
		if !utf8.ValidString(r.Problem.Detail) {
			r.Problem.Detail = strings.ToValidUTF8(r.Problem.Detail, "\ufffd")
		}
	}
	return r
}
