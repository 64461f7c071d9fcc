//go:build e2e

package desktop_e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// A script says how far it is, and that it is in the middle of something: the
// bar and the title tell the former, and closing asks because of the latter. SDK-3
func TestProgressOfAScript(t *testing.T) {
	d := newDesk(t)
	source := header("Works") + `
import os, sys, threading, time
from scriptsmanager import busy, progress
more = os.path.join(sys.argv[sys.argv.index("--data-dir") + 1], "more")
def work():
    while not os.path.exists(more + "0"): time.sleep(0.05)
    with busy():
        progress(41, text="Reading the measurements of line 4")
        while not os.path.exists(more): time.sleep(0.05)
    progress(None)
threading.Thread(target=work, daemon=True).start()
PAGE = '<title>Works</title><h1>Here it is</h1>'
` + server
	d.script("works", source)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/works")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	name, question, x := title("Works"), text("viewer.close_title"), d.last()
	height := func() int { return int(window.number("window.innerHeight")) }
	whole := height()
	data := d.data()
	goOn := func(name string) {
		t.Helper()
		d.write(filepath.Join(data, name), "")
	}

	goOn("more0")
	d.until("the title tells the percent", func() bool { return d.hasWindow("41 % – " + name) })
	// The page hears of the bar's coming and going later than the title changes.
	window.until("the bar takes of the page's room", func() bool { return height() < whole })
	d.picture("progress")
	d.close("41 % – " + name)
	d.answer(question, "Escape")
	if !running(window.pid) || !running(x.PID) {
		t.Fatal("it is closed although it was busy and the answer was no")
	}

	goOn("more")
	d.until("the title tells nothing more", func() bool { return d.hasWindow(name) })
	window.until("the bar is gone", func() bool { return height() == whole })
	d.close(name)
	d.until("it closes without a question", func() bool { return !running(window.pid) && !running(x.PID) })
}
