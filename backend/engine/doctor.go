package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/health"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/port"
	"scriptsmanager/backend/sandbox"
)

// Finding is one thing that the doctor looked at, in words.
type Finding struct {
	ID    string       `json:"id"`
	State health.State `json:"state"`
	Title string       `json:"title"`
	Text  string       `json:"text"` // how it stands and what to do
}

// Doctor looks at what the product needs on this machine (SPEC PKG-3).
func (e *Engine) Doctor(ctx context.Context, l domain.Language) ([]Finding, error) {
	environments, err := e.environments.Look(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for environments: %w", err)
	}
	variable := func(name string) string {
		i := slices.IndexFunc(e.options.Environ, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
		if i < 0 {
			return ""
		}
		return e.options.Environ[i][len(name)+1:]
	}
	ports := e.Config().WebInterface.PortRange
	found := health.Check(ctx, health.Input{
		Root: e.options.Root.Dir, ProgramDir: e.options.Program, Desktop: e.options.Kind == platform.OwnerDesktop,
		Display: variable("DISPLAY"), Wayland: variable("WAYLAND_DISPLAY"), LibraryPath: variable("LD_LIBRARY_PATH"),
		Environments: environments, PortStart: ports.Start, PortEnd: ports.End,
		PortFree: port.Free, DiskUsage: platform.DiskUsage, Confinement: e.confinementFor(l),
	})
	findings := make([]Finding, 0, len(found))
	for _, f := range found {
		findings = append(findings, Finding{
			ID: f.ID, State: f.State,
			Title: e.options.Texts.Text(l, f.Title, f.Params), Text: e.options.Texts.Text(l, f.HowTo, f.Params),
		})
	}
	for _, p := range e.Notices() {
		findings = append(findings, Finding{
			ID: "configuration", State: health.Warning, Title: e.options.Texts.Text(l, "health.configuration.title", nil),
			Text: e.options.Texts.Error(l, &domain.Error{Code: p.Code, Params: p.Params}),
		})
	}
	return findings, nil
}

// Confinement is what this machine can enforce on scripts, and what the
// configuration wants.
type Confinement struct {
	Policy string `json:"policy"` // require, prefer, off
	sandbox.Offer
}

// Confinement looks at the machine (SPEC SEC-2).
func (e *Engine) Confinement() Confinement {
	return Confinement{Policy: e.Config().Confinement, Offer: sandbox.Probe()}
}

func (e *Engine) confinementFor(l domain.Language) health.Confinement {
	c := e.Confinement()
	h := health.Confinement{Policy: c.Policy, Level: string(c.Level), System: c.System, ABI: c.ABI}
	for _, part := range c.Missing {
		h.Missing = append(h.Missing, e.options.Texts.Text(l, "confinement."+string(part), nil))
	}
	return h
}
