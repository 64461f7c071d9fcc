package change

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// condaSilence is how long conda may say nothing: while it chooses packages,
// and while it links them, it does not with --json.
const condaSilence = 30 * time.Minute

// CondaArguments is the command line of the tool for the spec; listed is a
// file with every package by its address, for a tool that cannot clone.
//
// Environments are named by --prefix, as names may repeat. conda create deletes
// an environment that is there: it must not be called for one.
func CondaArguments(s Spec, listed string) []string {
	argv := []string{s.Tool.Path}
	switch {
	case s.Action == domain.JobInstall:
		argv = append(argv, "install", "--yes")
	case s.Action == domain.JobImport && s.Format == fileYAML && !s.Tool.Lib:
		argv = append(argv, "env", "create") // which takes no --yes in older versions, and asks nothing
	default:
		argv = append(argv, "create", "--yes")
	}
	argv = append(argv, "--json", "--prefix", s.Target)
	if s.Offline != "" && !s.Tool.Lib {
		argv = append(argv, "--offline") // libmamba then refuses a channel in a folder, too
	}
	yaml := s.Action == domain.JobImport && s.Format == fileYAML
	if channels := channelsOf(s); len(channels) > 0 && !yaml {
		if s.Offline != "" {
			argv = append(argv, "--override-channels")
		}
		for _, c := range channels {
			argv = append(argv, "--channel", c)
		}
	}
	switch {
	case s.Action == domain.JobImport:
		return append(argv, "--file", s.File)
	case s.Action == domain.JobClone && s.Tool.Lib:
		return append(argv, "--file", listed)
	case s.Action == domain.JobClone:
		return append(argv, "--clone", s.Source)
	case s.Action == domain.JobCreate:
		return append(argv, wanted(s)...)
	}
	return append(argv, s.Packages...)
}

// channelsOf are the channels of a spec; a folder becomes an address.
func channelsOf(s Spec) []string {
	if s.Offline == "" {
		return s.Channels
	}
	path := filepath.ToSlash(s.Offline)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive
	}
	return append([]string{(&url.URL{Scheme: "file", Path: path}).String()}, s.Channels...)
}

// wanted are the packages of a new environment: there is a Python among them,
// as scripts are to run in it.
func wanted(s Spec) []string {
	python := regexp.MustCompile(`^python($|[ =<>!~\[])`)
	if slices.ContainsFunc(s.Packages, python.MatchString) {
		return s.Packages
	}
	first := "python"
	if s.Python != "" {
		first += "=" + s.Python
	}
	return append([]string{first}, s.Packages...)
}

// exportArguments is the command line that prints what is in an environment.
func exportArguments(s Spec) []string {
	switch {
	case s.Format == FormatExplicit:
		return []string{s.Tool.Path, "list", "--prefix", s.Target, "--explicit", "--md5"}
	case s.Format == FormatFromHistory:
		return []string{s.Tool.Path, "env", "export", "--prefix", s.Target, "--from-history"}
	}
	return []string{s.Tool.Path, "env", "export", "--prefix", s.Target}
}

// condaEnviron are the settings for a tool: no colours, no questions, and the
// installation that is meant.
func condaEnviron(t Tool) []string {
	env := []string{"CONDA_ALWAYS_YES=true", "CONDA_REPORT_ERRORS=false", "NO_COLOR=1", "MAMBA_NO_BANNER=1", "TERM=dumb"}
	if t.Lib {
		env = append(env, "MAMBA_ROOT_PREFIX="+t.Root)
	}
	return env
}

// conda runs the tool for the spec and gives what it did.
func (j *job) conda(ctx context.Context, argv []string) (answer, error) {
	fetched := map[string]float64{}
	o, err := j.run(ctx, command{
		name: j.spec.Tool.Name, argv: argv, env: condaEnviron(j.spec.Tool), term: !j.spec.Tool.Lib, hideOut: true, silence: condaSilence,
		out: func(text string) bool {
			f, ok := parseFetch(text)
			if !ok {
				return false
			}
			if len(fetched) == 0 {
				j.report.begin("packages")
			}
			if _, known := fetched[f.name]; !known {
				j.report.say("download %s", f.name)
			}
			fetched[f.name] = f.done
			sum := 0.0
			for _, done := range fetched {
				sum += done
			}
			// How many there will be is not told; linking comes after.
			j.report.part(0.6*sum/float64(len(fetched)+1), f.name)
			return true
		},
	})
	if err != nil {
		return answer{}, err
	}
	a, understood := parseAnswer(o.stdout)
	if failed := condaError(j.spec, o, a, understood); failed != nil {
		_, _ = fmt.Fprint(j.out, o.stdout) // for who looks into it
		return a, failed
	}
	for _, p := range a.Actions.Link {
		j.report.say("installed %s %s", p.Name, p.Version)
	}
	return a, nil
}

// makeConda makes an environment of packages, of a file or as another one is.
func (j *job) makeConda(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"solve", "packages", "verify"}, []float64{25, 70, 5})
	j.report.begin("solve")
	if err := os.MkdirAll(filepath.Dir(s.Target), 0o700); err != nil {
		return nil, diskError(err, s.Target)
	}
	if absent(s) != nil {
		return nil, j.taken() // since it was planned
	}
	listed := ""
	if s.Action == domain.JobClone && s.Tool.Lib {
		var err error
		if listed, err = j.listPackages(s.Source); err != nil {
			return nil, err
		}
		defer func() { _ = os.Remove(listed) }()
	}
	a, err := j.conda(ctx, CondaArguments(s, listed))
	if err != nil {
		return nil, err
	}
	if s.Action == domain.JobClone {
		if err := copyState(s.Source, s.Target); err != nil {
			return nil, err
		}
	}
	result := map[string]any{"path": s.Target, "packages": len(a.Actions.Link)}
	if s.Action == domain.JobClone && s.Tool.Lib {
		copied, left, err := j.copyPip(ctx)
		if err != nil {
			return nil, err
		}
		if len(copied) > 0 {
			result["pip_packages"] = copied
		}
		if len(left) > 0 {
			result["not_copied"] = left
		}
	}
	j.report.begin("verify")
	if err := j.whole(ctx); err != nil {
		return nil, err
	}
	return result, nil
}

