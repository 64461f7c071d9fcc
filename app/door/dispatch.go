// Package door is the one way in: a call is a method's name, "Struct.Method",
// with one JSON argument or none, an answer is one JSON result or a
// *domain.Error, and events come numbered. The same protocol runs in process,
// over a local socket and over a browser's WebSocket. Decoding is strict:
// unknown fields and trailing data are refused. It decides nothing about
// permission, which is app's.
package door

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"slices"

	"scriptsmanager/app"
	"scriptsmanager/backend/domain"
)

// Caller is a client of an engine, wherever that runs.
type Caller interface {
	// Call calls a method; every failure is a *domain.Error.
	Call(ctx context.Context, method string, argument json.RawMessage) (json.RawMessage, error)
	// Events gives what happens from now on, until ctx or the connection ends.
	Events(ctx context.Context) <-chan domain.Event
	// Attach says that a window or command shows the execution, until release.
	Attach(ctx context.Context, executionID string) (release func(), err error)
	// Close ends the session.
	Close() error
}

// Method is one that can be called.
type Method struct {
	Name     string
	Argument reflect.Type // nil: takes none
	Result   reflect.Type // nil: gives none
	call     reflect.Value
}

// Methods lists the callable methods of a client by name. A method has a
// context, at most one argument, at most one result, and an error; any other
// exported method is a programming error and panics.
func Methods(structs []any) map[string]Method {
	methods := map[string]Method{}
	for _, s := range structs {
		v := reflect.ValueOf(s)
		for i := range v.NumMethod() {
			name := v.Type().Elem().Name() + "." + v.Type().Method(i).Name
			methods[name] = describe(name, v.Method(i))
		}
	}
	return methods
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

func describe(name string, f reflect.Value) Method {
	t := f.Type()
	m := Method{Name: name, call: f}
	ok := t.NumIn() >= 1 && t.NumIn() <= 2 && t.In(0) == contextType &&
		t.NumOut() >= 1 && t.NumOut() <= 2 && t.Out(t.NumOut()-1) == errorType
	if !ok {
		panic("door: " + name + " has the wrong form: " + t.String())
	}
	if t.NumIn() == 2 {
		m.Argument = t.In(1)
	}
	if t.NumOut() == 2 {
		m.Result = t.Out(0)
	}
	return m
}

// Names lists the methods' names in order.
func Names(methods map[string]Method) []string {
	names := make([]string, 0, len(methods))
	for name := range methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Local is a Caller in the engine's own process.
type Local struct {
	client  *app.Client
	methods map[string]Method
}

// NewLocal makes a Caller of a client, which it closes with itself.
func NewLocal(c *app.Client) *Local {
	return &Local{client: c, methods: Methods(c.Structs())}
}

// Call calls a method of app. A panic in it becomes a failure with an
// incident number and is in the log.
func (l *Local) Call(ctx context.Context, method string, argument json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = l.client.Shown(fmt.Errorf("panic in %s: %v\n%s", method, r, debug.Stack()))
		}
	}()
	m, ok := l.methods[method]
	if !ok {
		return nil, domain.NewError(domain.CodeNotFound, "what", "method", "name", method)
	}
	in := []reflect.Value{reflect.ValueOf(ctx)}
	if m.Argument != nil {
		arg := reflect.New(m.Argument)
		if err := decode(argument, arg.Interface()); err != nil {
			return nil, domain.NewError(domain.CodeUsage, "detail", err.Error())
		}
		in = append(in, arg.Elem())
	} else if s := bytes.TrimSpace(argument); len(s) > 0 && !bytes.Equal(s, []byte("null")) && !bytes.Equal(s, []byte("{}")) {
		return nil, domain.NewError(domain.CodeUsage, "detail", method+" takes no argument")
	}
	out := m.call.Call(in)
	if failure, _ := out[len(out)-1].Interface().(error); failure != nil {
		return nil, l.client.Shown(failure)
	}
	if m.Result == nil {
		return json.RawMessage("null"), nil
	}
	b, err := json.Marshal(out[0].Interface())
	if err != nil {
		return nil, l.client.Shown(fmt.Errorf("answer of %s: %w", method, err))
	}
	return b, nil
}

// decode is strict; an empty argument stands for {}.
func decode(b []byte, into any) error {
	if len(bytes.TrimSpace(b)) == 0 {
		b = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the argument")
	}
	return nil
}

// Events gives the client's events.
func (l *Local) Events(ctx context.Context) <-chan domain.Event { return l.client.Events(ctx) }

// Attach attaches the client to an execution.
func (l *Local) Attach(ctx context.Context, executionID string) (func(), error) {
	release, err := l.client.Attach(ctx, executionID)
	if err != nil {
		return nil, l.client.Shown(err)
	}
	return release, nil
}

// Close ends the client's session.
func (l *Local) Close() error {
	l.client.Close()
	return nil
}

// Call calls a method of a Caller with Go values: argument may be nil, into
// may be nil.
func Call(ctx context.Context, c Caller, method string, argument, into any) error {
	var raw json.RawMessage
	if argument != nil {
		b, err := json.Marshal(argument)
		if err != nil {
			return fmt.Errorf("argument of %s: %w", method, err)
		}
		raw = b
	}
	result, err := c.Call(ctx, method, raw)
	if err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("answer of %s: %w", method, err)
	}
	return nil
}
