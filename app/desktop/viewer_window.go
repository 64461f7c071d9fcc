//go:build desktop

package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	windowsoptions "github.com/wailsapp/wails/v2/pkg/options/windows"
	webview "github.com/wailsapp/wails/v2/pkg/runtime"

	"scriptsmanager/backend/domain"
)

// hardEnd is how long a window may take to close by itself once it was told
// to; a web view that hangs must not keep its script's attachment alive.
const hardEnd = time.Second

// viewer is one script's window, in its own process.
type viewer struct {
	shown   *shown
	out     *json.Encoder
	window  context.Context // Wails' own
	native  *hooks
	started chan struct{} // closed when window and native are there
	done    context.Context

	dark    atomic.Bool // how it looks
	closing atomic.Bool
	asking  atomic.Bool

	mu     sync.Mutex // guards what follows, and out
	opened time.Time  // when a link was opened unasked last
}

// RunViewer shows one script's window, as the main window's process says over
// the standard input, until the person closes it or that input ends. It binds
// no Go method and must be the only thing that its process does. dataDir is
// where the web view keeps what pages store. It fails with CodeDisplayMissing
// where no window can be shown.
func RunViewer(ctx context.Context, dataDir string, icon []byte) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	in, out, err := takePipes()
	if err != nil {
		return fmt.Errorf("take over standard input and output: %w", err)
	}
	if !displayReady() {
		return domain.NewError(domain.CodeDisplayMissing)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v := &viewer{out: json.NewEncoder(out), started: make(chan struct{}), done: ctx}
	v.shown = newShown(v.send, v)

	// Menus cannot change later, so the first message must be there first.
	lines := bufio.NewReaderSize(in, 64<<10)
	first, err := readMessage(lines)
	if err != nil {
		return fmt.Errorf("first message: %w", err)
	}
	if first.Settings == nil {
		return errors.New("first message: no settings")
	}
	title := ""
	if first.Said != nil {
		title = first.Said.Title
	}
	dark := first.Settings.Theme == domain.ThemeDark
	v.dark.Store(dark)
	v.shown.settings = *first.Settings
	go func() {
		<-v.started
		v.shown.take(first)
		for {
			m, err := readMessage(lines)
			if err != nil { // the main process closed this window, or is gone
				v.end()
				return
			}
			v.shown.take(m)
		}
	}()
	go func() {
		<-ctx.Done()
		v.end()
	}()
	areas := screens()
	width, height := fit(1100, 780)
	if at := first.Settings.Place; at != nil && at.sane() {
		// It comes back to its own screen, which need not be the first one.
		if own, found := screenOf(*at, areas); found && visible(*at, areas) {
			width, height = within(at.Width, at.Height, own.width, own.height)
		} else {
			width, height = fit(at.Width, at.Height)
		}
	}
	return wails.Run(&options.App{
		Title: title, Width: width, Height: height, MinWidth: narrowest, MinHeight: lowest,
		AssetServer:      &assetserver.Options{Handler: v.shown},
		BackgroundColour: groundColour(dark),
		Menu:             v.menu(),
		OnStartup: func(window context.Context) {
			v.window = window
			v.native = newHooks(window, v, areas)
			v.native.install(true)
		},
		OnBeforeClose:            func(context.Context) bool { return v.keepOpen() },
		Logger:                   wailsLog{slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))},
		LogLevelProduction:       logger.WARNING,
		EnableDefaultContextMenu: true,
		Linux: &linux.Options{
			Icon: icon, ProgramName: "scriptsmanager", WebviewGpuPolicy: linux.WebviewGpuPolicyOnDemand,
		},
		Windows: &windowsoptions.Options{WebviewUserDataPath: dataDir, IsZoomControlEnabled: true},
	})
}

func readMessage(lines *bufio.Reader) (message, error) {
	var m message
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(line, &m)
}

// send tells the main process what a person wants.
func (v *viewer) send(w wish) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_ = v.out.Encode(w) // where the main process is gone, the input ends as well
}

// end closes the window without asking, and the process in any case.
func (v *viewer) end() {
	v.closing.Store(true)
	time.AfterFunc(hardEnd, func() { os.Exit(0) })
	select {
	case <-v.started:
		webview.Quit(v.window)
	case <-time.After(hardEnd):
	}
}

