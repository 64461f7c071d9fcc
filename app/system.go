package app

import (
	"context"
	"runtime"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

// System tells about the installation.
type System struct{ c *Client }

// About is what the product is made of.
type About struct {
	Product  string           `json:"product"`
	Version  string           `json:"version"`
	Go       string           `json:"go"`
	Platform string           `json:"platform"`
	Root     string           `json:"root"` // "" for who is not signed in
	Licences []engine.Licence `json:"licences"`
}

// About gives version and licences.
func (s *System) About(ctx context.Context) (About, error) {
	w, err := s.c.require(ctx, "System.About")
	if err != nil {
		return About{}, err
	}
	a := About{
		Product: Product, Version: domain.Version, Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Licences: engine.Licences(),
	}
	if w.User.Level != "" {
		a.Root = s.c.app.engine.Root().Dir
	}
	return a, nil
}

// DoctorRequest says in which language to tell; "" is the person's.
type DoctorRequest struct {
	Language domain.Language `json:"language,omitempty"`
}

// Doctor tells what is missing on this machine and how to get it (SPEC PKG-3).
func (s *System) Doctor(ctx context.Context, r DoctorRequest) ([]engine.Finding, error) {
	w, err := s.c.require(ctx, "System.Doctor")
	if err != nil {
		return nil, err
	}
	if r.Language.Valid() {
		w.User.Language = r.Language
	}
	return s.c.app.engine.Doctor(ctx, w.User.Language)
}

// Confinement tells what this machine can enforce on scripts (SPEC SEC-2).
func (s *System) Confinement(ctx context.Context) (engine.Confinement, error) {
	if _, err := s.c.require(ctx, "System.Confinement"); err != nil {
		return engine.Confinement{}, err
	}
	return s.c.app.engine.Confinement(), nil
}

// SupportBundleResult is a zip.
type SupportBundleResult struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // in JSON as base64
}

// SupportBundle makes a zip for who is to help (SPEC ADM-7): nothing that is
// secret, that people gave to scripts or that scripts printed is in it.
func (s *System) SupportBundle(ctx context.Context) (SupportBundleResult, error) {
	w, err := s.c.require(ctx, "System.SupportBundle")
	if err != nil {
		return SupportBundleResult{}, err
	}
	name, data, err := s.c.app.engine.SupportBundle(ctx, w.Actor, w.User.Language)
	return SupportBundleResult{Name: name, Data: data}, err
}
