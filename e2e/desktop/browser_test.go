//go:build e2e

package desktop_e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// routes is the end of a script that serves PAGES: path to type and text; what
// is of no type is a file to be saved.
const routes = `
import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int)
port = arguments.parse_known_args()[0].port
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, text = PAGES.get(self.path, ("text/plain", "nothing here"))
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind or "text/csv")
        if not kind:
            self.send_header("Content-Disposition", "attachment; filename=" + self.path[1:])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
`

// keys presses keys in the window that has the focus, as a person does.
func (d *desk) keys(names ...string) {
	d.t.Helper()
	if out, err := inDisplay("xdotool", append([]string{"key", "--clearmodifiers"}, names...)...).CombinedOutput(); err != nil {
		d.t.Fatalf("press %q: %v %s", names, err, out)
	}
}

// focus brings a window to the front and waits until keys go to it.
func (d *desk) focus(name string) {
	d.t.Helper()
	d.until("the focus on "+name, func() bool {
		if inDisplay("wmctrl", "-F", "-a", name).Run() != nil {
			return false
		}
		return d.active() == name
	})
}

// press presses a button of a process's window by its name, as a screen reader
// does, and tells whether there is one.
func (d *desk) press(pid int, name string) bool {
	d.t.Helper()
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		d.t.Fatal("there is no session bus, by which buttons are found: run these tests by task test:desktop")
	}
	out, err := inDisplay(presser, strconv.Itoa(pid), name).CombinedOutput()
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 1) {
		d.t.Fatalf("press %s: %v %s", name, err, out)
	}
	return err == nil
}

// answer presses the first button of a question, which is never the default one.
func (d *desk) answer(question string, presses ...string) {
	d.t.Helper()
	d.until("the question "+question, func() bool { return d.hasWindow(question) })
	d.focus(question)
	d.keys(presses...)
	d.until("the question is gone", func() bool { return !d.hasWindow(question) })
}

// number is what an expression gives in the page.
func (p *page) number(expression string) float64 {
	p.t.Helper()
	var n float64
	p.must(p.run("return Number("+expression+")", &n))
	return n
}

func (p *page) string(expression string) string {
	var s string
	_ = p.run("return String("+expression+")", &s)
	return s
}

