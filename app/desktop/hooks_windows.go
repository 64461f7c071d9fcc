//go:build desktop && windows

package desktop

import (
	"context"
	"reflect"
	"sync"

	"github.com/wailsapp/go-webview2/pkg/edge"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"scriptsmanager/backend/domain"
)

const ownOrigin = "http://wails.localhost"

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

func newHooks(ctx context.Context, h hooked) *hooks { return &hooks{ctx: ctx, owner: h, scale: 1} }

// install tells hooked that the window is ready. seal takes away what a page
// could reach of ours.
func (n *hooks) install(seal, _ bool) { n.owner.hooked(!seal || n.seal()) }

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
	return err == nil && s.PutIsWebMessageEnabled(false) == nil
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

// saveTexts is not needed: the web view has its own dialog for downloads.
func (n *hooks) saveTexts(_, _, _ string) {}

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
		if n.ask(n.ctx, button, text, button, "no") {
			n.owner.keep()
		}
	}()
}

// ask shows a question and waits for its answer.
func (n *hooks) ask(ctx context.Context, title, text, _, no string) bool {
	kind := runtime.QuestionDialog
	if no == "" {
		kind = runtime.InfoDialog
	}
	answer, err := runtime.MessageDialog(n.ctx, runtime.MessageDialogOptions{Type: kind, Title: title, Message: text, DefaultButton: "No"})
	return err == nil && answer == "Yes" && ctx.Err() == nil
}
