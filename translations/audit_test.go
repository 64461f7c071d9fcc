package translations_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// recorder finds the actions that a part of the source records in the audit.
type recorder struct {
	t       *testing.T
	files   *token.FileSet
	words   map[string]string         // constants of package domain
	actions map[string]token.Position // and one place that records it
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// word gives the value of domain.Name.
func (r *recorder) word(e ast.Expr) (string, bool) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	if from, ok := s.X.(*ast.Ident); !ok || from.Name != "domain" {
		return "", false
	}
	text, ok := r.words[s.Sel.Name]
	return text, ok
}

// call takes the action of audit(ctx, tx, actor, action, …) and of
// x.Audit(ctx, actor, action, …): a literal, or a variable that is set to
// literals in the same function. Those of jobs are composed; see job.
func (r *recorder) call(f *ast.FuncDecl, c *ast.CallExpr) {
	at := 3
	switch name := c.Fun.(type) {
	case *ast.Ident:
		if name.Name != "audit" {
			return
		}
	case *ast.SelectorExpr:
		if (name.Sel.Name == "record" || name.Sel.Name == "changed") && len(c.Args) > 4 { // of app.Data
			if text, ok := literal(c.Args[2]); ok {
				r.actions[text] = r.files.Position(c.Pos())
			}
			return
		}
		if at = 2; name.Sel.Name != "Audit" || len(c.Args) != 6 {
			return
		}
	default:
		return
	}
	if f.Name.Name == "Audit" || f.Name.Name == "RecordData" { // it passes on what it was given
		return
	}
	place := r.files.Position(c.Pos())
	switch action := c.Args[at].(type) {
	case *ast.BasicLit:
		if text, ok := literal(action); ok {
			r.actions[text] = place
		}
	case *ast.Ident:
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			set, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for i, left := range set.Lhs {
				if to, ok := left.(*ast.Ident); ok && to.Name == action.Name && i < len(set.Rhs) {
					if text, ok := literal(set.Rhs[i]); ok {
						r.actions[text], found = place, true
					}
				}
			}
			return true
		})
		if !found {
			r.t.Errorf("%s: cannot tell which action is recorded", place)
		}
	case *ast.BinaryExpr:
		if f.Name.Name != "InsertExecution" {
			r.t.Errorf("%s: an action is composed; let this test know of what", place)
		}
	default:
		r.t.Errorf("%s: cannot tell which action is recorded", place)
	}
}

// job takes kind and action of a request of a job; one of an environment gets
// its kind later.
func (r *recorder) job(c *ast.CompositeLit) {
	kind, action := "environment", ""
	for _, element := range c.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); ok {
			text, found := r.word(pair.Value)
			switch {
			case key.Name == "Kind" && found:
				kind = text
			case key.Name == "Action" && found:
				action = text
			}
		}
	}
	if action != "" {
		r.actions[kind+"."+action] = r.files.Position(c.Pos())
	}
}

func (r *recorder) file(path string) {
	file, err := parser.ParseFile(r.files, path, nil, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				r.call(f, n)
			case *ast.CompositeLit:
				r.job(n)
			}
			return true
		})
	}
}

// goFiles calls each for the Go files below a folder that are no tests.
func goFiles(t *testing.T, folder string, each func(path string)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			each(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is recorded has a text on the page of the audit, and is listed in the
// documentation.
func TestEveryRecordedActionHasAText(t *testing.T) { // SEC-5
	r := recorder{t: t, files: token.NewFileSet(), words: map[string]string{}, actions: map[string]token.Position{}}
	goFiles(t, "backend/domain", func(path string) {
		file, err := parser.ParseFile(r.files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.ValueSpec); ok {
				for i, value := range s.Values {
					if text, ok := literal(value); ok {
						r.words[s.Names[i].Name] = text
					}
				}
			}
			return true
		})
	})
	goFiles(t, "backend", r.file)
	goFiles(t, "app", r.file)
	for _, known := range []string{"user.sign_in", "user.end_sessions", "log.share", "log.unshare", "permission.set", "environment.create", "export.export", "cleanup.compress", "data.list", "data.read", "data.upload"} {
		if _, found := r.actions[known]; !found {
			t.Errorf("%q is recorded and was not found", known)
		}
	}
	english := load(t, "en") // the others have the same keys
	listed, err := os.ReadFile(filepath.Join("..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	for action, place := range r.actions {
		// As in frontend/src/lib/components/administration/audit.ts.
		key := "audit.action." + regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(action), "_")
		if english[key] == "" {
			t.Errorf("%s: %q is recorded and has no text: %s", place, action, key)
		}
		if !strings.Contains(string(listed), "`"+action+"`") {
			t.Errorf("%s: %q is recorded and is not in the table of docs/security.md", place, action)
		}
	}
}
