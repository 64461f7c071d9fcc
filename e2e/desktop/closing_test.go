//go:build e2e

package desktop_e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// spanish is what is said in Spanish for a key.
func spanish(t *testing.T, key string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, "translations", "es.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	s, _ := all[key].(string)
	if s == "" {
		t.Fatalf("no text %s", key)
	}
	return s
}

func marked(name, line string) string {
	return strings.Replace(header(name), "@description", line+"\n@description", 1)
}

// A background script's window can be closed and found again, where it stood;
// it follows the theme and the language, and comes to the front instead of
// starting twice. WIN-1, WIN-3, WIN-5
func TestWindowOfABackgroundScript(t *testing.T) {
	d := newDesk(t)
	d.script("kept", marked("Kept", "@background: true")+"PAGE = '<title>Kept</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/kept")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	name := title("Kept")
	d.until("the window's title", func() bool { return d.hasWindow(name) })
	x := d.last()

	var none any
	dark := func() bool { return window.string("matchMedia('(prefers-color-scheme: dark)').matches") == "true" }
	if dark() {
		t.Error("it is dark before it was asked for")
	}
	main.must(main.run(`window.go.desktop.Door.Call('Session.SetPreferences', JSON.stringify({theme: 'dark', language: 'es'})); return null`, &none))
	window.until("the window is dark", dark)

	if out, err := inDisplay("wmctrl", "-F", "-r", name, "-e", "0,210,130,840,560").CombinedOutput(); err != nil {
		t.Fatalf("move the window: %v %s", err, out)
	}
	type rectangle struct{ x, y, width, height int }
	stands := func() rectangle {
		x, y, width, height := d.geometry(name)
		return rectangle{x, y, width, height}
	}
	d.until("it has its size", func() bool { return stands().width == 840 })
	at := stands()
	d.picture("spanish-dark")

	question := strings.ReplaceAll(spanish(t, "viewer.keep_title"), "{{.script}}", "Kept")
	d.close(name)
	d.answer(question, "Escape")
	if !running(window.pid) {
		t.Fatal("the window is gone although the answer was no")
	}
	d.close(name)
	d.answer(question, "Tab", "Tab", "Return")
	d.until("the window is gone", func() bool { return !running(window.pid) })
	if now := d.last(); now.ID != x.ID || now.State != "running" || !running(x.PID) {
		t.Fatalf("it did not go on: %+v", now)
	}

	// The way back, from the main window's list.
	before := d.announced()
	main.click("//header//button[.//*[contains(@class,'chip')]]")
	main.click(fmt.Sprintf("//button[@aria-label=%q]", spanish(t, "ui.run.show_window")))
	again := d.another(before)
	again.until("the same page", func() bool { return strings.Contains(again.text(), "Here it is") })
	d.until("it stands where it was", func() bool { return d.hasWindow(name) && stands() == at })

	// A second Run in the same project.
	d.focus(mainTitle)
	before = d.announced()
	main.must(main.run("location.hash = arguments[0]; return null", &none, "#/scripts/desk/kept"))
	main.click(button(spanish(t, "ui.run.run")))
	d.until("its window is in front", func() bool { return d.active() == name })
	if now := d.last(); now.ID != x.ID || len(d.announced()) != len(before) {
		t.Errorf("it runs twice: %+v", now)
	}

	d.close(name)
	d.answer(question, "Tab", "Return")
	d.until("the window is gone", func() bool { return !running(again.pid) })
	d.until("the script is gone", func() bool { return !running(x.PID) && d.last().State != "running" })
	if reason := d.last().Reason; reason != "stopped" {
		t.Errorf("reason %q", reason)
	}
}

