package engine

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/change"
)

// EnvironmentChoices is what an environment can be made with.
type EnvironmentChoices struct {
	Tools      []EnvironmentTool   `json:"tools"`       // of conda; the first is taken where none is named; never nil
	Pythons    []EnvironmentPython `json:"pythons"`     // that venvs can be made from, the same; never nil
	VenvFolder string              `json:"venv_folder"` // where new venvs go
	Group      *GroupNeeds         `json:"group"`       // null where no group was named
}

// EnvironmentTool is a program that makes conda environments.
type EnvironmentTool struct {
	Name   string `json:"name"`   // conda, mamba or micromamba
	Path   string `json:"path"`   //
	Folder string `json:"folder"` // where new environments go
}

// EnvironmentPython is a Python that venvs can be made from.
type EnvironmentPython struct {
	Path        string `json:"path"`        // of the interpreter
	Version     string `json:"version"`     // "" is not known
	Environment string `json:"environment"` // the name of the environment that it is of
}

// GroupNeeds is what an environment for a group's scripts has to have.
type GroupNeeds struct {
	GroupID string `json:"group_id"`
	Name    string `json:"name"` // a name that is free
	// Requirements is the path of its requirements.txt, "" where there is none.
	Requirements string `json:"requirements"`
	// Lines are what stands in it, without comments; never nil.
	Lines []string `json:"lines"`
	// Packages are needed beside that: Flask, where a script has a page and the
	// file does not name it; never nil.
	Packages []string `json:"packages"`
	// OfflineFolder is the folder "wheels" of the group, "" where there is none.
	OfflineFolder string `json:"offline_folder"`
}

const (
	requirementsName = "requirements.txt"
	wheelsName       = "wheels"
	// maxRequirements is how much of a requirements.txt is shown.
	maxRequirements = 256 << 10
)

// EnvironmentChoices tells what environments can be made with and, where a
// group is named, what its environment needs. It fails with CodeNotFound.
func (e *Engine) EnvironmentChoices(ctx context.Context, groupID string) (EnvironmentChoices, error) {
	place, err := e.changePlace(ctx)
	if err != nil {
		return EnvironmentChoices{}, err
	}
	c := EnvironmentChoices{Tools: []EnvironmentTool{}, Pythons: []EnvironmentPython{}, VenvFolder: place.VenvFolder}
	for _, t := range place.Tools {
		c.Tools = append(c.Tools, EnvironmentTool{t.Name, t.Path, t.Envs})
	}
	for _, p := range change.Pythons(place.Environments) {
		c.Pythons = append(c.Pythons, EnvironmentPython{p.Python, p.PythonVersion, p.Name})
	}
	if groupID != "" {
		needs, err := e.groupNeeds(ctx, groupID, place)
		if err != nil {
			return EnvironmentChoices{}, err
		}
		c.Group = &needs
	}
	return c, nil
}

func (e *Engine) groupNeeds(ctx context.Context, groupID string, place change.Place) (GroupNeeds, error) {
	group, err := e.Group(ctx, groupID)
	if err != nil {
		return GroupNeeds{}, err
	}
	scripts, err := e.Scripts(ctx, groupID)
	if err != nil {
		return GroupNeeds{}, err
	}
	n := GroupNeeds{GroupID: groupID, Name: freeName(groupID, place), Lines: []string{}, Packages: []string{}}
	if path := filepath.Join(group.Path, requirementsName); isFile(path) {
		n.Requirements = path
		if n.Lines, err = e.requirements.lines(path); err != nil {
			return GroupNeeds{}, err
		}
	}
	if info, err := os.Stat(filepath.Join(group.Path, wheelsName)); err == nil && info.IsDir() {
		n.OfflineFolder = filepath.Join(group.Path, wheelsName)
	}
	page := slices.ContainsFunc(scripts, func(s domain.Script) bool { return s.Interface != domain.InterfaceNone })
	if page && !slices.ContainsFunc(n.Lines, flaskLine.MatchString) {
		n.Packages = append(n.Packages, "flask")
	}
	return n, nil
}