func (v *viewer) keepOpen() bool {
	if v.closing.Load() {
		return false
	}
	w, stays := wish{Verb: verbClosed}, false
	if does, name := v.shown.closed(); does != closes {
		if !v.asking.CompareAndSwap(false, true) {
			return true
		}
		defer v.asking.Store(false)
		if w, stays = v.askToClose(does, name); stays {
			return true
		}
	}
	v.closing.Store(true)
	if at, known := v.native.placed(); known {
		v.placed(at)
	}
	v.send(w)
	time.AfterFunc(hardEnd, func() { os.Exit(0) })
	return false
}

// askToClose asks what becomes of the script, and gives what to tell the main
// process, or that the window stays.
func (v *viewer) askToClose(does closing, name string) (w wish, stays bool) {
	t := func(key string) string { return v.shown.text(key, "script", name) }
	if does == asksToStop {
		answer := v.native.choose(v.done, t("close_title"), t("close_text"), t("close_confirm"), t("cancel"))
		return wish{Verb: verbClosed}, answer != 0
	}
	switch v.native.choose(v.done, t("keep_title"), t("keep_text"), t("close_keep"), t("close_confirm"), t("cancel")) {
	case 0:
		return wish{Verb: verbClosed}, false
	case 1:
		return wish{Verb: verbCloseStop}, false
	}
	return wish{}, true
}

// menu is the window's bar. It works on any page, whatever that does.
func (v *viewer) menu() *menu.Menu {
	t := func(key string) string { return v.shown.text(key) }
	do := func(f func()) menu.Callback {
		return func(*menu.CallbackData) {
			select {
			case <-v.started:
				f()
			default:
			}
		}
	}
	bar := menu.NewMenu()
	page := bar.AddSubmenu(t("menu_page"))
	page.AddText(t("reload"), keys.Key("f5"), do(v.reload))
	page.AddText(t("back"), keys.OptionOrAlt("left"), do(func() { v.native.step(false) }))
	page.AddText(t("forward"), keys.OptionOrAlt("right"), do(func() { v.native.step(true) }))
	page.AddSeparator()
	if canFind {
		page.AddText(t("find"), keys.CmdOrCtrl("f"), do(func() { v.native.find() }))
	}
	page.AddText(t("print"), keys.CmdOrCtrl("p"), do(func() { v.native.print() }))
	page.AddSeparator()
	page.AddText(t("zoom_in"), keys.CmdOrCtrl("+"), do(func() { v.native.zoom(1.1) }))
	page.AddText(t("zoom_out"), keys.CmdOrCtrl("-"), do(func() { v.native.zoom(1 / 1.1) }))
	page.AddText(t("zoom_reset"), keys.CmdOrCtrl("0"), do(func() { v.native.zoom(0) }))
	page.AddSeparator()
	page.AddText(t("close"), keys.CmdOrCtrl("w"), do(v.Quit))
	script := bar.AddSubmenu(t("menu_script"))
	script.AddText(t("open_log"), keys.CmdOrCtrl("l"), do(func() { v.shown.press("open_log") }))
	script.AddText(t("open_browser"), nil, do(func() { v.shown.press("open_browser") }))
	script.AddSeparator()
	script.AddText(t("stop"), keys.CmdOrCtrl("."), do(v.shown.stop))
	return bar
}

func (v *viewer) reload() {
	if v.shown.showsScript() {
		v.native.reload()
	} else {
		v.shown.reload()
	}
}

// ShowScript shows a script's page, which gets nothing of ours.
func (v *viewer) ShowScript(address string) { v.native.load(address, true) }

// painted gives a script's page that paints no ground of its own the one that
// it has in any browser.
func (v *viewer) painted() {
	go func() {
		if v.shown.showsScript() {
			v.ground(false)
		}
	}()
}

// ShowOwn shows our own page.
func (v *viewer) ShowOwn() {
	v.ground(v.dark.Load())
	v.native.load(ownOrigin+"/"+v.shown.nonce+"/page", true)
}

