package change

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment/program"
)

// Request is what a person asks for. Paths are absolute.
type Request struct {
	Action   string
	Name     string   // of the new environment; else name or path of the one that is there
	Kind     string   // of a new one; "" is settled by what there is
	Tool     string   // conda, mamba or micromamba; "" is settled by what there is
	Python   string   // venv: an interpreter's path, or an environment; conda: a version
	Packages []string //
	Channels []string // conda
	// Requirements is a requirements.txt.
	Requirements string
	Offline      string // a folder of wheels, or of a channel
	File         string // to import
	Source       string // to clone: name or path
	Format       string // of an export
	Confirm      string // the name as it was typed, to remove
}

// Place is what a plan is made for.
type Place struct {
	Environments []domain.Environment
	// Lookup gives the one that a person names by path or name. It fails with
	// CodeEnvironmentUnknown or CodeEnvironmentNames.
	Lookup     func(wanted string) (domain.Environment, error)
	Tools      []Tool
	VenvFolder string // for the venvs that we make, and archives where there is no conda
}

// Plan settles how to do what is asked for, and refuses what would do harm. It
// fails with CodeInvalid, CodeNotFound, CodeEnvironmentName, …Exists, …Names,
// …Unknown, …Kept, …Typed, CodeCondaMissing, CodePythonMissing or CodeArchiveInvalid.
func Plan(q Request, p Place) (Spec, error) {
	s := Spec{
		Action: q.Action, Kind: q.Kind, Name: q.Name, Packages: q.Packages, Channels: q.Channels,
		Requirements: q.Requirements, Offline: q.Offline, File: q.File, Format: q.Format,
	}
	if err := checkRequest(q); err != nil {
		return s, err
	}
	switch q.Action {
	case domain.JobCreate:
		return planCreate(q, p, s)
	case domain.JobImport:
		return planImport(q, p, s)
	case domain.JobClone:
		return planClone(q, p, s)
	}
	there, err := p.Lookup(q.Name)
	if err != nil {
		return s, err
	}
	s.Kind, s.Name, s.Target = there.Kind, there.Name, there.Path
	kept := domain.NewError(domain.CodeEnvironmentKept, "environment", there.Name, "path", there.Path)
	if there.Kind == domain.EnvironmentConda {
		if s.Tool, err = toolFor(q, p, there); err != nil && !(q.Action == domain.JobRemove) {
			return s, err
		}
	}
	switch q.Action {
	case domain.JobExport:
		s.Python = there.Python
		if s.Format == "" {
			s.Format = FormatFull
		}
		if there.Kind != domain.EnvironmentConda && s.Format != FormatFull {
			return s, invalid("format", q.Format)
		}
		return s, nil
	case domain.JobInstall:
		if isInstallation(there) || there.Tool == domain.ToolPixi || there.Kind == domain.EnvironmentSystem {
			return s, kept
		}
		if len(q.Packages) == 0 && q.Requirements == "" {
			return s, invalid("packages", "")
		}
		return s, nil
	default: // remove
		if !Removable(there, p) {
			return s, kept
		}
		if q.Confirm != there.Name {
			return s, domain.NewError(domain.CodeEnvironmentTyped, "environment", there.Name)
		}
		return s, nil
	}
}

func checkRequest(q Request) error {
	for _, one := range q.Packages {
		if !checkPackage(one) {
			return invalid("packages", one)
		}
	}
	for _, one := range q.Channels {
		if one == "" || strings.HasPrefix(one, "-") || strings.ContainsAny(one, " \t\r\n'\"`$;&|<>") {
			return invalid("channels", Mask(one))
		}
	}
	for _, f := range []struct {
		name, path string
		folder     bool
	}{{"requirements", q.Requirements, false}, {"offline_folder", q.Offline, true}, {"file", q.File, false}} {
		if f.path == "" {
			continue
		}
		if !filepath.IsAbs(f.path) {
			return invalid(f.name, f.path)
		}
		if info, err := os.Stat(f.path); err != nil || info.IsDir() != f.folder {
			return domain.NewError(domain.CodeInvalid).With(f.name, domain.NewError(domain.CodeParameterPath, "name", f.name, "path", f.path))
		}
	}
	if !slices.Contains([]string{"", domain.EnvironmentVenv, domain.EnvironmentConda}, q.Kind) {
		return invalid("kind", q.Kind)
	}
	if !slices.Contains([]string{"", FormatFull, FormatFromHistory, FormatExplicit}, q.Format) {
		return invalid("format", q.Format)
	}
	if !slices.Contains([]string{"", Conda, Mamba, Micromamba}, q.Tool) {
		return invalid("tool", q.Tool)
	}
	return nil
}

