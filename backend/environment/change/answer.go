package change

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
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
	// Errors are those of conda's CondaMultiError, which has no message itself.
	Errors []struct {
		Error     string `json:"error"`
		Exception string `json:"exception_name"`
		Message   string `json:"message"`
	} `json:"errors"`
	Actions struct {
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
		var other *json.UnmarshalTypeError // a field is of another type in that version; the rest was read
		if err := json.Unmarshal(object, &one); err != nil && !errors.As(err, &other) {
			continue
		}
		one.flatten()
		if one.Success != nil || one.Error != "" || one.Exception != "" || one.Message != "" || one.SolverProblems != nil {
			a, understood = one, true
		}
	}
	return a, understood
}

// flatten makes one error of several.
func (a *answer) flatten() {
	var names, messages []string
	for _, e := range a.Errors {
		if e.Exception != "" {
			names = append(names, e.Exception)
		}
		if text := strings.TrimSpace(cmp.Or(e.Message, e.Error)); text != "" && !slices.Contains(messages, text) {
			messages = append(messages, text)
		}
	}
	if len(messages) > 0 {
		a.Exception, a.Message = strings.Join(names, ", "), strings.Join(messages, "; ")
	}
}

var (
	notProvided = regexp.MustCompile(`nothing provides (?:requested )?([^\s,;]+)|No candidates were found for ([^\s,;]+)`)
	// A line of libmamba's tree: name, version, build; what can be any is a star.
	notThere = regexp.MustCompile(`(?m)^[^\pL\pN_\n]*(?:package )?([A-Za-z0-9_][A-Za-z0-9_.+-]*(?: +[^ \n,]+){0,3}?)(?:, which)? +does not exist`)
	pipFails = regexp.MustCompile(`(?i)\bpip failed\b`)
	address  = regexp.MustCompile(`https?://[^\s'"<>]+`)
	libmamba = regexp.MustCompile(`(?m)^(?:critical|error)\s+libmamba\s+(.+)$`)
)

// condaError says in our words how the tool failed; nil where it did not. What
// it says counts, not its exit code alone: it ends with 0 and an error inside,
// too.
func condaError(s Spec, o outcome, a answer, understood bool) error {
	failed := a.Error != "" || a.Exception != "" || len(a.SolverProblems) > 0 || (a.Success != nil && !*a.Success)
	if o.code == 0 && !failed && (understood || silentOnSuccess(s)) {
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
	case strings.Contains(name, "CondaToS"):
		return terms(s, a.Message)
	case pipFails.MatchString(all):
		return pipFailed(s, "pip", o)
	case strings.HasPrefix(name, "PackagesNotFound"), strings.HasPrefix(name, "ResolvePackageNotFound"):
		packages := list(append(a.Packages, a.BadDeps...))
		if packages == "" {
			packages = printed.Brief(cmp.Or(a.Message, a.Error))
		}
		return missing(s, a, packages)
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

// silentOnSuccess tells whether conda says nothing where it did what it was
// asked for: with an explicit list it gives no answer in the end, with --json
// (conda/cli/install.py, install). What became of it is looked at by job.whole.
func silentOnSuccess(s Spec) bool {
	return s.Action == domain.JobImport && s.Format == fileExplicit && !s.Tool.Lib
}

func missing(s Spec, a answer, packages string) error {
	places := strings.Join(a.ChannelURLs, ", ")
	if places == "" {
		places = strings.Join(channelsOf(s), ", ")
	}
	if places == "" {
		places = s.Tool.Name + " (channels)" // those of its settings, which the tool does not always tell
	}
	return domain.NewError(domain.CodePackagesMissing, "packages", packages, "places", Mask(places))
}

// missingIn finds the packages that a solver's message says are nowhere.
func missingIn(text string) string {
	var found []string
	add := func(words []string) {
		if len(words) > 0 && len(found) < 5 && !slices.ContainsFunc(found, func(f string) bool { return strings.Fields(f)[0] == words[0] }) {
			found = append(found, strings.Join(words, " "))
		}
	}
	for _, m := range notThere.FindAllStringSubmatch(text, -1) { // says more than the other
		add(slices.DeleteFunc(strings.Fields(m[1]), func(w string) bool { return w == "*" || w == "=*" }))
	}
	for _, m := range notProvided.FindAllStringSubmatch(text, -1) {
		add([]string{m[1] + m[2]})
	}
	return strings.Join(found, ", ")
}

// terms says of which channels the terms of service are not accepted, and how
// they are: conda asks a person for it, and nobody else may answer.
func terms(s Spec, message string) error {
	said, _, _ := strings.Cut(message, "\n\n") // commands and documentation come after
	channels := address.FindAllString(said, -1)
	argv := []string{s.Tool.Path, "tos", "accept", "--override-channels"}
	for _, c := range channels {
		argv = append(argv, "--channel", c)
	}
	return domain.NewError(domain.CodeCondaTerms, "channels", Mask(strings.Join(channels, ", ")), "command", shown(argv))
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
