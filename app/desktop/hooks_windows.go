//go:build desktop && windows

package desktop

import (
	"context"
	"os/exec"
	"reflect"
	"sync"

	"github.com/wailsapp/go-webview2/pkg/edge"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/runtime"
	win "golang.org/x/sys/windows"

	"scriptsmanager/backend/domain"
)

const ownOrigin = "http://wails.localhost"

// canFind tells whether the search in a page is ours. Here the web view's own
// one is opened by Ctrl+F.
const canFind = false

// hooks is the native side of this process's one window.
type hooks struct {
	ctx   context.Context
	owner hooked

	mu    sync.Mutex // guards what follows
	scale float64
	asked bool // the warning's question was asked
}

// displayReady tells whether a window can be shown; Windows always has a desktop.
func displayReady() bool { return true }

// fit leaves the size of a window as it is: Wails counts here in a screen's own
// units, and keeps the top inside.
func fit(width, height int) (int, int) { return width, height }

// screens are not asked for: Windows keeps windows on them.
func screens() []area { return nil }

func newHooks(ctx context.Context, h hooked, _ []area) *hooks {
	return &hooks{ctx: ctx, owner: h, scale: 1}
}

// install tells hooked that the window is ready. seal takes away what a page
// could reach of ours.
func (n *hooks) install(seal bool) { n.owner.hooked(!seal || n.seal()) }

// chromium finds the web view below Wails, which gives no way to its settings.
func (n *hooks) chromium() *edge.Chromium {
	f := reflect.ValueOf(n.ctx.Value("frontend"))
	for f.Kind() == reflect.Interface || f.Kind() == reflect.Pointer {
		f = f.Elem()
	}
	if f.Kind() != reflect.Struct {
		return nil
	}
	c := f.FieldByName("chromium")
	if !c.IsValid() || c.Type() != reflect.TypeFor[*edge.Chromium]() {
		return nil
	}
	return (*edge.Chromium)(c.UnsafePointer())
}

// seal takes from pages the way to post messages to this process. Wails
// compares a message's origin besides, so that a script's page has two walls.
// It must not be left out silently: where it fails, no script's page is shown.
func (n *hooks) seal() bool {
	c := n.chromium()
	if c == nil {
		return false
	}
	s, err := c.GetSettings()
	if err != nil || s.PutIsWebMessageEnabled(false) != nil {
		return false
	}
	// As on Linux: clipboard, camera, microphone and place are no page's to have
	// unasked. Wails lets every page have them.
	c.SetGlobalPermission(edge.CoreWebView2PermissionStateDeny)
	_ = s.PutAreBrowserAcceleratorKeysEnabled(true) // the search in the page, above all
	return true
}

// look has the title bar light or dark; the system's questions follow the system.
func (n *hooks) look(theme domain.Theme) {
	switch theme {
	case domain.ThemeLight:
		runtime.WindowSetLightTheme(n.ctx)
	case domain.ThemeDark:
		runtime.WindowSetDarkTheme(n.ctx)
	case domain.ThemeSystem:
		runtime.WindowSetSystemDefaultTheme(n.ctx)
	}
}

// load shows an address. With seal the page gets nothing of ours.
func (n *hooks) load(address string, seal bool) {
	if seal && !n.seal() {
		n.owner.failed(false, address)
		return
	}
	b := mustJSON(address)
	runtime.WindowExecJS(n.ctx, "location.replace("+string(b)+")")
	n.owner.painted() // when it truly is is not told here
}

func (n *hooks) reload() { runtime.WindowExecJS(n.ctx, "location.reload()") }

func (n *hooks) step(forward bool) {
	if forward {
		runtime.WindowExecJS(n.ctx, "history.forward()")
	} else {
		runtime.WindowExecJS(n.ctx, "history.back()")
	}
}

// zoom multiplies the zoom; 0 is back to normal.
func (n *hooks) zoom(factor float64) {
	n.mu.Lock()
	if factor == 0 {
		n.scale, factor = 1, 1
	}
	n.scale = min(5, max(0.3, n.scale*factor))
	scale := n.scale
	n.mu.Unlock()
	if c := n.chromium(); c != nil {
		c.PutZoomFactor(scale)
	}
}

// find is not needed: the web view has its own search (see seal).
func (n *hooks) find() {}

func (n *hooks) print() { runtime.WindowExecJS(n.ctx, "window.print()") }

// speak is not needed: the web view has its own words for downloads.
func (n *hooks) speak([]string) {}

// relabel shows the menu in another language.
func (n *hooks) relabel(bar *menu.Menu, _ []string) { runtime.MenuSetApplicationMenu(n.ctx, bar) }

// place puts the window where it was.
func (n *hooks) place(p *place) {
	if p == nil {
		return
	}
	runtime.WindowSetPosition(n.ctx, p.X, p.Y)
	if p.Maximised {
		runtime.WindowMaximise(n.ctx)
	}
}

// placed gives where the window stands. Of a maximised one that is not known
// otherwise.
func (n *hooks) placed() (place, bool) {
	x, y := runtime.WindowGetPosition(n.ctx)
	width, height := runtime.WindowGetSize(n.ctx)
	return place{X: x, Y: y, Width: width, Height: height, Maximised: runtime.WindowIsMaximised(n.ctx)}, true
}

// showFile shows a file in the Explorer.
func (n *hooks) showFile(path string) {
	cmd := exec.Command("explorer.exe")
	// The Explorer does not take the whole argument in quotes, as Go would put
	// one with a blank. No path has quotes in it here.
	cmd.SysProcAttr = &win.SysProcAttr{CmdLine: `explorer.exe /select,"` + path + `"`}
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

// warn asks whether the script is to be kept running. There is no place for a
// bar above the page, so it is a question, asked once for each warning.
func (n *hooks) warn(text, button string) {
	n.mu.Lock()
	asked := n.asked
	n.asked = text != ""
	n.mu.Unlock()
	if text == "" || asked {
		return
	}
	go func() {
		if n.choose(n.ctx, button, text, button, "") == 0 {
			n.owner.keep()
		}
	}()
}

// progress shows nothing: there is no place for a bar, and the window's title tells it.
func (n *hooks) progress(string, float64) {}

// choose shows a question and gives the number of the label that was chosen.
// The system's own box knows Yes, No and Cancel only, so it is told which is which.
func (n *hooks) choose(ctx context.Context, title, text string, labels ...string) int {
	kind := uint32(win.MB_SETFOREGROUND)
	switch len(labels) {
	case 2:
		kind |= win.MB_OKCANCEL | win.MB_ICONWARNING | win.MB_DEFBUTTON2
	case 3:
		kind |= win.MB_YESNOCANCEL | win.MB_ICONQUESTION | win.MB_DEFBUTTON3
		text += "\n\n✓ " + labels[0] + "\n✗ " + labels[1]
	}
	said, err := win.UTF16PtrFromString(text)
	if err != nil {
		return -1
	}
	name, err := win.UTF16PtrFromString(title)
	if err != nil {
		return -1
	}
	const ok, yes, no = 1, 6, 7 // IDOK, IDYES, IDNO
	answer, err := win.MessageBox(0, said, name, kind)
	switch {
	case err != nil || ctx.Err() != nil:
		return -1
	case answer == ok || answer == yes:
		return 0
	case answer == no:
		return 1
	}
	return -1
}
