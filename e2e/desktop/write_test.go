//go:build e2e

package desktop_e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// From a template to a script that others can use, with an editor beside the
// application, which is never started anew: it is made, run, broken in three
// ways, told of with its line each time, and mended. DIS-10, WIN-2
func TestWritingAScript(t *testing.T) {
	d := newDesk(t)
	main := d.open()
	d.signIn(main)
	for _, c := range []struct {
		template, works string // and what its page or log says when it works
		at              string // the line that is broken
		calculates      string // a line of what a page does when it is asked for; "" where it has none
	}{
		{"form", "Mass", "    volume = ", "    mass = "},
		{"dashboard", "Free now", "    line = ", "    now = "},
		{"job", "files of", "    count = 0", ""},
	} {
		t.Run(c.template, func(t *testing.T) {
			name, hasPage := "tank_"+c.template, c.calculates != ""
			id, shown := "walk/"+name, "Tank "+c.template
			d.cli("script", "new", id, "--template", c.template)
			file := filepath.Join(d.root, "app", "backend", "script_groups", "walk", name+".py")
			good := content(file)
			save := func(source string) {
				t.Helper()
				if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			line := func(source, part string) int {
				t.Helper()
				before, _, found := strings.Cut(source, part)
				if !found {
					t.Fatalf("no %q in it", part)
				}
				return 1 + strings.Count(before, "\n")
			}
			broken := func(part, with string) (source string, at int) {
				t.Helper()
				return strings.Replace(good, part, with, 1), line(good, part)
			}
			// Where it is told: in the script's window, or, of a job, in the log.
			var window *page
			run := func() {
				t.Helper()
				if hasPage {
					window = d.run(main, id)
					return
				}
				last := d.last().ID
				var none any
				main.must(main.run("location.hash = arguments[0]", &none, "#/scripts/"+id))
				main.click(button(text("ui.run.run")))
				d.until("it has run", func() bool { x := d.last(); return x.ID != last && x.State != "running" })
				main.must(main.run("location.hash = arguments[0]", &none, "#/executions/"+d.last().ID))
				window = main
			}
			// Once more, in the window that tells the failure.
			again := func() {
				t.Helper()
				if hasPage {
					window.click("[data-testid=again]")
				} else {
					run()
				}
			}
			says := func(what string, parts ...string) {
				t.Helper()
				window.until(what, func() bool {
					said := window.text()
					for _, part := range parts {
						if !strings.Contains(said, part) {
							return false
						}
					}
					return true
				})
			}
			closed := func() {
				t.Helper()
				if !hasPage {
					return
				}
				x := d.last()
				d.close(title(shown))
				d.until("the script is gone", func() bool { return !running(x.PID) && d.last().State != "running" })
			}

			var none any
			main.must(main.run("location.hash = '#/groups/walk'", &none))
			main.until("it appears in its group", func() bool { return strings.Contains(main.text(), shown) })
			run()
			says("it works", c.works)
			closed()

			source, at := broken(c.at, strings.Replace(c.at, " = ", " = = ", 1))
			save(source)
			run()
			says("the line that Python cannot read", "invalid syntax", fmt.Sprintf("%s.py, line %d", name, at))
			window.screenshot(filepath.Join(repository, "test-results", "desktop-write-"+c.template+".png"))
			source, at = broken("\nimport ", "\nimport pandaz\nimport ")
			save(source)
			again()
			says("the module that is missing", "pandaz", fmt.Sprintf("line %d", at+1))
			if hasPage {
				// A mistake that shows only when the page is asked for.
				source, at = broken(c.calculates, "    never_given\n"+c.calculates)
				save(source)
				again()
				says("the mistake in the page", "never_given", fmt.Sprintf("line %d", at))
				closed()
				save(good)
				run()
			} else {
				source, at = broken(c.at, "    never_given\n"+c.at)
				save(source)
				again()
				// The log folds what Python says of it into one line, with the place.
				says("the mistake", "never_given", fmt.Sprintf("%s.py:%d", name, at))
				save(good)
				run()
			}
			says("it works again", c.works)
			closed()
		})
	}
}
