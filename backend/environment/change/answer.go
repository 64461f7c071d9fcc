package change

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/printed"
)

// answer is what conda, mamba and micromamba say with --json, as far as it is
// needed; other versions say more.
type answer struct {
	Success        *bool    `json:"success"`
	Error          string   `json:"error"`
	Exception      string   `json:"exception_name"`
	Message        string   `json:"message"`
	Packages       []any    `json:"packages"`
	BadDeps        []any    `json:"bad_deps"`
	ChannelURLs    []string `json:"channel_urls"`
	SolverProblems []string `json:"solver_problems"`
	Actions        struct {
		Link []struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"LINK"`
	} `json:"actions"`
}

// fetch is one report of a download: conda writes them one a line, ended by
// NUL, and on a terminal alone.
type fetch struct {
	name string
	done float64 // 0 to 1
}

func parseFetch(text string) (fetch, bool) {
	if !strings.HasPrefix(text, `{"fetch"`) {
		return fetch{}, false
	}
	var f struct {
		Fetch    string  `json:"fetch"`
		Finished bool    `json:"finished"`
		Max      float64 `json:"maxval"`
		Progress float64 `json:"progress"`
	}
	if json.Unmarshal([]byte(text), &f) != nil {
		return fetch{}, false
	}
	name, _, _ := strings.Cut(f.Fetch, "|")
	done := f.Progress
	if f.Max > 0 {
		done /= f.Max
	}
	if f.Finished {
		done = 1
	}
	return fetch{strings.TrimSpace(name), min(max(done, 0), 1)}, true
}

// parseAnswer finds the answer among what else was printed. The last object
// that says how it went counts.
func parseAnswer(text string) (a answer, understood bool) {
	for object := range printed.Objects(text) {
		var one answer
		if json.Unmarshal(object, &one) != nil {
			continue
		}
		if one.Success != nil || one.Error != "" || one.Exception != "" || one.Message != "" || one.SolverProblems != nil {
			a, understood = one, true
		}
	}
	return a, understood
}

var (
	notThere = regexp.MustCompile(`nothing provides (?:requested )?([^\s,;]+)|([A-Za-z0-9_.=<>!*-]+)(?: [^ ]+)? does not exist|No candidates were found for ([^\s,;]+)`)
	libmamba = regexp.MustCompile(`(?m)^(?:critical|error)\s+libmamba\s+(.+)$`)
)

// condaError says in our words how the tool failed; nil where it did not. What
// it says counts, not its exit code alone: it ends with 0 and an error inside,
// too.
func condaError(s Spec, o outcome, a answer, understood bool) error {
	failed := a.Error != "" || a.Exception != "" || len(a.SolverProblems) > 0 || (a.Success != nil && !*a.Success)
	if o.code == 0 && understood && !failed {
		return nil
	}
	all := strings.Join(append([]string{a.Exception, a.Error, a.Message, o.stderr}, a.SolverProblems...), "\n")
	if !understood {
		all += "\n" + o.stdout
	}
	name := a.Exception
	switch {
	case noSpace.MatchString(all):
		return domain.NewError(domain.CodeDiskFull, "path", s.Target)
	case strings.HasPrefix(name, "PackagesNotFound"), strings.HasPrefix(name, "ResolvePackageNotFound"):
		return missing(s, a, list(append(a.Packages, a.BadDeps...)))
	case strings.Contains(name, "HTTP"), strings.Contains(name, "SSL"), strings.Contains(name, "Proxy"), strings.Contains(name, "Connection"),
		strings.Contains(name, "Offline"), strings.Contains(name, "InvalidChannel"), unreachable.MatchString(all):
		return domain.NewError(domain.CodePackagesOffline, "detail", Mask(detail(s, o, a)))
	case strings.Contains(name, "Unsatisfiable"), len(a.SolverProblems) > 0, strings.Contains(all, "Could not solve for environment"):
		if absent := missingIn(all); absent != "" {
			return missing(s, a, absent)
		}
		return domain.NewError(domain.CodePackagesConflict, "detail", Mask(detail(s, o, a)))
	case !understood && o.code == 0:
		said := lastLine(o.stdout)
		if said == "" {
			said = lastLine(o.stderr)
		}
		return domain.NewError(domain.CodeToolAnswer, "tool", s.Tool.Name, "detail", printed.Brief(said))
	}
	return domain.NewError(domain.CodeEnvironmentFailed, "tool", s.Tool.Name, "detail", Mask(detail(s, o, a)))
}

func missing(s Spec, a answer, packages string) error {
	places := strings.Join(a.ChannelURLs, ", ")
	if places == "" {
		places = strings.Join(channelsOf(s), ", ")
	}
	if places == "" {
		places = "defaults"
	}
	return domain.NewError(domain.CodePackagesMissing, "packages", packages, "places", Mask(places))
}

// missingIn finds the packages that a solver's message says are nowhere.
func missingIn(text string) string {
	var names []string
	for _, m := range notThere.FindAllStringSubmatch(text, 5) {
		names = append(names, m[1]+m[2]+m[3])
	}
	return strings.Join(names, ", ")
}

func list(values []any) string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = fmt.Sprint(v)
	}
	return strings.Join(names, ", ")
}

// detail is the tool's own words, in short.
func detail(s Spec, o outcome, a answer) string {
	if text := strings.TrimSpace(a.Message); text != "" {
		return printed.Brief(text)
	}
	if a.Error != "" {
		return printed.Brief(a.Error)
	}
	if len(a.SolverProblems) > 0 {
		return printed.Brief(strings.Join(a.SolverProblems, "; "))
	}
	if m := libmamba.FindAllStringSubmatch(o.stderr, -1); m != nil {
		return printed.Brief(m[len(m)-1][1])
	}
	if text := lastLine(o.stderr); text != "" {
		return printed.Brief(text)
	}
	if text := lastLine(o.stdout); text != "" {
		return printed.Brief(text)
	}
	return fmt.Sprintf("%s ended with exit code %d", s.Tool.Name, o.code)
}
