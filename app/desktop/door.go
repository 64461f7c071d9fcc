package desktop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"scriptsmanager/backend/domain"
)

// Door is the one struct that is bound in the main window. Its method takes
// and gives JSON, so that the protocol is the same as over HTTP.
type Door struct {
	ctx    context.Context
	caller Caller
	log    *slog.Logger
	signed func() // somebody has signed in or out; nil tells nobody
}

// NewDoor makes the struct that the main window binds. signed is called when
// somebody has signed in or out; nil tells nobody.
func NewDoor(ctx context.Context, caller Caller, log *slog.Logger, signed func()) *Door {
	return &Door{ctx: ctx, caller: caller, log: log, signed: signed}
}

type doorAnswer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *domain.Error   `json:"error,omitempty"`
}

// Call calls "Struct.Method" with an argument object as JSON ("" and null are none) and
// answers {"result":…} or {"error":{code,params,fields}}. It never panics: a
// bound method that does would leave the frontend waiting for ever.
func (d *Door) Call(method, argument string) (answer string) {
	defer func() {
		if p := recover(); p != nil {
			answer = d.fail(fmt.Errorf("panic in %s: %v\n%s", method, p, debug.Stack()))
		}
	}()
	var raw json.RawMessage
	if a := strings.TrimSpace(argument); a != "" && a != "null" {
		if !json.Valid([]byte(argument)) {
			return d.fail(domain.NewError(domain.CodeUsage, "detail", "the argument is not JSON"))
		}
		raw = json.RawMessage(argument)
	}
	result, err := d.caller.Call(d.ctx, method, raw)
	if err != nil {
		return d.fail(err)
	}
	if d.signed != nil && changesPerson(method) {
		d.signed()
	}
	if len(result) == 0 {
		result = json.RawMessage("null")
	}
	b, err := json.Marshal(doorAnswer{Result: result})
	if err != nil {
		return d.fail(fmt.Errorf("answer of %s: %w", method, err))
	}
	return string(b)
}

// changesPerson tells whether a method can leave the session with another person.
func changesPerson(method string) bool {
	switch method {
	case "Session.SignIn", "Session.SignInSystem", "Session.SignOut", "Setup.CreateAdministrator":
		return true
	}
	return false
}

// fail tells a person's error as it is, and of any other one only the incident
// under which it stands in the log.
func (d *Door) fail(err error) string {
	told := domain.AsError(err)
	if told == nil {
		id := make([]byte, 4)
		_, _ = rand.Read(id)
		incident := hex.EncodeToString(id)
		d.log.Error("call failed", "incident", incident, "error", err)
		told = domain.NewError(domain.CodeInternal, "incident", incident)
	}
	b, err := json.Marshal(doorAnswer{Error: told})
	if err != nil { // a parameter that JSON cannot say
		b, _ = json.Marshal(doorAnswer{Error: domain.NewError(told.Code)})
	}
	return string(b)
}
