//go:build desktop && linux

package desktop

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <stdlib.h>
#include "hooks_linux.h"
*/
import "C"

import (
	"context"
	_ "embed" // scripts that run in pages
	"runtime/cgo"
	"unsafe"

	"github.com/wailsapp/wails/v2/pkg/menu"

	"scriptsmanager/backend/domain"
)

const ownOrigin = "wails://wails"

// canFind tells whether the search in a page is ours.
const canFind = true

//go:embed find.js
var findScript string

//go:embed drop.js
var dropScript string

// hooks is the native side of this process's one window.
type hooks struct {
	handle cgo.Handle
	areas  []area // the screens
}

// displayReady tells whether a window can be shown. It must be called on the
// thread that will run it, since it starts GTK there; Wails would end the
// process instead.
func displayReady() bool { return C.display_ready() != 0 }

// fit makes the size of a window no larger than the screen, with its frame.
// Wails puts a window in the middle by the size that it asked for, so that the
// top of one that is too large would lie outside. It follows displayReady.
func fit(width, height int) (int, int) {
	var w, h C.int
	if C.display_room(&w, &h) == 0 {
		return width, height
	}
	return within(width, height, int(w), int(h))
}

// screens gives the room of each screen. It follows displayReady, on its thread.
func screens() []area {
	const most = 16
	var sides [4 * most]C.int
	all := make([]area, C.display_areas(&sides[0], most))
	for i := range all {
		all[i] = area{int(sides[4*i]), int(sides[4*i+1]), int(sides[4*i+2]), int(sides[4*i+3])}
	}
	return all
}

func newHooks(_ context.Context, h hooked, areas []area) *hooks {
	return &hooks{handle: cgo.NewHandle(h), areas: areas}
}

