//go:build e2e

package desktop_e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A page that nobody uses is warned of above it, whatever the page shows, and
// the mouse over it takes the warning back. WIN-4
func TestWarningAboveThePage(t *testing.T) {
	d := newDesk(t)
	source := strings.Replace(header("Idle"), "@description", "@execution_timeout: 100\n@description", 1)
	d.script("idle", source+"PAGE = '<title>Idle</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/idle")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	height := func() int {
		var h int
		window.must(window.run("return window.innerHeight", &h))
		return h
	}
	// The bar takes of the page's room. It is a native one, which the page cannot touch.
	whole := height()
	for end := time.Now().Add(2 * time.Minute); height() >= whole; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no warning is shown")
		}
	}
	if out, err := inDisplay("import", "-window", "root", filepath.Join(repository, "test-results", "desktop-warning.png")).CombinedOutput(); err != nil {
		t.Logf("no picture: %v %s", err, out)
	}
	moves := func(x string) {
		if out, err := inDisplay("xdotool", "search", "--name", title("Idle"), "mousemove", "--window", "%1", x, "400").CombinedOutput(); err != nil {
			t.Fatalf("move the mouse: %v %s", err, out)
		}
	}
	moves("300")
	moves("340")
	window.until("the warning is taken back", func() bool { return height() == whole })
	if x := d.last(); x.State != "running" {
		t.Errorf("it is %s (%s)", x.State, x.Reason)
	}
}
