//go:build e2e

package desktop_e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func title(script string) string { return script + " — project_default — " + admin }

// header begins a script that discovery finds.
func header(name string) string {
	return "\"\"\"" + name + ".\n\nScriptsManager Metadata:\n@display_name: " + name + "\n@description: For a test\n@required_level: operator\n\"\"\"\n"
}

const server = `
import argparse, os
from http.server import BaseHTTPRequestHandler, HTTPServer
arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int)
port = arguments.parse_known_args()[0].port
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
`

// The main job: set up, run a sample, see its page in a window of ours, close
// the window, and the script is gone. WIN-1, WIN-2, WIN-3, UI-1
func TestFirstStartToClosedWindow(t *testing.T) {
	d := emptyDesk(t)
	main := d.open()
	main.click(button(text("ui.wizard.next")))
	for _, step := range []string{"ui.wizard.environments", "ui.wizard.samples", "ui.wizard.backups"} {
		main.until("the step "+step, func() bool { return strings.Contains(main.text(), text(step)) })
		main.click(button(text("ui.wizard.next")))
	}
	main.until("the sign-in as the system's user", func() bool { return strings.Contains(main.text(), text("ui.users.system")) })
	main.click("input[type=checkbox]")
	main.click(button(text("ui.wizard.next")))
	main.fill("input[name=username]", admin)
	main.fill("input[name=new-password]", password)
	main.fill("(//input[@type='password'])[2]", password)
	main.click("button[type=submit]")
	main.until("the frame after the wizard", func() bool { return main.has("nav") })
	main.screenshot(filepath.Join(repository, "test-results", "desktop-main-window.png"))

	window := d.run(main, sampleID)
	window.until("the script's page", func() bool { return strings.HasPrefix(window.url(), "http://127.0.0.1:") })
	window.until("its heading", func() bool { return strings.Contains(window.text(), "Heat transfer") })
	window.screenshot(filepath.Join(repository, "test-results", "desktop-script-window.png"))
	d.until("the window's title", func() bool { return d.hasWindow(title(sampleName)) })

	x := d.last()
	if x.State != "running" || x.Phase != "ready" || !running(x.PID) {
		t.Fatalf("the execution: %+v", x)
	}
	d.close(title(sampleName))
	d.until("the script's process is gone", func() bool { return !running(x.PID) })
	d.until("the execution ended", func() bool { return d.last().State != "running" })
	if x := d.last(); x.State != "completed" || x.Reason != "window_closed" {
		t.Errorf("it ended as %+v", x)
	}
	if running(window.pid) {
		d.until("the window's process is gone", func() bool { return !running(window.pid) })
	}
}

// A script that fails to start says why in its window, and can be run again
// there. WIN-2
func TestFailureShowsInItsWindow(t *testing.T) {
	d := newDesk(t)
	d.script("fails", header("Fails")+"import json\nprint('reading', flush=True)\n\ndef read(text):\n    return json.loads(text)\n\nread('{')\n")
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/fails")
	window.until("the headline", func() bool { return strings.Contains(window.text(), "Fails has failed") })
	window.until("the traceback", func() bool { return strings.Contains(window.text(), "JSONDecodeError") })
	var own string
	window.must(window.run("return document.querySelector('[data-testid=own-line]')?.textContent ?? ''", &own))
	if !strings.Contains(own, "fails.py") || !strings.Contains(own, "in read") {
		t.Errorf("the line that is marked: %q", own)
	}
	window.screenshot(filepath.Join(repository, "test-results", "desktop-script-failed.png"))
	first := d.last()
	if first.State != "failed" {
		t.Errorf("state %q", first.State)
	}

	window.click("[data-testid=copy]")
	window.until("it says that it is copied", func() bool {
		return window.string("document.querySelector('[data-testid=copy]').textContent") == text("viewer.copied")
	})
	var copied string
	main.until("the details on the clipboard", func() bool {
		return main.run("return window.runtime.ClipboardGetText()", &copied) == nil && strings.Contains(copied, first.ID)
	})
	for _, want := range []string{title("Fails"), "fails.py", "in read", "JSONDecodeError", text("viewer.exit_code") + ": 1"} {
		if !strings.Contains(copied, want) {
			t.Errorf("no %q in what was copied:\n%s", want, copied)
		}
	}
	window.click("[data-testid=open_log]")
	d.until("the main window is in front", func() bool { return d.active() == mainTitle })
	main.until("the log", func() bool {
		return strings.HasSuffix(main.url(), "#/executions/"+first.ID) && strings.Contains(main.text(), "JSONDecodeError")
	})

	window.click("[data-testid=again]")
	d.until("it runs again and fails again", func() bool { x := d.last(); return x.ID != first.ID && x.State == "failed" })
	window.until("the same window tells so", func() bool { return strings.Contains(window.text(), "Fails has failed") })
	window.click("[data-testid=close]")
	d.until("the window is gone", func() bool { return !running(window.pid) })
}

