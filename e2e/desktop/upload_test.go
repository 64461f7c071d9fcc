//go:build e2e

package desktop_e2e

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Files come into a page by the system's own dialog and by dragging them in,
// whole; what falls beside the place for them opens nothing. WIN-6
func TestFilesIntoThePage(t *testing.T) {
	d := newDesk(t)
	d.environ = []string{"DESKTOP_E2E_UNDRIVEN=1"} // a driven page has no dialog: this one tells its script what happens
	d.script("takes", header("Takes")+`PAGE = """<!doctype html><title>Takes</title><style>
body > * { position: fixed; inset-inline: 0; height: 33vh; border: 1px solid; box-sizing: border-box } input { width: 100%; height: 100% } #drop { top: 33vh } #beside { top: 66vh }</style>
<label><input id=chosen type=file multiple></label><div id=drop>Drop here</div><div id=beside>Beside</div><script>
const send = (name, body) => fetch('/' + name, { method: 'POST', body });
const all = async (how, files) => { for (const file of [...files]) await send(how + '-' + file.name, file); };
chosen.onchange = () => all('chosen', chosen.files);
chosen.ondragover = () => send('field', '');
const drop = document.getElementById('drop');
drop.ondragover = (event) => { event.preventDefault(); send('over', ''); };
drop.ondrop = (event) => { event.preventDefault(); send('drop', String(event.dataTransfer.files.length)); all('dropped', event.dataTransfer.files); };
beside.ondragover = () => send('beside', '');
onload = () => send('shown', location.href);
onresize = () => send('height', String(innerHeight));
</script>"""`+"\n"+takes)
	main := d.open()
	d.signIn(main)
	before := d.announced()
	var none any
	main.must(main.run("location.hash = arguments[0]", &none, "#/scripts/desk/takes"))
	main.click(button(text("ui.run.run")))
	pid := d.newcomer(before)
	name := title("Takes")
	d.until("the window's title", func() bool { return d.hasWindow(name) })
	d.until("the script is ready", func() bool { return d.last().Phase == "ready" })
	data := d.data()
	there := func(name string) bool { _, err := os.Stat(filepath.Join(data, name)); return err == nil }
	d.until("the page is shown", func() bool { return there("shown") })
	if out, err := inDisplay("wmctrl", "-F", "-r", name, "-e", "0,20,40,900,700").CombinedOutput(); err != nil {
		t.Fatalf("move the window: %v %s", err, out)
	}
	d.until("it has its place", func() bool { x, _, width, _ := d.geometry(name); return width == 900 && x < 100 })

	// All bytes that there are, more than goes in one piece.
	whole := make([]byte, 3<<20)
	for i := range whole {
		whole[i] = byte(i ^ i>>8 ^ i>>16)
	}
	folder := filepath.Dir(d.root)
	first, second := filepath.Join(folder, "first measured.bin"), filepath.Join(folder, "zweite Größe.bin")
	for _, file := range []string{first, second} {
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arrived := func(name string) bool {
		b, err := os.ReadFile(filepath.Join(data, name))
		return err == nil && bytes.Equal(b, whole)
	}

	const dialog = "Select Files" // WebKit's own
	choose := func() {
		t.Helper()
		d.focus(name)
		x, y := d.point(name, 1)
		d.insist("the dialog", func() { d.mouse(x, y, "click", "1") }, func() bool { return d.hasWindow(dialog) })
		d.focus(dialog)
	}
	choose()
	d.answer(dialog, "Escape")
	choose()
	if out, err := inDisplay("xdotool", "type", "--delay", "50", first).CombinedOutput(); err != nil {
		t.Fatalf("type: %v %s", err, out)
	}
	d.picture("upload")
	// The first Return may be for what the dialog proposes while one types.
	d.insist("the dialog is gone", func() { d.keys("Return") }, func() bool { return !d.hasWindow(dialog) })
	d.until("the chosen file", func() bool { return arrived("chosen-first%20measured.bin") })

	files := d.dragged(first, second)
	files(name, 5, "beside", there)
	files(name, 3, "over", there)
	d.until("both files that were dropped", func() bool {
		return arrived("dropped-first%20measured.bin") && arrived("dropped-zweite%20Gr%C3%B6%C3%9Fe.bin")
	})
	// A field for files takes them as if they had been chosen.
	files(name, 1, "field", there)
	d.until("the second file, in the field", func() bool { return arrived("chosen-zweite%20Gr%C3%B6%C3%9Fe.bin") })
	// Of a folder the page gets nothing, and the person is told.
	d.close("Files")
	d.until("the other program has ended", func() bool { return !d.hasWindow("Files") })
	for _, sign := range []string{"over", "drop", "height", "dropped-zweite%20Gr%C3%B6%C3%9Fe.bin"} {
		_ = os.Remove(filepath.Join(data, sign))
	}
	mixed := d.dragged(d.root, second)
	mixed(name, 3, "over", there)
	d.until("the file beside the folder", func() bool { return arrived("dropped-zweite%20Gr%C3%B6%C3%9Fe.bin") })
	if got := content(filepath.Join(data, "drop")); got != "1" {
		t.Errorf("the page got %s files", got)
	}
	height := func() int { n, _ := strconv.Atoi(content(filepath.Join(data, "height"))); return n }
	d.until("it is told below the page", func() bool { return height() > 0 })
	told := height()
	d.picture("drop-missed")
	d.until("the cross is pressed", func() bool { return d.press(pid, text("viewer.close")) })
	d.until("nothing is told any more", func() bool { return height() > told })
	// A page in a browser can offer any file that it knows the name of: it is not read.
	d.close("Files")
	d.until("the other program has ended", func() bool { return !d.hasWindow("Files") })
	page := d.dragged("--page", first)
	_ = os.Remove(filepath.Join(data, "over"))
	page(name, 3, "over", there)
	d.until("a drop without a file", func() bool { return content(filepath.Join(data, "drop")) == "0" })
	if got := content(filepath.Join(data, "shown")); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("the window showed %s", got)
	}
	if !d.hasWindow(name) || d.last().Phase != "ready" {
		t.Errorf("the windows: %q, the script: %+v", d.titles(), d.last())
	}
}

