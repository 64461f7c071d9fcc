package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	sdk "scriptsmanager/app/backend/script_sdk"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// NewScript says what script is made. Its file is GroupID/Name.py; a group that
// is not there is made, too.
type NewScript struct {
	GroupID  string `json:"group_id"`
	Name     string `json:"name"`
	Template string `json:"template"` // one of ScriptTemplates; "" is the first
	Title    string `json:"title"`    // shown; "" makes one of the name
}

// ScriptTemplates are those that a new script can be made from.
func ScriptTemplates() []string { return []string{"form", "dashboard", "job"} }

// scriptName is what makes a good name of a file, a group and a Python module
// on every system, as far as neverNames and Windows do not keep it.
var (
	scriptName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	neverNames = []string{"docs", "examples", "scripts", "scriptsmanager"}
)

const maxTitle = 80 // characters

// CreateScript makes a working script with its documentation in four languages
// from a template (SPEC DIS-10). It fails with CodeScriptName, CodeScriptTitle,
// CodeScriptTemplate and CodeScriptExists, and overwrites nothing.
func (e *Engine) CreateScript(ctx context.Context, a Actor, n NewScript) (domain.Script, error) {
	for _, name := range []string{n.GroupID, n.Name} {
		if !scriptName.MatchString(name) || platform.Reserved(name) || slices.Contains(neverNames, name) {
			return domain.Script{}, domain.NewError(domain.CodeScriptName, "name", name)
		}
	}
	if n.Template == "" {
		n.Template = ScriptTemplates()[0]
	}
	if !slices.Contains(ScriptTemplates(), n.Template) {
		return domain.Script{}, domain.NewError(domain.CodeScriptTemplate, "template", n.Template, "known", ScriptTemplates())
	}
	if n.Title = strings.TrimSpace(n.Title); n.Title == "" {
		n.Title = titleOf(n.Name)
	}
	if !goodTitle(n.Title) {
		return domain.Script{}, domain.NewError(domain.CodeScriptTitle, "title", n.Title, "maximum", maxTitle)
	}
	if err := e.writeScript(n); err != nil {
		return domain.Script{}, err
	}
	id := n.GroupID + "/" + n.Name
	if err := e.store.Audit(ctx, a, "script.create", "script:"+id, nil, n); err != nil {
		return domain.Script{}, err
	}
	if err := e.Rescan(ctx); err != nil {
		return domain.Script{}, err
	}
	return e.Script(ctx, id)
}

func titleOf(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// goodTitle tells whether a title can stand in Python, in a header and in
// Markdown as it is.
func goodTitle(title string) bool {
	return len([]rune(title)) <= maxTitle && !strings.ContainsAny(title, "\"\\{}[]<>`") &&
		!strings.ContainsFunc(title, func(r rune) bool { return !unicode.IsPrint(r) })
}

// writeScript writes the files of a new script, all of them or none.
func (e *Engine) writeScript(n NewScript) (err error) {
	groups, err := os.OpenRoot(e.options.Root.Groups())
	if err != nil {
		return fmt.Errorf("open the folder of groups: %w", err)
	}
	defer func() { _ = groups.Close() }()
	var made []string
	defer func() {
		if err != nil {
			for _, name := range slices.Backward(made) {
				_ = groups.Remove(name) // a folder only where it is empty
			}
		}
	}()
	folder := func(name string) error {
		err := groups.Mkdir(name, 0o700)
		if err == nil {
			made = append(made, name)
		} else if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		return err
	}
	file := func(name string, text []byte) error {
		f, err := groups.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return domain.NewError(domain.CodeScriptExists, "file", name)
		}
		if err != nil {
			return err
		}
		made = append(made, name)
		_, err = f.Write(text)
		return errors.Join(err, f.Sync(), f.Close())
	}
	// The script itself is what a person knows of, not its documents, which are
	// written first, so that nobody finds a script without them.
	if script := n.GroupID + "/" + n.Name + ".py"; exists(groups, script) {
		return domain.NewError(domain.CodeScriptExists, "file", script)
	}
	_, missing := groups.Stat(n.GroupID)
	for _, name := range []string{n.GroupID, n.GroupID + "/docs"} {
		if err := folder(name); err != nil {
			return fmt.Errorf("make the folder %s: %w", name, err)
		}
	}
	if errors.Is(missing, fs.ErrNotExist) {
		about, err := json.MarshalIndent(map[string]string{"name": titleOf(n.GroupID)}, "", "  ")
		if err != nil {
			return err
		}
		if err := file(n.GroupID+"/metadata.json", append(about, '\n')); err != nil {
			return err
		}
	}
	fill := strings.NewReplacer("TITLE", n.Title, "NAME", n.Name)
	templates, err := fs.Glob(sdk.Templates, "templates/"+n.Template+"*")
	if err != nil {
		return err
	}
	for _, template := range templates {
		text, err := fs.ReadFile(sdk.Templates, template)
		if err != nil {
			return err
		}
		name := n.Name + strings.TrimPrefix(path.Base(template), n.Template)
		if path.Ext(name) == ".md" {
			name = "docs/" + name
		}
		if err := file(n.GroupID+"/"+name, []byte(fill.Replace(string(text)))); err != nil {
			return err
		}
	}
	return nil
}

func exists(dir *os.Root, name string) bool {
	_, err := dir.Lstat(name)
	return err == nil
}
