package desktop

import (
	"context"
	"encoding/json"
	"log/slog"

	"scriptsmanager/backend/domain"
)

// ViewerCommand is the hidden subcommand that shows one script's window. The
// main window's process starts itself with it, and nobody else should.
const ViewerCommand = "viewer"

// Caller is what the windows ask of the application, as one signed-in client.
type Caller interface {
	// Call calls "Struct.Method" with one argument object (or nothing) and
	// gives its result. A failure is a *domain.Error.
	Call(ctx context.Context, method string, argument json.RawMessage) (json.RawMessage, error)
	// Events gives what happens, for this client only, until ctx ends.
	Events(ctx context.Context) <-chan domain.Event
	// Attach counts as an open window of the execution until release is
	// called. Releasing twice is harmless.
	Attach(ctx context.Context, executionID string) (release func(), err error)
}

// Text gives a text in a language by its key in translations/.
type Text func(language domain.Language, key string, params map[string]any) string

// Options are what a main window needs beside its caller and its frontend.
type Options struct {
	Title      string       // of the main window
	Icon       []byte       // PNG
	WindowData string       // folder for what script windows keep: cookies, storage, cache; made when needed
	Text       Text         // for native menus, dialogs and the page of a script's window
	Log        *slog.Logger // nil: nothing is logged
	ComesUp    func()       // called once, when the main window is about to be seen
}

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// call calls a method with an argument that is marshalled, and unmarshals its
// result into R.
func call[R any](ctx context.Context, caller Caller, method string, argument any) (R, error) {
	var result R
	var raw json.RawMessage
	if argument != nil {
		b, err := json.Marshal(argument)
		if err != nil {
			return result, err
		}
		raw = b
	}
	answer, err := caller.Call(ctx, method, raw)
	if err != nil {
		return result, err
	}
	if len(answer) == 0 {
		return result, nil
	}
	return result, json.Unmarshal(answer, &result)
}

// decode turns an event's data, which is a Go value or JSON depending on
// where the engine runs, into T.
func decode[T any](data any) (T, bool) {
	var t T
	if same, ok := data.(T); ok {
		return same, true
	}
	b, err := json.Marshal(data)
	if err != nil {
		return t, false
	}
	return t, json.Unmarshal(b, &t) == nil
}

type executionArgument struct {
	ExecutionID string `json:"execution_id"`
}

// session is what of the door's SessionState concerns windows.
type session struct {
	Language domain.Language `json:"language"`
	Theme    domain.Theme    `json:"theme"`
	User     *struct {
		ID int64 `json:"id"`
	} `json:"user"`
}
