package app

import (
	"context"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// DocumentStatus tells which scripts are documented in which languages, and
// what is wrong in the documents (SPEC DOC-3, DOC-4).
type DocumentStatus struct{ c *Client }

// List lists the active scripts.
func (d *DocumentStatus) List(ctx context.Context) ([]engine.DocumentStatus, error) {
	w, err := d.c.require(ctx, "DocumentStatus.List")
	if err != nil {
		return nil, err
	}
	return d.check(ctx, w, "")
}

// DocumentCheckRequest names what is checked: a group, a script as
// GROUP/SCRIPT, "" is all that the person sees.
type DocumentCheckRequest struct {
	What string `json:"what,omitempty"`
}

// Check says what is wrong in the documents of a script, of a group or of all.
// It fails with CodeNotFound.
func (d *DocumentStatus) Check(ctx context.Context, r DocumentCheckRequest) ([]engine.DocumentStatus, error) {
	w, err := d.c.require(ctx, "DocumentStatus.Check")
	if err != nil {
		return nil, err
	}
	return d.check(ctx, w, r.What)
}

func (d *DocumentStatus) check(ctx context.Context, w who, what string) ([]engine.DocumentStatus, error) {
	group, name, one := strings.Cut(what, "/")
	scripts, err := (&Scripts{d.c}).visible(ctx, w, group)
	if err != nil {
		return nil, err
	}
	if one {
		id := group + "/" + strings.TrimSuffix(name, ".py")
		if _, err := d.c.script(ctx, w, id); err != nil {
			return nil, err
		}
		scripts = slices.DeleteFunc(scripts, func(s domain.Script) bool { return s.ID != id })
	} else if what != "" && len(scripts) == 0 {
		if _, err := d.c.group(ctx, w, what); err != nil {
			return nil, err
		}
	}
	return d.c.app.engine.DocumentStatus(ctx, scripts, func(s domain.Script) bool { return d.c.app.engine.CanSee(w.User, s) })
}