// whole proves that the tool has made an environment, whatever it said.
func (j *job) whole(ctx context.Context) error {
	s := j.spec
	if !exists(filepath.Join(s.Target, "conda-meta", "history")) {
		return domain.NewError(domain.CodeToolAnswer, "tool", s.Tool.Name, "detail", "no environment at "+s.Target)
	}
	python := condaPython(s.Target)
	if !exists(python) {
		if s.Action == domain.JobCreate {
			return domain.NewError(domain.CodeToolAnswer, "tool", s.Tool.Name, "detail", "no Python at "+python)
		}
		return nil // a file need not ask for one
	}
	o, err := j.run(ctx, command{name: "python", argv: []string{python, "-c", "import sys"}, quiet: true, silence: 5 * time.Minute})
	if err == nil && o.code != 0 {
		err = domain.NewError(domain.CodeEnvironmentFailed, "tool", "python", "detail", lastLine(o.stderr))
	}
	return err
}

// condaPython is the interpreter of a conda environment.
func condaPython(prefix string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(prefix, "python.exe")
	}
	return filepath.Join(prefix, "bin", "python")
}

// copyState takes over the variables of an environment, which conda's clone
// leaves out.
func copyState(from, to string) error {
	b, err := os.ReadFile(filepath.Join(from, "conda-meta", "state"))
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "conda-meta", "state"), b, 0o600)
	}
	if err != nil {
		return diskError(fmt.Errorf("copy the environment's variables: %w", err), to)
	}
	return nil
}

// explicit writes every package of an environment by its address, as
// "conda list --explicit --md5" does, from its records.
func explicit(prefix string) (string, error) {
	records, err := filepath.Glob(filepath.Join(globEscape(prefix), "conda-meta", "*.json"))
	if err != nil {
		return "", fmt.Errorf("list packages of %s: %w", prefix, err)
	}
	var b strings.Builder
	b.WriteString("@EXPLICIT\n")
	for _, path := range records {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("list packages of %s: %w", prefix, err)
		}
		var r struct {
			URL string `json:"url"`
			MD5 string `json:"md5"`
		}
		if err := json.Unmarshal(text, &r); err != nil {
			return "", fmt.Errorf("read record %s: %w", path, err)
		}
		if r.URL == "" || strings.ContainsAny(r.URL, "\r\n") {
			continue
		}
		b.WriteString(r.URL)
		if r.MD5 != "" {
			b.WriteString("#" + r.MD5)
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// listPackages writes the list of an environment's packages into a file.
func (j *job) listPackages(prefix string) (string, error) {
	text, err := explicit(prefix)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp("", "packages-*.txt")
	if err != nil {
		return "", diskError(err, os.TempDir())
	}
	_, err = f.WriteString(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return f.Name(), diskError(err, f.Name())
}

// installConda puts packages into an environment that is there.
func (j *job) installConda(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"solve", "packages"}, []float64{30, 70})
	installed := 0
	if len(s.Packages) > 0 {
		j.report.begin("solve")
		a, err := j.conda(ctx, CondaArguments(s, ""))
		if err != nil {
			return nil, err
		}
		installed = len(a.Actions.Link)
	}
	if s.Requirements != "" {
		j.report.begin("packages")
		if err := j.pipInstall(ctx, []string{condaPython(s.Target), "-m", "pip"}, nil, s.Requirements); err != nil {
			return nil, err
		}
	}
	return map[string]any{"path": s.Target, "packages": installed}, nil
}

// maxText bounds what of an export stands in the record.
const maxText = 512 << 10

// export prints what is in an environment.
func (j *job) export(ctx context.Context) (map[string]any, error) {
	s := j.spec
	j.report.plan([]string{"list"}, []float64{100})
	j.report.begin("list")
	name, text := "environment.yml", ""
	c := command{name: s.Tool.Name, silence: 5 * time.Minute, env: condaEnviron(s.Tool), argv: exportArguments(s), keepSpace: true}
	switch {
	case s.Kind != domain.EnvironmentConda:
		name = "requirements.txt"
		c = command{name: "pip", silence: 5 * time.Minute, argv: []string{s.Python, "-m", "pip", "freeze", "--disable-pip-version-check"}}
	case s.Format == FormatExplicit:
		name = "packages.txt"
	}
	if s.Kind == domain.EnvironmentConda && s.Format == FormatExplicit && s.Tool.Lib {
		var err error
		if text, err = explicit(s.Target); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprint(j.out, text)
	} else {
		o, err := j.run(ctx, c)
		if err != nil {
			return nil, err
		}
		if o.code != 0 {
			if s.Kind != domain.EnvironmentConda {
				return nil, j.pipError("pip", o)
			}
			a, understood := parseAnswer(o.stdout)
			return nil, condaError(s, o, a, understood)
		}
		text = o.stdout
	}
	result := map[string]any{"file_name": s.Name + "-" + name}
	if len(text) <= maxText {
		result["text"] = text
	}
	return result, nil
}
