//go:build e2e

package desktop_e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// takes is the end of a script that writes what is posted into its data folder,
// and serves PAGE, and at /big a file of which the rest comes once there is a
// file "more" in that folder; it notes there when nobody takes it any more.
const takes = `
import argparse, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int)
arguments.add_argument("--data-dir")
known = arguments.parse_known_args()[0]
def note(name, body):
    path = os.path.join(known.data_dir, os.path.basename(name))
    with open(path + ".new", "wb") as file: file.write(body)
    os.rename(path + ".new", path)
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        note(self.path, self.rfile.read(int(self.headers["Content-Length"] or 0)))
        self.send_response(204)
        self.end_headers()
    def do_GET(self):
        if self.path.startswith("/big"): return self.big()
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def big(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Disposition", "attachment; filename=" + self.path[1:])
        self.send_header("Content-Length", "3000000")
        self.end_headers()
        self.wfile.write(b"x" * 1000000)
        more, sent = os.path.join(known.data_dir, "more"), 1000000
        try:
            while not os.path.exists(more):
                time.sleep(0.05)
                self.wfile.write(b"x")
                sent += 1
            self.wfile.write(b"x" * (3000000 - sent))
        except OSError:
            note("broken", self.path.encode())
ThreadingHTTPServer(("127.0.0.1", known.port), Handler).serve_forever()
`

// data is the data folder of the execution that was started last.
func (d *desk) data() string {
	d.t.Helper()
	var shown struct {
		DataDir string `json:"data_dir"`
	}
	if err := json.Unmarshal(d.cli("execution", "show", d.last().ID, "--json"), &shown); err != nil {
		d.t.Fatal(err)
	}
	return shown.DataDir
}

// write makes a file.
func (d *desk) write(file, text string) string {
	d.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return file
}

func content(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}

// A download tells how far it is, and can be given up. WIN-6
func TestDownloadInTheBar(t *testing.T) {
	d := newDesk(t)
	downloads := d.stage(filepath.Join(filepath.Dir(d.root), "opened"))
	d.script("loads", header("Loads")+`PAGE = '<title>Loads</title><h1>Here it is</h1><a id=one href=/big1>one</a> <a id=two href=/big2>two</a>'`+"\n"+takes)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/loads")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	data, dialog := d.data(), text("viewer.save_title")
	height := func() float64 { return window.number("innerHeight") }
	whole := height()
	begin := func(link string) {
		t.Helper()
		window.click(link)
		d.until("the dialog", func() bool { return d.hasWindow(dialog) })
		d.focus(dialog)
		d.answer(dialog, "Return")
		window.until("the bar", func() bool { return height() < whole })
		d.until("how much is there", func() bool {
			return strings.HasSuffix(d.said(window.pid)[0], " / 3.0\u00a0MB") && d.said(window.pid)[0][0] == '1'
		})
	}

	begin("#two")
	d.picture("saving")
	d.until("Cancel is pressed", func() bool { return d.press(window.pid, text("viewer.cancel")) })
	window.until("the bar is gone", func() bool { return height() == whole })
	d.until("the script is told", func() bool { return content(filepath.Join(data, "broken")) == "/big2" })
	d.until("nothing of it is left", func() bool {
		left, err := os.ReadDir(downloads)
		return err == nil && len(left) == 0
	})

	begin("#one")
	d.write(filepath.Join(data, "more"), "")
	d.until("all of it", func() bool { return len(content(filepath.Join(downloads, "big1"))) == 3000000 })
	d.picture("saved")
	d.until("the cross is pressed", func() bool { return d.press(window.pid, text("viewer.close")) })
	window.until("the bar is gone", func() bool { return height() == whole })
	if got := len(content(filepath.Join(downloads, "big1"))); got != 3000000 {
		t.Errorf("closing the bar left %d bytes", got)
	}
}
