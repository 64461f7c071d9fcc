package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/setting"
)

type settingsCmds struct {
	List     settingsListCmd     `cmd:"" help:"List the settings of config.json with their values, and where those come from."`
	Get      settingsGetCmd      `cmd:"" help:"Print the value of a setting."`
	Set      settingsSetCmd      `cmd:"" help:"Change settings."`
	Unset    settingsUnsetCmd    `cmd:"" help:"Take settings out of config.json, so that their defaults hold."`
	History  settingsHistoryCmd  `cmd:"" help:"List what was changed, also by hand in the file, the newest first."`
	TakeBack settingsTakeBackCmd `cmd:"" name:"take-back" help:"Undo a change."`
	Restore  settingsRestoreCmd  `cmd:"" help:"Put the configuration in force back into a config.json that has a mistake; that one is kept beside it."`
}

type settingsListCmd struct {
	Search  string `arg:"" optional:"" help:"Only settings with this text in name or explanation."`
	Changed bool   `help:"Only settings whose value is not the default."`
	As      string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists settings.
func (r settingsListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var v app.SettingsView
		if err := door.Call(ctx, c, "Settings.List", nil, &v); err != nil {
			return err
		}
		list := []setting.Setting{}
		for _, one := range v.Settings {
			words := strings.ToLower(one.Name + " " + s.Texts.Text(s.lang, "setting.name."+one.Text, nil) + " " + s.Texts.Text(s.lang, "setting.text."+one.Text, nil))
			if strings.Contains(words, strings.ToLower(r.Search)) && (!r.Changed || one.Source != setting.FromDefault) {
				list = append(list, one)
			}
		}
		v.Settings = list
		return s.print(v, func(w io.Writer) {
			rows := [][]string{}
			for _, one := range list {
				source := s.Texts.Text(s.lang, "setting.source."+one.Source, nil)
				if one.Variable != "" {
					source = one.Variable
				}
				rows = append(rows, []string{one.Name, valueText(one.Value), source, s.Texts.Text(s.lang, "setting.effect."+string(one.Effect), nil)})
			}
			table(w, []string{"SETTING", "VALUE", "FROM", "TAKES EFFECT"}, rows)
			for _, p := range v.Problems {
				_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params}))
			}
		})
	})
}

// valueText writes a value as it can be given to set.
func valueText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(b)
}

type settingsGetCmd struct {
	Key string `arg:"" help:"The setting, such as limits.grace_seconds."`
	As  string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run prints one value.
func (r settingsGetCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		one, err := settingNamed(ctx, c, r.Key)
		if err != nil {
			return err
		}
		return s.print(one, func(w io.Writer) { _, _ = fmt.Fprintln(w, oneLine(valueText(one.Value))) })
	})
}

func settingNamed(ctx context.Context, c *connection, key string) (setting.Setting, error) {
	var v app.SettingsView
	if err := door.Call(ctx, c, "Settings.List", nil, &v); err != nil {
		return setting.Setting{}, err
	}
	for _, one := range v.Settings {
		if one.Name == key {
			return one, nil
		}
	}
	return setting.Setting{}, domain.NewError(domain.CodeSettingUnknown, "key", key)
}

