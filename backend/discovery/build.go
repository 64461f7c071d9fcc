package discovery

import (
	"path/filepath"
	"strings"
	"time"

	"scriptsmanager/backend/domain"
)

// The sources of a field, strongest first.
const (
	sourceEdited byte = iota // in the application
	sourceFile
	sourceHeader
	sourceGroup
	sourceDefault
)

var sourceNames = [...]string{
	sourceEdited: domain.SourceEdited, sourceFile: "file", sourceHeader: "header", sourceGroup: "group", sourceDefault: "default",
}

// defaultLevel is who may run what says nothing of it: whoever runs scripts at all.
const defaultLevel = domain.LevelOperator

// build makes the group and its scripts of what was read.
func (w *worker) build(g *group, path string, old *group) {
	g.group = domain.Group{
		ID: g.id, Name: displayName(g.id), Icon: "folder", RequiredLevel: defaultLevel, AutoDiscovery: true,
		Path: path, Active: true, DiscoveredAt: w.now.UTC(), Problems: []domain.Problem{},
	}
	if old != nil {
		g.group.DiscoveredAt = old.group.DiscoveredAt
	}
	var of values
	if g.meta.content != nil {
		of = g.meta.content.values
		w.applyGroup(&g.group, &of)
	}
	g.addProblems("", g.links)
	g.addProblems(groupFile, g.meta.problems)
	if g.meta.content != nil {
		g.addProblems(groupFile, g.meta.content.problems)
	}
	g.addProblems(scriptFile, g.extra.problems)
	if g.extra.content != nil {
		g.addProblems(scriptFile, g.extra.content.problems)
	}
	g.buildScripts(w, path, &of)
	g.group.ScriptCount = len(g.scripts)
	g.shown = len(g.scripts) > 0 || g.meta.exists
	g.reportUnused()
}

func (w *worker) applyGroup(g *domain.Group, v *values) {
	if v.set.has(fieldName) && v.name.In(domain.English) != "" {
		g.Name = v.name
	}
	g.Description, g.Category, g.Environment = v.description, v.category, v.environment
	if v.set.has(fieldIcon) {
		g.Icon = v.icon
	}
	if v.set.has(fieldRequiredLevel) {
		g.RequiredLevel = v.level
	} else if v.levelUnknown() {
		g.RequiredLevel = closedLevel(g.RequiredLevel)
	}
	g.ExecutionTimeout = v.timeout
	if v.set.has(fieldAutoDiscovery) {
		g.AutoDiscovery = v.flags.has(fieldAutoDiscovery)
	}
}

func (g *group) addProblems(file string, problems []domain.Problem) {
	for _, p := range problems {
		if p.File == "" {
			p.File = file
		}
		g.group.Problems = append(g.group.Problems, p)
	}
}

func (g *group) buildScripts(w *worker, path string, of *values) {
	g.scripts = make([]domain.Script, 0, len(g.files))
	for i := range g.files {
		f := &g.files[i]
		stem := strings.TrimSuffix(f.name, ".py")
		var entry *scriptEntry
		if g.extra.content != nil {
			entry = g.extra.content.scripts[stem]
		}
		if entry == nil && !g.group.AutoDiscovery {
			continue
		}
		if ignored(f, entry) {
			continue
		}
		b := builder{of: of, header: &f.header.values}
		if entry != nil {
			b.file = &entry.values
		}
		b.edited = g.edits.of(stem)
		s := b.script(stem)
		s.ID, s.GroupID, s.Filename, s.Path = g.id+"/"+stem, g.id, f.name, filepath.Join(path, f.name)
		s.Active, s.ModifiedAt, s.Size = true, time.Unix(0, f.stamp.modified).UTC(), f.stamp.size
		if g.extra.content != nil && g.extra.content.closed && b.sources[fieldRequiredLevel] != sourceEdited {
			s.RequiredLevel = closedLevel(s.RequiredLevel)
		}
		s.Sources = w.d.sources.get(b.sources)
		s.Problems = g.scriptProblems(f, entry)
		g.scripts = append(g.scripts, s)
	}
}

func ignored(f *pythonFile, entry *scriptEntry) bool {
	if entry != nil && entry.set.has(fieldIgnore) {
		return entry.flags.has(fieldIgnore)
	}
	return f.header.Ignored()
}

// scriptProblems are those of the header, of the script's part of
// script_metadata.json, and of that file where it could not be read at all.
func (g *group) scriptProblems(f *pythonFile, entry *scriptEntry) []domain.Problem {
	problems := make([]domain.Problem, 0, len(f.problems)+len(f.header.Problems))
	problems = append(append(problems, f.problems...), f.header.Problems...)
	from := len(problems)
	if extra := g.extra.content; extra != nil && extra.broken {
		problems = append(problems, extra.problems...)
	} else if entry != nil {
		problems = append(problems, entry.problems...)
	}
	problems = append(problems, g.extra.problems...)
	for i := from; i < len(problems); i++ {
		problems[i].File = scriptFile
	}
	return problems
}

