//go:build bindings && !desktop

package desktop

import (
	"context"
	"errors"
	"io/fs"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
)

// Run writes the frontend's description of what is bound, and shows nothing:
// a program built with the tag bindings does just that when it starts Wails.
func Run(_ context.Context, _ Caller, _ fs.FS, o Options) error {
	return wails.Run(&options.App{Title: o.Title, Bind: []any{&Door{}}})
}

// RunViewer has nothing to describe: a script's window binds nothing.
func RunViewer(context.Context, string, []byte) error {
	return errors.New("a program that describes bindings shows no windows")
}