// install connects the window's native signals, and tells hooked when that is
// done. seal takes away what a page could reach of ours.
func (n *hooks) install(seal bool) {
	C.window_hook(C.uintptr_t(n.handle), truth(seal))
	if seal {
		with(func(c []*C.char) { C.window_take_drops(c[0]) }, dropScript)
	}
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// with gives C copies of texts to f, for the time of the call.
func with(f func([]*C.char), texts ...string) {
	c := make([]*C.char, len(texts)+1) // never empty
	for i, t := range texts {
		c[i] = C.CString(t)
		defer C.free(unsafe.Pointer(c[i]))
	}
	f(c)
}

// load shows an address. With seal the page gets nothing of ours.
func (n *hooks) load(address string, seal bool) {
	with(func(c []*C.char) { C.window_load(c[0], truth(seal)) }, address)
}

// look has the native parts, questions above all, light or dark.
func (n *hooks) look(theme domain.Theme) {
	look := C.int(C.LOOK_SYSTEM)
	switch theme {
	case domain.ThemeLight:
		look = C.LOOK_LIGHT
	case domain.ThemeDark:
		look = C.LOOK_DARK
	case domain.ThemeSystem:
	}
	C.window_look(look)
}

func (n *hooks) reload() { C.window_reload() }

func (n *hooks) step(forward bool) { C.window_step(truth(forward)) }

// zoom multiplies the zoom; 0 is back to normal.
func (n *hooks) zoom(factor float64) { C.window_zoom(C.double(factor)) }

func (n *hooks) find() { with(func(c []*C.char) { C.window_find(c[0]) }, findScript) }

func (n *hooks) print() { C.window_print() }

// speak gives native parts their texts, in the order of nativeTexts.
func (n *hooks) speak(texts []string) {
	if len(texts) == C.TEXT_COUNT {
		with(func(c []*C.char) { C.window_texts(&c[0]) }, texts...)
	}
}

// relabel gives the menu other labels, from top to bottom.
func (n *hooks) relabel(_ *menu.Menu, labels []string) {
	with(func(c []*C.char) { C.window_menu(&c[0], C.int(len(labels))) }, labels...)
}

// place puts the window where it was, unless that is on no screen any more,
// and has hooked told from then on where it is put.
func (n *hooks) place(p *place) {
	if p == nil || !visible(*p, n.areas) {
		C.window_place(0, 0, 0, 0, truth(p != nil && p.Maximised))
		return
	}
	C.window_place(C.int(p.X), C.int(p.Y), C.int(p.Width), C.int(p.Height), truth(p.Maximised))
}

// placed gives nothing: the window tells by itself when it was moved.
func (n *hooks) placed() (place, bool) { return place{}, false }

// showFile shows a file in the desktop's file manager.
func (n *hooks) showFile(path string) {
	with(func(c []*C.char) { C.window_show_file(c[0]) }, path)
}

// warn shows a bar with a button above the page; "" takes it away.
func (n *hooks) warn(text, button string) {
	with(func(c []*C.char) { C.window_warn(c[0], c[1]) }, text, button)
}

// progress shows a bar below the page: text, and how much of it is filled.
func (n *hooks) progress(text string, percent float64) {
	with(func(c []*C.char) { C.window_progress(c[0], C.double(percent)) }, text)
}

// choose shows a question with a button for each label, of which the last one
// does nothing and is the default. It gives the number of the one that was
// pressed, or a negative one when the question was closed or ctx ended first.
func (n *hooks) choose(ctx context.Context, title, text string, labels ...string) int {
	answer := make(chan int, 1)
	handle := cgo.NewHandle(answer)
	with(func(c []*C.char) {
		C.window_ask(C.uintptr_t(handle), c[0], c[1], &c[2], C.int(len(labels)))
	}, append([]string{title, text}, labels...)...)
	select {
	case number := <-answer:
		return number
	case <-ctx.Done():
		return -1
	}
}

// valueOf gives what a handle stands for. C only passes back what it was given.
func valueOf[T any](handle C.uintptr_t) T {
	v, ok := cgo.Handle(handle).Value().(T)
	if !ok {
		panic("a handle of another kind")
	}
	return v
}

//export goDecide
func goDecide(handle C.uintptr_t, address *C.char, flags C.int) C.int {
	has := func(flag C.int) bool { return flags&flag != 0 }
	return C.int(valueOf[hooked](handle).decide(Request{
		URL: C.GoString(address), Ours: has(C.ASK_OURS), Gesture: has(C.ASK_GESTURE), Back: has(C.ASK_BACK),
		Response: has(C.ASK_RESPONSE), Attachment: has(C.ASK_ATTACHMENT),
	}))
}

//export goExternal
func goExternal(handle C.uintptr_t, address *C.char) {
	valueOf[hooked](handle).external(C.GoString(address))
}

//export goFailed
func goFailed(handle C.uintptr_t, crashed C.int, address *C.char) C.int {
	return truth(valueOf[hooked](handle).failed(crashed != 0, C.GoString(address)))
}

//export goDownloadFailed
func goDownloadFailed(handle C.uintptr_t, reason *C.char) {
	valueOf[hooked](handle).downloadFailed(C.GoString(reason))
}

//export goHooked
func goHooked(handle C.uintptr_t, found C.int) { valueOf[hooked](handle).hooked(found != 0) }

//export goKeep
func goKeep(handle C.uintptr_t) { valueOf[hooked](handle).keep() }

//export goInput
func goInput(handle C.uintptr_t) { valueOf[hooked](handle).input() }

//export goPlaced
func goPlaced(handle C.uintptr_t, x, y, width, height, maximised C.int) {
	valueOf[hooked](handle).placed(place{X: int(x), Y: int(y), Width: int(width), Height: int(height), Maximised: maximised != 0})
}

//export goPainted
func goPainted(handle C.uintptr_t) { valueOf[hooked](handle).painted() }

//export goShowFile
func goShowFile(handle C.uintptr_t, path *C.char) {
	valueOf[hooked](handle).showFile(C.GoString(path))
}

//export goAnswer
func goAnswer(handle C.uintptr_t, number C.int) {
	valueOf[chan int](handle) <- int(number)
	cgo.Handle(handle).Delete()
}
