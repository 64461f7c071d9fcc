//go:build e2e

package desktop_e2e

import (
	"strconv"
	"strings"
	"testing"
)

// The frame of each window lies on a screen that is smaller than the window's
// usual size, so that its title and menu can be reached. WIN-1
func TestWindowsFitASmallScreen(t *testing.T) {
	const width, height = 1280, 720
	usual := display
	stop, err := openDisplay(strconv.Itoa(width) + "x" + strconv.Itoa(height))
	if err != nil {
		t.Fatal(err)
	}
	// After what the desk ends, which is registered later.
	t.Cleanup(func() {
		stop()
		display = usual
	})
	d := newDesk(t)
	d.script("page", header("Page")+"PAGE = '<title>Page</title><h1>Here it is</h1>'\n"+server)
	main := d.open()
	d.signIn(main)
	window := d.run(main, "desk/page")
	window.until("the script's page", func() bool { return strings.Contains(window.text(), "Here it is") })
	for _, name := range []string{mainTitle, title("Page")} {
		d.until("the window "+name, func() bool { return d.hasWindow(name) })
		x, y, w, h := d.geometry(name)
		if x < 0 || y < 0 || x+w > width || y+h > height {
			t.Errorf("%s: %dx%d at %d,%d on %dx%d", name, w, h, x, y, width, height)
		}
	}
}

// geometry is where the content of a window lies on the screen. xdotool and
// wmctrl count its frame twice.
func (d *desk) geometry(name string) (x, y, width, height int) {
	d.t.Helper()
	var id []byte
	// Another window that goes while it is looked for makes that fail.
	d.until("the window "+name, func() bool {
		var err error
		id, err = inDisplay("xdotool", "search", "--name", "^"+name+"$").Output()
		return err == nil
	})
	out, err := inDisplay("xwininfo", "-id", strings.TrimSpace(string(id))).Output()
	if err != nil {
		d.t.Fatalf("the place of %q: %v", name, err)
	}
	values := map[string]int{}
	for _, line := range strings.Split(string(out), "\n") {
		if key, value, found := strings.Cut(line, ":"); found {
			values[strings.TrimSpace(key)], _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return values["Absolute upper-left X"], values["Absolute upper-left Y"], values["Width"], values["Height"]
}