var flaskLine = regexp.MustCompile(`(?i)^flask($|[ \[<>=!~;@])`)

// keptRequirements is how many files are kept in mind.
const keptRequirements = 1000

// requirements keeps the lines of files until these change: a group's page asks
// for them whenever it is opened. The zero value keeps none yet.
type requirements struct {
	mu   sync.Mutex // guards kept
	kept map[string]keptLines
}

type keptLines struct {
	info  os.FileInfo
	lines []string
}

// lines gives what requirementLines does.
func (r *requirements) lines(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return requirementLines(path)
	}
	r.mu.Lock()
	known, ok := r.kept[path]
	r.mu.Unlock()
	if ok && os.SameFile(known.info, info) && known.info.ModTime().Equal(info.ModTime()) && known.info.Size() == info.Size() {
		return slices.Clone(known.lines), nil
	}
	lines, err := requirementLines(path)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || len(r.kept) >= keptRequirements {
		r.kept = map[string]keptLines{}
	}
	r.kept[path] = keptLines{info, lines}
	return slices.Clone(lines), nil
}

// requirementLines are the lines of a requirements.txt that say something.
func requirementLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxRequirements))
	if err != nil {
		return nil, domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error()).Because(err)
	}
	lines := []string{}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(b), "\uFFFD"), "\uFEFF")
	for line := range strings.Lines(text) {
		// A "#" is a comment at the beginning of a word alone: addresses have others.
		if i := strings.Index(" "+strings.ReplaceAll(line, "\t", " "), " #"); i >= 0 {
			line = line[:i]
		}
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, change.Mask(line))
		}
	}
	return lines, nil
}

// freeName makes of a group's id a name that no environment has.
func freeName(id string, place change.Place) string {
	name := id
	if change.CheckName(name) != nil {
		name = "environment"
	}
	taken := func(name string) bool {
		folders := []string{place.VenvFolder}
		for _, t := range place.Tools {
			folders = append(folders, t.Envs)
		}
		return slices.ContainsFunc(place.Environments, func(x domain.Environment) bool { return x.Name == name }) ||
			slices.ContainsFunc(folders, func(dir string) bool { _, err := os.Lstat(filepath.Join(dir, name)); return err == nil })
	}
	free := name
	for i := 2; taken(free) && i < 1000; i++ {
		free = fmt.Sprintf("%s-%d", name, i)
	}
	return free
}

// forGroup completes a request for the environment of a group by what the
// group needs.
func (e *Engine) forGroup(ctx context.Context, q ChangeRequest, groupID string, place change.Place) (ChangeRequest, error) {
	needs, err := e.groupNeeds(ctx, groupID, place)
	if err != nil {
		return q, err
	}
	q.Name = cmp.Or(q.Name, needs.Name)
	q.Requirements = cmp.Or(q.Requirements, needs.Requirements)
	for _, p := range needs.Packages {
		if !slices.ContainsFunc(q.Packages, flaskLine.MatchString) {
			q.Packages = append(slices.Clone(q.Packages), p)
		}
	}
	return q, nil
}

// assignMade has a group run in the environment that was made for it, in the
// name of who asked for it. That need not be verified by now: a run does that
// where nobody has.
func (e *Engine) assignMade(ctx context.Context, x domain.Execution) error {
	groupID, _ := x.Parameters["group"].(string)
	if groupID == "" {
		return nil
	}
	if _, err := e.Group(ctx, groupID); err != nil {
		return err
	}
	made := domain.Environment{Path: x.Job.Target, Name: x.Environment}
	a := Actor{Kind: x.Actor, UserID: x.UserID, Name: x.User}
	if user, err := e.User(ctx, x.UserID); err == nil { // else removed meanwhile
		a.Level = user.Level
	}
	return e.AssignToGroup(ctx, a, groupID, &made)
}