// reportUnused warns of parts of script_metadata.json that are of no file.
func (g *group) reportUnused() {
	if g.extra.content == nil || g.extra.content.broken {
		return
	}
	var names []string
	for i := range g.files {
		names = append(names, g.files[i].name)
	}
	for stem := range sortedKeys(g.extra.content.scripts) {
		if len(g.group.Problems) >= mostProblems {
			return
		}
		if g.file(stem+".py") == nil {
			entry := g.extra.content.scripts[stem]
			params := map[string]any{"key": clip(entry.name), "allowed": clip(strings.Join(names, ", "))}
			if near := nearest(stem+".py", names); near != "" {
				params["suggestion"], params["allowed"] = near, near
			}
			g.addProblems(scriptFile, []domain.Problem{{Line: entry.line, Code: domain.CodeMetadataKey, Params: params, Warning: true}})
		}
	}
}

// clearProblems forgets the faults of a text that stands in for a file that
// could not be read.
func clearProblems(content any) {
	switch c := content.(type) {
	case *groupDocument:
		c.problems = nil
	case *scriptDocument:
		c.problems = nil
	}
}

// builder decides field by field which source counts. A text by language is
// one field: languages of different sources are not mixed, since they may say
// different things.
type builder struct {
	edited, file *values // may be nil
	header, of   *values
	sources      sourceKey
}

// source finds the strongest source of a field and gives its values.
func (b *builder) source(f field, inherits bool) *values {
	switch {
	case b.edited != nil && b.edited.set.has(f):
		b.sources[f] = sourceEdited
		return b.edited
	case b.file != nil && b.file.set.has(f):
		b.sources[f] = sourceFile
		return b.file
	case b.header.set.has(f):
		b.sources[f] = sourceHeader
		return b.header
	case inherits && b.of.set.has(f):
		b.sources[f] = sourceGroup
		return b.of
	default:
		b.sources[f] = sourceDefault
		return nil
	}
}

func (b *builder) script(stem string) domain.Script {
	s := domain.Script{
		RequiredLevel: defaultLevel, Interface: domain.InterfaceWeb, Network: "full",
		Tags: []string{}, Parameters: []domain.Parameter{}, Paths: []string{},
	}
	if v := b.source(fieldName, false); v != nil && v.name.In(domain.English) != "" {
		s.Name = v.name
	} else {
		b.sources[fieldName] = sourceDefault
		s.Name = displayName(stem)
	}
	if v := b.source(fieldDescription, false); v != nil {
		s.Description = v.description
	}
	if v := b.source(fieldDescriptionLong, false); v != nil {
		s.DescriptionLong = v.descriptionLong
	}
	if v := b.source(fieldCategory, true); v != nil {
		s.Category = v.category
	}
	if v := b.source(fieldTags, false); v != nil && v.tags != nil {
		s.Tags = v.tags
	}
	if v := b.source(fieldPaths, false); v != nil && v.paths != nil {
		s.Paths = v.paths
	}
	if v := b.source(fieldParameters, false); v != nil && v.parameters != nil {
		s.Parameters = v.parameters
	}
	// Where it is the group's, the script's own stays empty, so that a change
	// at the group needs no change at its scripts.
	if v := b.source(fieldEnvironment, true); v != nil && v != b.of {
		s.Environment = v.environment
	}
	if v := b.source(fieldExecutionTimeout, true); v != nil && v != b.of {
		s.ExecutionTimeout = v.timeout
	}
	b.limits(&s)
	s.RequiredLevel = b.level()
	return s
}

func (b *builder) limits(s *domain.Script) {
	if v := b.source(fieldInterface, false); v != nil {
		s.Interface = v.iface
	}
	if v := b.source(fieldNetwork, false); v != nil {
		s.Network = v.network
	}
	if v := b.source(fieldFlaskPort, false); v != nil {
		s.FlaskPort = v.port
	}
	if v := b.source(fieldMemoryLimit, true); v != nil {
		s.MemoryLimit = v.memoryLimit
	}
	if v := b.source(fieldCPULimit, true); v != nil {
		s.CPULimit = v.cpuLimit
	}
	s.AutoOpenInterface = b.flag(fieldAutoOpenInterface, true)
	s.RequiresParameters = b.flag(fieldRequiresParameters, false)
	s.ConfirmClose = b.flag(fieldConfirmClose, false)
	s.Background = b.flag(fieldBackground, false)
	s.AlwaysOn = b.flag(fieldAlwaysOn, false)
}

func (b *builder) flag(f field, otherwise bool) bool {
	if v := b.source(f, false); v != nil {
		return v.flags.has(f)
	}
	return otherwise
}

func (b *builder) level() domain.Level {
	level := defaultLevel
	v := b.source(fieldRequiredLevel, true)
	if v != nil {
		level = v.level
	}
	if b.sources[fieldRequiredLevel] == sourceEdited {
		return level
	}
	unknown := b.file != nil && b.file.levelUnknown()
	if v != b.file || b.file == nil {
		unknown = unknown || b.header.levelUnknown()
	}
	if b.sources[fieldRequiredLevel] >= sourceGroup {
		unknown = unknown || b.of.levelUnknown()
	}
	if unknown {
		return closedLevel(level)
	}
	return level
}