// point gives a place on the screen in a window's content: the middle from its
// left and so many sixths from its top.
func (d *desk) point(name string, sixths int) (x, y int) {
	d.t.Helper()
	left, top, width, height := d.geometry(name)
	return left + width/2, top + height*sixths/6
}

// mouse moves the mouse to a place, and does there what xdotool is told beside.
func (d *desk) mouse(x, y int, then ...string) {
	d.t.Helper()
	arguments := append([]string{"mousemove", strconv.Itoa(x), strconv.Itoa(y)}, then...)
	if out, err := inDisplay("xdotool", arguments...).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %q: %v %s", arguments, err, out)
	}
}

// dragged opens a window of another program with files in it. What it gives
// drags them over a window until there is a sign of it, and lets go there.
func (d *desk) dragged(files ...string) func(onto string, sixths int, sign string, there func(string) bool) {
	d.t.Helper()
	c := inDisplay(dragger, files...)
	said, err := c.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	start(d.t, c)
	heard := make(chan string, 100)
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			heard <- lines.Text()
		}
	}()
	hears := func(want string) bool {
		select {
		case line := <-heard:
			return line == want
		default:
			return false
		}
	}
	d.until("the other program's window", func() bool { return hears("shown") })
	if out, err := inDisplay("wmctrl", "-F", "-r", "Files", "-e", "0,1200,100,200,100").CombinedOutput(); err != nil {
		d.t.Fatalf("move the window: %v %s", err, out)
	}
	d.until("it has its place", func() bool { x, _, _, _ := d.geometry("Files"); return x >= 1200 })
	return func(onto string, sixths int, sign string, there func(string) bool) {
		d.t.Helper()
		// What is dragged is a window, too, which is there for a moment: nothing is looked for meanwhile.
		fromX, fromY := d.point("Files", 3)
		x, y := d.point(onto, sixths)
		d.insist("a drag begins", func() {
			d.mouse(fromX, fromY, "mouseup", "1", "mousedown", "1", "mousemove_relative", "--", "-20", "0", "mousemove_relative", "--", "-20", "0")
		}, func() bool { return hears("begun") })
		step := 0
		d.until("what is dragged is over the page", func() bool {
			step = 10 - step
			d.mouse(x+step, y)
			return there(sign)
		})
		d.picture("drag-" + sign)
		if out, err := inDisplay("xdotool", "mouseup", "1").CombinedOutput(); err != nil {
			d.t.Fatalf("let go: %v %s", err, out)
		}
		d.until("the drag ends", func() bool { return hears("ended") })
	}
}

// insist does something until it has worked: a busy machine may lose a click or a key.
func (d *desk) insist(what string, do func(), worked func() bool) {
	d.t.Helper()
	var last time.Time
	d.until(what, func() bool {
		if worked() {
			return true
		}
		if time.Since(last) > 3*time.Second {
			do()
			last = time.Now()
		}
		return false
	})
}