// A script's page can do what it can in a browser. WIN-6
func TestPageAsInABrowser(t *testing.T) {
	d := newDesk(t)
	opened := filepath.Join(filepath.Dir(d.root), "opened")
	downloads := d.stage(opened)
	d.script("rich", header("Rich")+`PAGES = {
"/": ("text/html", """<!doctype html><title>Rich</title><h1>Here it is</h1>
<p>a needle here</p><p>another Needle there</p><p id=third>the last needle</p>
<a id=file href="/table.csv">table</a> <a id=away href="https://example.com/page?a=1">away</a>
<a id=mail href="mailto:line@example.com">mail</a> <a id=tab href="/second" target="_blank">second</a>
<button id=asks onclick="said = [confirm('sure?'), prompt('how many?', '2'), alert('done')].join()">ask</button>
<input id=upload type=file onchange="this.files[0].text().then((t) => { got = t })">"""),
"/second": ("text/html", "<!doctype html><title>Second</title><p>second page"),
"/table.csv": ("", "a;b\n1;2\n"),
}
`+routes)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/rich")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	name := title("Rich")
	d.until("the window's title", func() bool { return d.hasWindow(name) })
	height := func() float64 { return window.number("innerHeight") }

	t.Run("find", func(t *testing.T) {
		d.focus(name)
		whole := height()
		d.keys("ctrl+f")
		window.until("the bar of the search", func() bool { return height() < whole })
		if out, err := inDisplay("xdotool", "type", "needle").CombinedOutput(); err != nil {
			t.Fatalf("type: %v %s", err, out)
		}
		at := func() string {
			return window.string("getSelection().toString() + ' in ' + (getSelection().anchorNode?.parentElement?.textContent ?? '')")
		}
		shows := func(number string) {
			t.Helper()
			want := strings.NewReplacer("{{.number}}", number, "{{.count}}", "3").Replace(text("viewer.find_position"))
			d.until("the bar tells "+want, func() bool { return d.said(window.pid)[0] == want })
		}
		window.until("the first place", func() bool { return at() == "needle in a needle here" })
		shows("1")
		d.picture("find")
		d.keys("Return")
		window.until("the second", func() bool { return at() == "Needle in another Needle there" })
		shows("2")
		d.keys("F3")
		window.until("the last", func() bool { return at() == "needle in the last needle" })
		shows("3")
		d.keys("Return")
		window.until("the first again", func() bool { return at() == "needle in a needle here" })
		d.keys("shift+Return")
		window.until("back to the last", func() bool { return at() == "needle in the last needle" })
		shows("3")
		d.keys("Escape")
		window.until("the bar is closed", func() bool { return height() == whole })
	})
	t.Run("zoom", func(t *testing.T) {
		d.focus(name)
		width := window.number("innerWidth")
		d.keys("ctrl+plus")
		window.until("it is larger", func() bool { return window.number("innerWidth") < width })
		d.keys("ctrl+0")
		window.until("it has its size again", func() bool { return window.number("innerWidth") == width })
	})
	t.Run("questions of the page", func(t *testing.T) {
		var none any
		window.must(window.run("setTimeout(() => document.getElementById('asks').click(), 0)", &none))
		for _, text := range []string{"sure?", "how many?", "done"} {
			window.until("the question "+text, func() bool { return window.alert() == text })
			if text == "how many?" {
				window.must(request("POST", window.base+"/alert/text", map[string]any{"text": "7"}, nil))
			}
			window.must(request("POST", window.base+"/alert/accept", map[string]any{}, nil))
		}
		window.until("the answers", func() bool { return window.string("window.said") == "true,7," })
	})
	t.Run("print", func(t *testing.T) {
		d.focus(name)
		d.keys("ctrl+p")
		d.until("the print dialog", func() bool { return d.hasWindow("Print") })
		d.focus("Print")
		d.keys("Escape")
		d.until("it is gone", func() bool { return !d.hasWindow("Print") })
	})
	t.Run("new window", func(t *testing.T) {
		window.click("#tab")
		d.until("the second window", func() bool { return d.hasWindow("Second") })
		d.close("Second")
		d.until("it is gone", func() bool { return !d.hasWindow("Second") })
	})
	t.Run("links to elsewhere", func(t *testing.T) {
		question := text("viewer.link_title")
		window.click("#away")
		d.answer(question, "Escape")
		window.click("#away")
		d.answer(question, "Tab", "Return")
		d.until("the browser has it", func() bool { return lines(opened) == "https://example.com/page?a=1" })
		window.click("#away")
		d.until("the browser has it again, unasked", func() bool {
			return lines(opened) == "https://example.com/page?a=1 https://example.com/page?a=1"
		})
		if got := window.url(); !strings.HasPrefix(got, "http://127.0.0.1:") {
			t.Errorf("the window shows %s", got)
		}
	})
	t.Run("download", func(t *testing.T) {
		whole := height()
		dialog := text("viewer.save_title")
		window.click("#file")
		d.until("the dialog", func() bool { return d.hasWindow(dialog) })
		d.focus(dialog)
		d.picture("save")
		d.answer(dialog, "Return")
		file := filepath.Join(downloads, "table.csv")
		d.until("the file", func() bool { b, err := os.ReadFile(file); return err == nil && string(b) == "a;b\n1;2\n" })
		window.until("the bar that tells it", func() bool { return height() < whole })
		d.picture("download")
		_ = os.Remove(opened)
		d.until("Show in folder is pressed", func() bool { return d.press(window.pid, text("viewer.show_file")) })
		d.until("its folder is opened", func() bool { return lines(opened) == downloads })
		window.until("the bar is closed", func() bool { return height() == whole })
	})
	t.Run("upload", func(t *testing.T) { // a driven page has no chooser, and takes the file as from one; see TestFilesIntoThePage
		file := filepath.Join(downloads, "mine.txt")
		if err := os.WriteFile(file, []byte("of my own"), 0o600); err != nil {
			t.Fatal(err)
		}
		id, err := window.element("css selector", "#upload")
		window.must(err)
		window.must(request("POST", window.base+"/element/"+id+"/value", map[string]any{"text": file}, nil))
		window.until("the page has read it", func() bool { return window.string("window.got") == "of my own" })
	})
	t.Run("once more", func(t *testing.T) { // what was allowed is remembered
		d.close(name)
		d.until("the window is gone", func() bool { return !running(window.pid) })
		d.until("the script ended", func() bool { return d.last().State != "running" })
		again := d.run(main, "desk/rich")
		again.until("the script's page", func() bool { return strings.Contains(again.text(), "Here it is") })
		_ = os.Remove(opened)
		again.click("#away")
		d.until("the browser has it, unasked", func() bool { return lines(opened) == "https://example.com/page?a=1" })
	})
}

// stage gives the desk a folder for downloads, and a browser that only notes
// what it is to open, a line each. It comes before open.
func (d *desk) stage(opened string) (downloads string) {
	d.t.Helper()
	base := filepath.Dir(d.root)
	downloads, config, programs := filepath.Join(base, "downloads"), filepath.Join(base, "config"), filepath.Join(base, "programs")
	for _, folder := range []string{downloads, config, programs} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			d.t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		filepath.Join(config, "user-dirs.dirs"): fmt.Sprintf("XDG_DOWNLOAD_DIR=%q\n", downloads),
		filepath.Join(programs, "xdg-open"):     fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$1\" >> '%s'\n", opened),
	} {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			d.t.Fatal(err)
		}
	}
	d.environ = []string{"XDG_CONFIG_HOME=" + config, "PATH=" + programs + ":" + os.Getenv("PATH")}
	return downloads
}

// lines are those of a file, in one.
func lines(file string) string {
	b, _ := os.ReadFile(file)
	return strings.Join(strings.Fields(string(b)), " ")
}

// picture takes the screen as it is, for a person to look at.
func (d *desk) picture(name string) {
	file := filepath.Join(repository, "test-results", "desktop-"+name+".png")
	if out, err := inDisplay("import", "-window", "root", file).CombinedOutput(); err != nil {
		d.t.Logf("no picture: %v %s", err, out)
	}
}

// alert is the text of the question that the page asks, or "".
func (p *page) alert() string {
	var s string
	_ = request("GET", p.base+"/alert/text", nil, &s)
	return s
}
