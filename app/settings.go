package app

import (
	"context"

	"scriptsmanager/backend/engine"
)

// Settings is the configuration (SPEC ADM-3).
type Settings struct{ c *Client }

const settingsPage = 100

// SettingsView is every key with its value, and what is wrong in the file.
type SettingsView engine.SettingsView

// List gives every key with its value, where that comes from, and what it may be.
func (s *Settings) List(ctx context.Context) (SettingsView, error) {
	if _, err := s.c.require(ctx, "Settings.List"); err != nil {
		return SettingsView{}, err
	}
	return SettingsView(s.c.app.engine.Settings()), nil
}

// SettingsSetRequest is what is to be changed. Values are by key; null is back
// to the default. Seen are the values that the person saw in the file (null for
// none): where another one stands there now, nothing is changed. A key without
// one is changed in any case.
type SettingsSetRequest struct {
	Values map[string]any `json:"values"`
	Seen   map[string]any `json:"seen,omitempty"`
}

// SettingsSetResult is what was changed, and how all stands now.
type SettingsSetResult struct {
	Changes []engine.SettingChange `json:"changes"`
	View    SettingsView           `json:"view"`
}

// Set changes keys, all or none of them. It fails with CodeInvalid, whose fields
// are keys, and with CodeConfigRefused where something else in the file is wrong.
func (s *Settings) Set(ctx context.Context, r SettingsSetRequest) (SettingsSetResult, error) {
	w, err := s.c.require(ctx, "Settings.Set")
	if err != nil {
		return SettingsSetResult{}, err
	}
	back := func() {}
	if _, ok := r.Values["sign_in.system_user"]; ok {
		back = s.c.keepOwn()
	}
	changes, err := s.c.app.engine.SetSettings(ctx, w.Actor, engine.SettingsRequest{Values: r.Values, Seen: r.Seen})
	if err != nil {
		back()
	}
	return s.result(changes), err
}

// Check tells what Set would change, and fails as it would.
func (s *Settings) Check(ctx context.Context, r SettingsSetRequest) (SettingsSetResult, error) {
	w, err := s.c.require(ctx, "Settings.Check")
	if err != nil {
		return SettingsSetResult{}, err
	}
	changes, err := s.c.app.engine.SetSettings(ctx, w.Actor, engine.SettingsRequest{Values: r.Values, Seen: r.Seen, Dry: true})
	return s.result(changes), err
}

func (s *Settings) result(changes []engine.SettingChange) SettingsSetResult {
	if changes == nil {
		changes = []engine.SettingChange{}
	}
	return SettingsSetResult{Changes: changes, View: SettingsView(s.c.app.engine.Settings())}
}

// SettingsHistoryRequest chooses changes.
type SettingsHistoryRequest struct {
	Key    string `json:"key,omitempty"`    // "": of all keys
	Limit  int    `json:"limit,omitempty"`  // 0: 100
	Before int64  `json:"before,omitempty"` // next of the page before
}

// SettingsHistoryPage is a page of changes, newest first.
type SettingsHistoryPage struct {
	Changes []engine.SettingChange `json:"changes"`
	Next    int64                  `json:"next"` // 0: there are no more
}

// History gives a page of what was changed, also by hand in the file.
func (s *Settings) History(ctx context.Context, r SettingsHistoryRequest) (SettingsHistoryPage, error) {
	if _, err := s.c.require(ctx, "Settings.History"); err != nil {
		return SettingsHistoryPage{}, err
	}
	limit := r.Limit
	if limit <= 0 || limit > auditLonger {
		limit = settingsPage
	}
	list, err := s.c.app.engine.SettingChanges(ctx, engine.SettingFilter{Key: r.Key, Before: r.Before, Limit: limit + 1})
	if err != nil {
		return SettingsHistoryPage{}, err
	}
	if len(list) > limit {
		return SettingsHistoryPage{Changes: list[:limit], Next: list[limit-1].ID}, nil
	}
	return SettingsHistoryPage{Changes: list}, nil
}

// SettingsTakeBackRequest names a change; with Later every one after it goes,
// too.
type SettingsTakeBackRequest struct {
	ID    int64 `json:"id"`
	Later bool  `json:"later,omitempty"`
}

// TakeBack undoes a change. It fails with CodeNotFound, as Set does, and with
// CodeSettingChanged at the key where another change came after it.
func (s *Settings) TakeBack(ctx context.Context, r SettingsTakeBackRequest) (SettingsSetResult, error) {
	w, err := s.c.require(ctx, "Settings.TakeBack")
	if err != nil {
		return SettingsSetResult{}, err
	}
	changes, err := s.c.app.engine.TakeBackSetting(ctx, w.Actor, r.ID, r.Later)
	return s.result(changes), err
}

// SettingsRestored tells where the file is that was refused.
type SettingsRestored struct {
	Kept string       `json:"kept"`
	View SettingsView `json:"view"`
}

// Restore puts the configuration in force back into a file that is refused. It
// fails with CodeInvalid where it is not.
func (s *Settings) Restore(ctx context.Context) (SettingsRestored, error) {
	w, err := s.c.require(ctx, "Settings.Restore")
	if err != nil {
		return SettingsRestored{}, err
	}
	kept, err := s.c.app.engine.RestoreSettings(ctx, w.Actor)
	return SettingsRestored{Kept: kept, View: SettingsView(s.c.app.engine.Settings())}, err
}