// Settle has all that is native look and speak as the person wishes.
func (v *viewer) Settle(s settings) {
	v.dark.Store(s.Theme == domain.ThemeDark)
	v.native.look(s.Theme)
	v.native.speak(nativeTexts(s.Texts))
	bar, labels := v.menu(), []string(nil)
	for _, top := range bar.Items {
		labels = append(labels, top.Label)
		for _, item := range top.SubMenu.Items {
			if item.Type != menu.SeparatorType {
				labels = append(labels, item.Label)
			}
		}
	}
	v.native.relabel(bar, labels)
	if !v.shown.showsScript() {
		v.ground(v.dark.Load())
	}
}

// ground sets what is seen while a page has painted nothing.
func (v *viewer) ground(dark bool) {
	g := groundColour(dark)
	webview.WindowSetBackgroundColour(v.window, g.R, g.G, g.B, g.A)
}

func groundColour(dark bool) *options.RGBA {
	if dark {
		return &options.RGBA{R: 20, G: 24, B: 29, A: 255}
	}
	return &options.RGBA{R: 255, G: 255, B: 255, A: 255}
}

// Title sets the window's title.
func (v *viewer) Title(title string) { webview.WindowSetTitle(v.window, title) }

// Raise brings the window to the front.
func (v *viewer) Raise() {
	webview.WindowShow(v.window)
	webview.WindowUnminimise(v.window)
}

// Copy puts a text on the clipboard.
func (v *viewer) Copy(text string) { _ = webview.ClipboardSetText(v.window, text) }

// Warn shows a bar above the page.
func (v *viewer) Warn(text, button string) { v.native.warn(text, button) }

// Progress shows a bar below the page.
func (v *viewer) Progress(text string, percent float64) { v.native.progress(text, percent) }

func (v *viewer) keep() { go v.shown.keep() }

func (v *viewer) input() { go v.shown.input() }

// Quit closes the window as its close button does.
func (v *viewer) Quit() { webview.Quit(v.window) }

func (v *viewer) decide(r Request) Decision { return v.shown.decide(ownOrigin, r) }

// external opens a link to elsewhere in the system's browser. Each site is
// asked about once.
func (v *viewer) external(address string) {
	go func() {
		site := siteOf(address)
		if site == "" {
			return
		}
		open := v.shown.knows(site)
		if open && !v.mayOpen() {
			return
		}
		if !open {
			if !v.asking.CompareAndSwap(false, true) {
				return // one question at a time
			}
			defer v.asking.Store(false)
			open = v.native.choose(v.done, v.shown.text("link_title"),
				v.shown.text("link_text", "address", address, "site", site), v.shown.text("link_open"), v.shown.text("cancel")) == 0
		}
		if open {
			v.shown.allow(site)
			v.send(wish{Verb: verbOpenLink, URL: address})
		}
	}()
}

// unasked is how often links are opened of which nobody was asked: a page must
// not fill the screen with tabs, once a person has allowed a site.
const unasked = time.Second

func (v *viewer) mayOpen() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	if now.Sub(v.opened) < unasked {
		return false
	}
	v.opened = now
	return true
}

func (v *viewer) placed(p place) {
	if p.sane() {
		v.send(wish{Verb: verbPlaced, Place: &p})
	}
}

func (v *viewer) showFile(path string) { go v.send(wish{Verb: verbShowFile, Path: path}) }

func (v *viewer) failed(crashed bool, _ string) bool {
	what := troubleUnreachable
	if crashed {
		what = troubleCrashed
	}
	shows := v.shown.showsScript()
	if crashed || shows {
		go v.shown.fails(what)
	}
	return shows
}

func (v *viewer) downloadFailed(reason string) {
	go v.native.choose(v.done, v.shown.text("save_title"), v.shown.text("download_failed", "reason", reason), v.shown.text("close"))
}

// hooked lets the window follow its script once nothing of ours can be reached
// from its page. Without that no script is shown.
func (v *viewer) hooked(found bool) {
	if !found {
		fmt.Fprintln(os.Stderr, "the window's web view was not found")
		os.Exit(1)
	}
	v.shown.mu.Lock()
	at := v.shown.settings.Place
	v.shown.mu.Unlock()
	v.native.place(at)
	close(v.started)
}
