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
	"runtime/cgo"
	"unsafe"

	"scriptsmanager/backend/domain"
)

const ownOrigin = "wails://wails"

// hooks is the native side of this process's one window.
type hooks struct{ handle cgo.Handle }

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

func newHooks(_ context.Context, h hooked) *hooks { return &hooks{handle: cgo.NewHandle(h)} }

// install connects the window's native signals, and tells hooked when that is
// done. seal takes away what a page could reach of ours; dark is how native
// parts look.
func (n *hooks) install(seal, dark bool) {
	C.window_hook(C.uintptr_t(n.handle), truth(seal), truth(dark))
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// with gives C copies of texts to f, for the time of the call.
func with(f func([]*C.char), texts ...string) {
	c := make([]*C.char, len(texts))
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

func (n *hooks) saveTexts(title, save, cancel string) {
	with(func(c []*C.char) { C.window_texts(c[0], c[1], c[2]) }, title, save, cancel)
}

// warn shows a bar with a button above the page; "" takes it away.
func (n *hooks) warn(text, button string) {
	with(func(c []*C.char) { C.window_warn(c[0], c[1]) }, text, button)
}

// ask shows a question and waits for its answer. With no second label it only
// tells something. It gives false when ctx ends first.
func (n *hooks) ask(ctx context.Context, title, text, yes, no string) bool {
	answer := make(chan bool, 1)
	handle := cgo.NewHandle(answer)
	with(func(c []*C.char) { C.window_ask(C.uintptr_t(handle), c[0], c[1], c[2], c[3]) }, title, text, yes, no)
	select {
	case yes := <-answer:
		return yes
	case <-ctx.Done():
		return false
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

//export goAnswer
func goAnswer(handle C.uintptr_t, yes C.int) {
	valueOf[chan bool](handle) <- yes != 0
	cgo.Handle(handle).Delete()
}