// invalid says which field cannot be what it is.
func invalid(field, value string) error {
	e := domain.NewError(domain.CodeParameterRequired, "name", field)
	if value != "" {
		e = domain.NewError(domain.CodeFieldInvalid, "name", field, "value", value)
	}
	return domain.NewError(domain.CodeInvalid).With(field, e)
}

func planCreate(q Request, p Place, s Spec) (Spec, error) {
	if err := CheckName(q.Name); err != nil {
		return s, err
	}
	if s.Kind == "" {
		s.Kind = domain.EnvironmentVenv
		if q.Tool != "" || len(q.Channels) > 0 || (len(p.Tools) > 0 && q.Requirements == "" && !filepath.IsAbs(q.Python)) {
			s.Kind = domain.EnvironmentConda
		}
	}
	var err error
	if s.Kind == domain.EnvironmentConda {
		if q.Requirements != "" {
			return s, invalid("requirements", q.Requirements)
		}
		if q.Python != "" && !version.MatchString(q.Python) {
			return s, invalid("python", q.Python)
		}
		s.Python = q.Python
		if s.Tool, err = chooseTool(q, p); err != nil {
			return s, err
		}
		s.Target = filepath.Join(s.Tool.Envs, q.Name)
	} else {
		if s.Python, err = interpreter(q.Python, p); err != nil {
			return s, err
		}
		s.Target = filepath.Join(p.VenvFolder, q.Name)
	}
	return s, absent(s)
}

// interpreter finds the Python that a venv is made from.
func interpreter(wanted string, p Place) (string, error) {
	if filepath.IsAbs(wanted) && program.Is(wanted) {
		return wanted, nil
	}
	if wanted != "" && !version.MatchString(wanted) {
		there, err := p.Lookup(wanted)
		if err != nil {
			return "", err
		}
		if there.Python == "" {
			return "", domain.NewError(domain.CodePythonMissing)
		}
		return there.Python, nil
	}
	best := ""
	for _, k := range Pythons(p.Environments) {
		if wanted == "" || k.PythonVersion == wanted || strings.HasPrefix(k.PythonVersion, wanted+".") {
			return k.Python, nil
		}
		if other := filepath.Join(filepath.Dir(k.Python), "python"+wanted); best == "" && program.Is(other) {
			best = other
		}
	}
	if best == "" && wanted != "" {
		return "", domain.NewError(domain.CodeNotFound, "what", "python", "name", wanted)
	}
	if best == "" {
		return "", domain.NewError(domain.CodePythonMissing)
	}
	return best, nil
}

// Pythons gives the environments whose Python a venv can be made from, the best
// first: the system's, then conda's.
func Pythons(list []domain.Environment) []domain.Environment {
	var good []domain.Environment
	for _, kind := range []string{domain.EnvironmentSystem, domain.EnvironmentConda} {
		for _, e := range list {
			if e.Kind == kind && e.Python != "" && e.State != domain.EnvironmentStateBroken && e.State != domain.EnvironmentNoPython {
				good = append(good, e)
			}
		}
	}
	return good
}

func planClone(q Request, p Place, s Spec) (Spec, error) {
	if err := CheckName(q.Name); err != nil {
		return s, err
	}
	from, err := p.Lookup(q.Source)
	if err != nil {
		return s, err
	}
	s.Source, s.Kind, s.Python = from.Path, from.Kind, from.Python
	switch from.Kind {
	case domain.EnvironmentConda:
		if s.Tool, err = toolFor(q, p, from); err != nil {
			return s, err
		}
		s.Target = filepath.Join(s.Tool.Envs, q.Name)
	case domain.EnvironmentSystem:
		return s, domain.NewError(domain.CodeEnvironmentKept, "environment", from.Name, "path", from.Path)
	default:
		// A venv is made anew: its own Python knows which one it was made from.
		s.Kind = domain.EnvironmentVenv
		s.Target = filepath.Join(p.VenvFolder, q.Name)
	}
	return s, absent(s)
}