// A script that says so is not closed by mistake. WIN-3
func TestClosingAsks(t *testing.T) {
	d := newDesk(t)
	d.script("asks", marked("Asks", "@confirm_close: true")+"PAGE = '<title>Asks</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/asks")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	name, question, x := title("Asks"), text("viewer.close_title"), d.last()
	d.close(name)
	d.answer(question, "Escape")
	if !running(window.pid) || !running(x.PID) {
		t.Fatal("it is closed although the answer was no")
	}
	d.close(name)
	d.answer(question, "Tab", "Return")
	d.until("all is gone", func() bool { return !running(window.pid) && !running(x.PID) })
	d.until("the execution ended", func() bool { return d.last().State != "running" })
	if reason := d.last().Reason; reason != "window_closed" {
		t.Errorf("reason %q", reason)
	}
}

// While a dark window waits for a page that takes long, nothing of it is white. WIN-2
func TestDarkWindowIsNeverWhite(t *testing.T) {
	d := newDesk(t)
	d.script("slow", header("Slow")+"import time\n"+strings.Replace("PAGE = '<!doctype html><title>Slow</title><body style=\"background:#123;color:#eee\"><h1>Here it is</h1>'\n"+server,
		"body = PAGE.encode()", "time.sleep(3)\n        body = PAGE.encode()", 1))
	main := d.open()
	d.signIn(main)
	d.dark(main)
	d.run(main, "desk/slow")
	d.neverWhite(title("Slow"), [3]byte{0x11, 0x22, 0x33})
}

// The same when it comes back to a script that went on without it, whose page
// is asked for before our own first page is done. WIN-2, WIN-3
func TestDarkWindowThatComesBackIsNeverWhite(t *testing.T) {
	d := newDesk(t)
	d.script("slow", strings.Replace(marked("Slow", "@background: true")+"import time\n"+
		"PAGE = '<!doctype html><title>Slow</title><body style=\"background:#123;color:#eee\"><h1>Here it is</h1>'\n"+server,
		"body = PAGE.encode()", "time.sleep(3)\n        body = PAGE.encode()", 1))
	main := d.open()
	d.signIn(main)
	d.dark(main)
	window := d.run(main, "desk/slow")
	d.neverWhite(title("Slow"), [3]byte{0x11, 0x22, 0x33})
	d.close(title("Slow"))
	d.answer(strings.ReplaceAll(text("viewer.keep_title"), "{{.script}}", "Slow"), "Tab", "Tab", "Return")
	d.until("the window is gone", func() bool { return !running(window.pid) && !d.hasWindow(title("Slow")) })
	main.click("//header//button[.//*[contains(@class,'chip')]]")
	main.click(fmt.Sprintf("//button[@aria-label=%q]", text("ui.run.show_window")))
	d.neverWhite(title("Slow"), [3]byte{0x11, 0x22, 0x33})
}

// dark has the main window, and those of scripts, dark.
func (d *desk) dark(main *page) {
	d.t.Helper()
	var none any
	main.must(main.run(`window.go.desktop.Door.Call('Session.SetPreferences', JSON.stringify({theme: 'dark'})); return null`, &none))
	d.until("the theme is kept", func() bool {
		return main.string("document.documentElement.dataset.bsTheme ?? document.documentElement.dataset.theme") == "dark"
	})
}

// neverWhite looks at a window from its first moment until a colour of its page
// is seen in it.
func (d *desk) neverWhite(name string, want [3]byte) {
	d.t.Helper()
	d.until("the window", func() bool { return d.hasWindow(name) })
	came := false
	for end := time.Now().Add(patience); !came; {
		x, y, width, height := d.geometry(name)
		switch seen := d.colour(x+width/2, y+height*3/4); {
		case seen[0] > 240 && seen[1] > 240 && seen[2] > 240:
			d.picture("white")
			d.t.Fatal("it is white")
		case time.Now().After(end):
			d.t.Fatalf("the page does not come; it is %v", seen)
		default:
			came = seen == want
		}
	}
}

// colour is that of a point of the screen.
func (d *desk) colour(x, y int) [3]byte {
	d.t.Helper()
	out, err := inDisplay("import", "-window", "root", "-crop", fmt.Sprintf("1x1+%d+%d", x, y), "-depth", "8", "rgb:-").Output()
	if err != nil || len(out) < 3 {
		d.t.Fatalf("look at the screen: %v, %d bytes", err, len(out))
	}
	return [3]byte(out)
}