type settingsSetCmd struct {
	Values []string `arg:"" name:"key=value" help:"Settings with their new values. Of a list: a JSON array, or its parts with commas between."`
	As     string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run changes settings.
func (r settingsSetCmd) Run(ctx context.Context, s *session) error {
	kinds := map[string]config.Kind{}
	for _, k := range config.Keys() {
		kinds[k.Name] = k.Kind
	}
	values := map[string]any{}
	for _, given := range r.Values {
		key, text, found := strings.Cut(given, "=")
		if !found {
			return domain.NewError(domain.CodeUsageForm, "given", given, "form", "KEY=VALUE")
		}
		values[key] = typed(kinds[key], text)
	}
	return s.setSettings(ctx, r.As, values)
}

// typed reads a text as a value of a kind; one that is none goes as text, for
// the check to refuse it.
func typed(kind config.Kind, text string) any {
	switch kind {
	case config.KindBoolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case config.KindInteger, config.KindNumber:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	case config.KindList:
		list := []any{}
		if json.Unmarshal([]byte(text), &list) == nil {
			return list
		}
		list = []any{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list
	default:
	}
	return text
}

type settingsUnsetCmd struct {
	Keys []string `arg:"" name:"key" help:"Settings."`
	As   string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run takes settings out of the file.
func (r settingsUnsetCmd) Run(ctx context.Context, s *session) error {
	values := map[string]any{}
	for _, key := range r.Keys {
		values[key] = nil
	}
	return s.setSettings(ctx, r.As, values)
}

func (s *session) setSettings(ctx context.Context, as string, values map[string]any) error {
	return s.with(ctx, as, func(c *connection) error {
		var result app.SettingsSetResult
		if err := door.Call(ctx, c, "Settings.Set", app.SettingsSetRequest{Values: values}, &result); err != nil {
			return firstField(err)
		}
		return s.showSet(result)
	})
}

// firstField gives what is wrong with one of the keys, which says more than
// that something is.
func firstField(err error) error {
	e := domain.AsError(err)
	if e == nil || e.Code != domain.CodeInvalid {
		return err
	}
	for _, k := range config.Keys() {
		if wrong := e.Fields[k.Name]; wrong != nil {
			return wrong
		}
	}
	for _, wrong := range e.Fields {
		return wrong
	}
	return err
}

func (s *session) showSet(result app.SettingsSetResult) error {
	effects := map[string]config.Effect{}
	for _, k := range config.Keys() {
		effects[k.Name] = k.Effect
	}
	return s.print(result.Changes, func(w io.Writer) {
		if len(result.Changes) == 0 {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.settings.unchanged", nil))
		}
		for _, c := range result.Changes {
			_, _ = fmt.Fprintf(w, "%s: %s → %s (%s)\n", c.Key, s.sideText(c.Before), s.sideText(c.After),
				s.Texts.Text(s.lang, "setting.effect."+string(effects[c.Key]), nil))
		}
	})
}

// sideText is a value before or after a change.
func (s *session) sideText(value json.RawMessage) string {
	var v any
	if len(value) == 0 || json.Unmarshal(value, &v) != nil || v == nil {
		return s.Texts.Text(s.lang, "setting.source.default", nil)
	}
	return oneLine(valueText(v))
}

type settingsHistoryCmd struct {
	Key   string `arg:"" optional:"" help:"Only changes of this setting."`
	Limit int    `help:"At most so many changes." default:"50"`
	As    string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run lists changes.
func (r settingsHistoryCmd) Run(ctx context.Context, s *session) error {
	if r.Limit < 1 {
		return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("--limit %d (1 or more)", r.Limit))
	}
	return s.with(ctx, r.As, func(c *connection) error {
		list := []engine.SettingChange{}
		q := app.SettingsHistoryRequest{Key: r.Key}
		for len(list) < r.Limit {
			q.Limit = min(r.Limit-len(list), 1000)
			var page app.SettingsHistoryPage
			if err := door.Call(ctx, c, "Settings.History", q, &page); err != nil {
				return err
			}
			list = append(list, page.Changes...)
			if q.Before = page.Next; q.Before == 0 {
				break
			}
		}
		return s.print(list, func(w io.Writer) {
			rows := [][]string{}
			for _, one := range list {
				rows = append(rows, []string{
					strconv.FormatInt(one.ID, 10), one.At.Local().Format("2006-01-02 15:04:05"), one.Actor,
					s.Texts.Text(s.lang, "setting.by."+one.Source, nil), one.Key, s.sideText(one.Before) + " → " + s.sideText(one.After),
				})
			}
			table(w, []string{"ID", "TIME", "WHO", "HOW", "SETTING", "BEFORE → AFTER"}, rows)
		})
	})
}

type settingsTakeBackCmd struct {
	ID    int64  `arg:"" help:"The number of the change, as history prints it."`
	Later bool   `help:"Undo also every change after it."`
	As    string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run undoes a change.
func (r settingsTakeBackCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var result app.SettingsSetResult
		if err := door.Call(ctx, c, "Settings.TakeBack", app.SettingsTakeBackRequest{ID: r.ID, Later: r.Later}, &result); err != nil {
			return firstField(err)
		}
		return s.showSet(result)
	})
}

type settingsRestoreCmd struct {
	As string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run puts the configuration in force back.
func (r settingsRestoreCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		var result app.SettingsRestored
		if err := door.Call(ctx, c, "Settings.Restore", nil, &result); err != nil {
			return err
		}
		return s.print(map[string]string{"kept": result.Kept}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.settings.restored", map[string]any{"path": result.Kept}))
		})
	})
}