func planImport(q Request, p Place, s Spec) (Spec, error) {
	if err := CheckName(q.Name); err != nil {
		return s, err
	}
	if q.File == "" {
		return s, invalid("file", "")
	}
	kind, err := fileKind(q.File)
	if err != nil {
		return s, err
	}
	s.Format = kind
	s.Kind = domain.EnvironmentConda
	switch kind {
	case fileRequirements:
		s.Action, s.File, s.Requirements, s.Format = domain.JobCreate, "", q.File, ""
		q.Requirements, q.Kind = q.File, domain.EnvironmentVenv
		s.Kind = domain.EnvironmentVenv
		return planCreate(q, p, s)
	case fileArchive:
		s.Target = filepath.Join(p.VenvFolder, q.Name)
		if t, err := chooseTool(q, p); err == nil {
			s.Tool, s.Target = t, filepath.Join(t.Envs, q.Name)
		}
	default:
		if s.Tool, err = chooseTool(q, p); err != nil {
			return s, err
		}
		s.Target = filepath.Join(s.Tool.Envs, q.Name)
	}
	return s, absent(s)
}

// Kinds of files to import.
const (
	fileYAML         = "environment.yml"
	fileExplicit     = "explicit"
	fileArchive      = "archive"
	fileRequirements = "requirements"
)

// fileKind tells what a file is, by its name and how it begins.
func fileKind(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", domain.NewError(domain.CodeFileUnreadable, "path", path, "detail", err.Error())
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if n == 0 {
		return "", domain.NewError(domain.CodeArchiveInvalid, "path", path, "detail", "empty").Because(err)
	}
	head = head[:n]
	name := strings.ToLower(filepath.Base(path))
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return fileArchive, nil
	case bytes.Contains(head, []byte("@EXPLICIT")):
		return fileExplicit, nil
	case bytes.IndexByte(head, 0) >= 0:
		return "", domain.NewError(domain.CodeArchiveInvalid, "path", path, "detail", "neither .tar.gz nor text")
	case strings.HasSuffix(name, ".yml"), strings.HasSuffix(name, ".yaml"):
		return fileYAML, nil
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return "", domain.NewError(domain.CodeArchiveInvalid, "path", path, "detail", "not gzip")
	}
	return fileRequirements, nil
}

// chooseTool takes the tool for something new: what was asked for, else the
// first.
func chooseTool(q Request, p Place) (Tool, error) {
	for _, t := range p.Tools {
		if q.Tool == "" || t.Name == q.Tool {
			return t, nil
		}
	}
	return Tool{}, domain.NewError(domain.CodeCondaMissing)
}

// toolFor takes the tool that owns an environment, else any.
func toolFor(q Request, p Place, k domain.Environment) (Tool, error) {
	for _, t := range p.Tools {
		if t.Root == k.Root && (q.Tool == "" || t.Name == q.Tool) {
			return t, nil
		}
	}
	return chooseTool(q, p)
}

// Removable tells whether an environment may be removed: it is one beyond
// doubt, it is no installation, and it lies where environments are kept.
func Removable(k domain.Environment, p Place) bool {
	info, err := os.Lstat(k.Path)
	if err != nil || !info.IsDir() || isInstallation(k) || k.Tool == domain.ToolPixi || k.Kind == domain.EnvironmentSystem {
		return false
	}
	for _, sign := range []string{"condabin", "envs", "pkgs"} {
		if k.Kind == domain.EnvironmentConda && isFolder(filepath.Join(k.Path, sign)) {
			return false
		}
	}
	venv, conda := exists(filepath.Join(k.Path, "pyvenv.cfg")), isFolder(filepath.Join(k.Path, "conda-meta"))
	if inside(k.Path, p.VenvFolder) {
		return venv || conda
	}
	if !conda {
		return false
	}
	if inside(k.Path, filepath.Join(k.Root, "envs")) && k.Root != "" {
		return true
	}
	return slices.ContainsFunc(p.Tools, func(t Tool) bool { return inside(k.Path, t.Envs) }) || filepath.Base(filepath.Dir(k.Path)) == "envs"
}

// isInstallation tells whether it is a conda installation, which owns itself.
func isInstallation(e domain.Environment) bool { return e.Root != "" && e.Root == e.Path }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
