package imports

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
)

// Report is what an environment lacks for one script.
type Report struct {
	Path    string                 `json:"path"`    // of the script
	Missing []domain.MissingModule `json:"missing"` // never nil; what is needed first
	Problem *domain.ImportProblem  `json:"problem"` // where the script, or a module of its own, cannot be read
}

// Lacks tells whether the script will fail for want of a module.
func (r Report) Lacks() bool {
	return len(r.Missing) > 0 && !r.Missing[0].Optional
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
	r := Report{Path: s.Path, Missing: []domain.MissingModule{}}
	for _, wanted := range []bool{false, true} {
		for _, m := range s.Missing {
			if m.Optional != wanted {
				continue
			}
			one := domain.MissingModule{Module: m.Name, File: m.File, Line: m.Line, Optional: m.Optional, Standard: m.Standard}
			if !m.Standard {
				one.Package, one.Conda = Packages(m.Name)
			}
			r.Missing = append(r.Missing, one)
		}
	}
	if p := s.Problem; p != nil {
		r.Problem = &domain.ImportProblem{Kind: p.Kind, File: p.File, Line: max(p.Line, 0), Detail: p.Detail}
		switch p.Kind {
		case domain.ImportSyntax, domain.ImportEncoding, domain.ImportUnreadable, domain.ImportTooLarge:
		default:
			r.Problem.Kind = domain.ImportUnreadable
		}
		if !utf8.ValidString(r.Problem.Detail) {
			r.Problem.Detail = strings.ToValidUTF8(r.Problem.Detail, "\ufffd")
		}
	}
	return r
}
