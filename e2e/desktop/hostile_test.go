//go:build e2e

package desktop_e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// What a script's page tries after it has gone from page to page, in frames and
// in windows of its own, and towards another script, reaches nothing. WIN-7
func TestHostilePageGoesOn(t *testing.T) {
	d := newDesk(t)
	d.script("victim", header("Victim")+`import argparse
from flask import Flask
arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int)
app = Flask(__name__)
seen = [0]
@app.route("/")
def page():
    seen[0] += 1
    return "<title>Victim</title><h1>Private figures</h1>"
@app.route("/seen")
def count():
    return str(seen[0])
app.run(host="127.0.0.1", port=arguments.parse_known_args()[0].port)
`)
	d.script("hostile", header("Hostile")+`FRAME = """<!doctype html><title>Frame</title><p>frame<script>
parent.postMessage([typeof window.webkit?.messageHandlers?.external, typeof window.go, typeof window.runtime, typeof window.WailsInvoke].join())
</script>"""
PAGES = {
"/": ("text/html", "<!doctype html><title>Hostile</title><h1>First page</h1>"),
"/second": ("text/html", """<!doctype html><title>Hostile</title><h1>Second page</h1>
<button id=read onclick="navigator.clipboard.readText().then((t) => { got = 'read ' + t }, () => { got = 'refused' })">read</button>
<button id=opens onclick="window.opened = window.open('/frame')">open</button><div id=paste contenteditable>empty</div>"""),
"/frame": ("text/html", FRAME),
}
`+routes)
	main := d.open()
	d.signIn(main)
	victim := d.run(main, "desk/victim")
	victim.until("the victim's page", func() bool { return strings.Contains(victim.text(), "Private figures") })
	other := d.last()
	hostile := d.run(main, "desk/hostile")
	hostile.until("the first page", func() bool { return strings.Contains(hostile.text(), "First page") })
	var none any
	main.must(main.run("window.runtime.ClipboardSetText('the secret'); return null", &none))

	hostile.must(hostile.run("location.href = '/second'; return null", &none))
	hostile.until("the second page", func() bool { return strings.Contains(hostile.text(), "Second page") })
	home := hostile.url()

	// What Wails answers has no way in: neither a message of its own protocol
	// (the clipboard, quit, an address to open) nor of a bound method.
	hostile.must(hostile.run(`window.posted = [];
for (const message of ['Q', ':wails:ClipboardGetText', 'BO:https://example.com/', 'WQ', 'DL:x', JSON.stringify({type: 'call', name: ':wails:ClipboardGetText'}),
    'C' + JSON.stringify({name: ':wails:ClipboardGetText', args: [], callbackID: '1'}), 'C' + JSON.stringify({name: 'desktop.Door.Call', args: ['Users.List', ''], callbackID: '2'})]) {
  for (const way of [() => window.webkit.messageHandlers.external.postMessage(message), () => window.WailsInvoke(message), () => window.external.invoke(message), () => window.chrome.webview.postMessage(message)]) {
    try { way(); posted.push(message); } catch { /* as it should be */ }
  }
}
return null`, &none))
	if got := hostile.string("window.posted.join()"); got != "" {
		t.Errorf("these were posted: %s", got)
	}

	// The same in a frame and in a window that the page opened.
	hostile.must(hostile.run(`window.heard = []; addEventListener('message', (e) => heard.push(e.data));
const frame = document.createElement('iframe'); frame.src = '/frame'; document.body.append(frame); return null`, &none))
	const nothing = "undefined,undefined,undefined,undefined"
	hostile.until("the frame has looked", func() bool { return hostile.string("window.heard.join('; ')") == nothing })
	hostile.click("#opens")
	hostile.until("the new window has come", func() bool {
		return hostile.string("window.opened?.document?.body?.innerText") == "frame\n" || d.hasWindow("Frame")
	})
	d.until("the new window is seen", func() bool { return d.hasWindow("Frame") })
	if got := hostile.string("[typeof window.opened.webkit?.messageHandlers?.external, typeof opened.go, typeof opened.runtime, typeof opened.WailsInvoke].join()"); got != nothing {
		t.Errorf("the new window has %s", got)
	}
	d.close("Frame")
	d.until("the new window is gone", func() bool { return !d.hasWindow("Frame") })

	// The clipboard, unasked and with a click.
	hostile.must(hostile.run("window.got = ''; navigator.clipboard.readText().then((t) => { got = 'read ' + t }, () => { got = 'refused' }); return null", &none))
	hostile.until("an answer", func() bool { return hostile.string("got") != "" })
	if got := hostile.string("got"); got != "refused" {
		t.Errorf("the clipboard, unasked: %s", got)
	}
	hostile.must(hostile.run("window.got = ''; return null", &none))
	hostile.click("#read")
	hostile.until("an answer", func() bool { return hostile.string("got") != "" })
	if got := hostile.string("got"); got != "refused" {
		t.Errorf("the clipboard, with a click: %s", got)
	}
	hostile.must(hostile.run("const p = document.getElementById('paste'); p.focus(); window.pasted = document.execCommand('paste') + ' ' + p.innerText; return null", &none))
	if got := hostile.string("pasted"); got != "false empty" {
		t.Errorf("pasted by itself: %s", got)
	}

	// The other script's page.
	hostile.must(hostile.run(`const other = arguments[0];
window.tried = {};
const settle = (name) => [(r) => r.text().then((t) => { tried[name] = t || r.type; }), () => { tried[name] = 'refused'; }];
fetch(other).then(...settle('read'));
fetch(other, {mode: 'no-cors'}).then(...settle('blind'));
fetch(other, {method: 'POST', mode: 'no-cors', body: 'x'}).then(...settle('post'));
const frame = document.createElement('iframe');
frame.id = 'other';
frame.src = other;
document.body.append(frame);
tried.opened = String(window.open(other));
location.href = other;
// The window decides in turn: a frame of our own that is asked for after those
// has come when all of them were decided on.
addEventListener('message', () => {
  try { tried.frame = frame.contentWindow.location.href; } catch { tried.frame = 'another page'; }
  fetch(other + 'after', {mode: 'no-cors'}).then(...settle('after'));
}, {once: true});
setTimeout(() => { const own = document.createElement('iframe'); own.src = '/frame'; document.body.append(own); }, 0);
return null`, &none, other.URL))
	hostile.until("all was tried", func() bool { return hostile.number("Object.keys(window.tried ?? {}).length") == 6 })
	var tried map[string]string
	hostile.must(hostile.run("return window.tried", &tried))
	for name, want := range map[string]string{
		"read": "refused", "blind": "opaque", "post": "opaque", "after": "opaque", "opened": "null", "frame": "about:blank",
	} {
		if tried[name] != want {
			t.Errorf("%s: %q, want %q", name, tried[name], want)
		}
	}
	hostile.must(victim.run("const x = new XMLHttpRequest(); x.open('GET', '/seen', false); x.send(); window.seen = x.responseText; return null", &none))
	if got := victim.string("window.seen"); got != "1" {
		t.Errorf("the victim's page was served %s times", got)
	}
	if got := hostile.url(); got != home {
		t.Errorf("the window shows %s", got)
	}
	if n := len(d.titles()); n != 3 {
		t.Errorf("the windows: %q", d.titles())
	}
	var all []execution
	if err := json.Unmarshal(d.cli("execution", "list", "--json"), &all); err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.State != "running" {
			t.Errorf("%+v", x)
		}
	}
	if !running(main.pid) || !running(victim.pid) || !running(hostile.pid) {
		t.Error("a window is gone")
	}
}