// A window that is killed counts as closed. WIN-3
func TestKilledWindowEndsItsScript(t *testing.T) {
	d := newDesk(t)
	d.script("page", header("Page")+"PAGE = '<title>Page</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/page")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	x := d.last()
	if err := syscall.Kill(window.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.until("the script's process is gone", func() bool { return !running(x.PID) })
	d.until("the execution ended", func() bool { return d.last().State != "running" })
	if reason := d.last().Reason; reason != "window_closed" {
		t.Errorf("reason %q", reason)
	}
}

// A script that ends while its page is shown says so in its window. WIN-3
func TestEndedScriptShowsInItsWindow(t *testing.T) {
	d := newDesk(t)
	d.script("page", header("Page")+"PAGE = '<title>Page</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/page")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	if err := syscall.Kill(d.last().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	window.until("our page tells the end", func() bool { return strings.Contains(window.text(), "Page has failed") })
	if !window.has("[data-testid=again]") {
		t.Error("it cannot be run again there")
	}
}

// What a script's page tries must reach nothing of ours. WIN-7
func TestHostilePageReachesNothing(t *testing.T) {
	const page = `<!doctype html><title>Hostile</title><h1>Trying</h1><pre id="result"></pre><script>
const said = [];
const tell = (name, value) => said.push(name + '=' + value);
(async () => {
  tell('go', typeof window.go);
  tell('runtime', typeof window.runtime);
  try { window.webkit.messageHandlers.external.postMessage('Q'); tell('post', 'sent'); } catch { tell('post', 'refused'); }
  try { const a = await fetch('wails://wails/', {mode: 'cors'}); tell('read', a.status); } catch { tell('read', 'refused'); }
  for (const path of ['', 'page', 'state', 'verb/stop']) {
    try { await fetch('wails://wails/' + path, {mode: 'no-cors', method: path.startsWith('verb') ? 'POST' : 'GET'}); } catch {}
  }
  await new Promise((done) => {
    const image = new Image();
    image.onload = () => { tell('image', 'loaded'); done(); };
    image.onerror = () => { tell('image', 'refused'); done(); };
    image.src = 'wails://wails/logo.png';
  });
  const frame = document.createElement('iframe');
  frame.src = 'wails://wails/';
  document.body.append(frame);
  await new Promise((done) => setTimeout(done, 500));
  tell('frame', frame.contentWindow.length === 0 && (() => { try { return frame.contentDocument?.body?.innerText || 'empty'; } catch { return 'foreign'; } })());
  const before = location.href;
  location.href = 'http://127.0.0.1:1/';
  await new Promise((done) => setTimeout(done, 500));
  location.href = 'wails://wails/';
  await new Promise((done) => setTimeout(done, 500));
  history.back();
  await new Promise((done) => setTimeout(done, 500));
  tell('still', location.href === before);
  document.getElementById('result').textContent = said.join('\n') + '\ndone';
})();
</script>`
	d := newDesk(t)
	d.script("hostile", header("Hostile")+"PAGE = r'''"+page+"'''\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/hostile")
	window.until("the attempts are over", func() bool { return strings.Contains(window.text(), "done") })
	got := window.text()
	for _, want := range []string{"go=undefined", "runtime=undefined", "post=refused", "read=refused", "image=refused", "frame=empty", "still=true"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if x := d.last(); x.State != "running" {
		t.Errorf("the page did something to its execution: %+v", x)
	}
	if !running(window.pid) || !running(main.pid) {
		t.Error("a window is gone")
	}
}

// A second start on the same root brings the first one's window to the front.
func TestSecondStartRaisesTheFirst(t *testing.T) {
	d := newDesk(t)
	main := d.open()
	main.until("the sign-in page", func() bool { return main.has("input[name=username]") })
	second := d.command()
	out, err := second.CombinedOutput()
	if err != nil {
		t.Fatalf("the second start: %v\n%s", err, out)
	}
	if n := len(d.titles()); n != 1 {
		t.Errorf("%d windows: %q", n, d.titles())
	}
	d.until("the window is in front", func() bool { return d.active() == mainTitle })
	if !running(main.pid) {
		t.Error("the first one is gone")
	}
}

// Quitting while something runs lists it and asks; a signal asks nothing. WIN-3
func TestQuitAsksWhileSomethingRuns(t *testing.T) {
	d := newDesk(t)
	d.script("page", header("Page")+"PAGE = '<title>Page</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/page")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	x := d.last()
	question := text("viewer.quit_title")
	d.close(mainTitle)
	d.until("the question", func() bool { return d.hasWindow(question) })
	d.close(question)
	d.until("the question is gone", func() bool { return !d.hasWindow(question) })
	if !running(x.PID) || !running(main.pid) {
		t.Fatal("it quit although the answer was no")
	}
	if err := syscall.Kill(main.pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	d.until("all is gone", func() bool { return !running(main.pid) && !running(window.pid) && !running(x.PID) })
}

// Without a display the program says what to do and does not crash.
func TestNoDisplay(t *testing.T) {
	d := newDesk(t)
	c := exec.Command(filepath.Join(repository, "bin", "scriptsmanager-desktop"), "--root", d.root)
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); name != "DISPLAY" && name != "WAYLAND_DISPLAY" && name != "GDK_BACKEND" {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LANGUAGE=")
	timer := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	out, err := c.CombinedOutput()
	if err == nil || c.ProcessState.ExitCode() != 1 {
		t.Fatalf("ended with %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "serve") || strings.Contains(string(out), "panic") || strings.Contains(string(out), "goroutine") {
		t.Errorf("it says:\n%s", out)
	}
}
