package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
)

type scriptSetMetadataCmd struct {
	Script string   `arg:"" help:"The script, as GROUP/SCRIPT." name:"G/S"`
	Set    []string `arg:"" optional:"" help:"What to set, as FIELD=VALUE: a text, also of one language (description_es=…), or JSON (parameters, maps by language)." name:"FIELD=VALUE"`
	Back   []string `help:"Back to what the script's files say of this field." placeholder:"FIELD"`
	As     string   `help:"Act with this user's rights." placeholder:"USER"`
}

// Run sets fields, or takes edits out, all or none of them.
func (r scriptSetMetadataCmd) Run(ctx context.Context, s *session) error {
	if len(r.Set)+len(r.Back) == 0 {
		return domain.NewError(domain.CodeUsage, "detail", "name FIELD=VALUE, or --back FIELD")
	}
	id := strings.TrimSuffix(r.Script, ".py")
	return s.with(ctx, r.As, func(c *connection) error {
		var now engine.Metadata
		if err := door.Call(ctx, c, "Metadata.Get", app.ScriptRequest{ScriptID: id}, &now); err != nil {
			return err
		}
		q := app.MetadataSetRequest{ScriptID: id, Values: map[string]json.RawMessage{}, Version: &now.Version}
		for _, set := range r.Set {
			name, value, ok := strings.Cut(set, "=")
			if !ok {
				return domain.NewError(domain.CodeUsage, "detail", set+": FIELD=VALUE")
			}
			if err := setField(q.Values, now, name, value); err != nil {
				return err
			}
		}
		for _, name := range r.Back {
			q.Back = append(q.Back, fieldName(name))
		}
		var after engine.Metadata
		if err := door.Call(ctx, c, "Metadata.Set", q, &after); err != nil {
			return err
		}
		return s.print(after, func(w io.Writer) {
			rows := [][]string{}
			for _, f := range after.Fields {
				if _, set := q.Values[f.Field]; set || slices.Contains(q.Back, f.Field) {
					rows = append(rows, []string{f.Field, f.Source, plainValue(f.Value)})
				}
			}
			table(w, []string{"FIELD", "SOURCE", "VALUE"}, rows)
		})
	})
}

// fieldName takes the header's word for a field, too.
func fieldName(name string) string {
	if rest, ok := strings.CutPrefix(name, "display_name"); ok {
		return "name" + rest
	}
	return name
}

// setField puts a value as a person typed it into values.
func setField(values map[string]json.RawMessage, now engine.Metadata, name, value string) error {
	name = fieldName(name)
	of := func(name string) any {
		if set, ok := values[name]; ok {
			var v any
			_ = json.Unmarshal(set, &v) // it is JSON of ours
			return v
		}
		for _, f := range now.Fields {
			if f.Field == name {
				return f.Value
			}
		}
		return nil
	}
	if base, lang, ok := languageOf(name); ok {
		texts := map[string]any{}
		if before, ok := of(base).(map[string]any); ok {
			maps.Copy(texts, before)
		}
		if texts[lang] = value; value == "" {
			delete(texts, lang)
		}
		b, err := json.Marshal(texts)
		values[base] = b
		return err
	}
	trimmed := strings.TrimSpace(value)
	structured := strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{")
	if structured && name != "parameters" && !json.Valid([]byte(trimmed)) {
		structured = false // "[beta] Heat transfer" is a fine description
	}
	number := name == "flask_port" || name == "execution_timeout"
	if structured || number && json.Valid([]byte(trimmed)) {
		var v any
		if err := json.Unmarshal([]byte(trimmed), &v); err != nil {
			return domain.NewError(domain.CodeUsage, "detail", fmt.Sprintf("%s: %v", name, err))
		}
		values[name] = json.RawMessage(trimmed)
		return nil
	}
	b, err := json.Marshal(value)
	values[name] = b
	return err
}

// languageOf takes description_es apart.
func languageOf(name string) (base, language string, ok bool) {
	i := strings.LastIndex(name, "_")
	if i < 0 || !domain.Language(name[i+1:]).Valid() {
		return "", "", false
	}
	return name[:i], name[i+1:], slices.Contains([]string{"name", "description", "description_long"}, name[:i])
}

// plainValue is a value in one line.
func plainValue(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v) // it came out of JSON
	return string(b)
}

type scriptRereadCmd struct {
	Script string `arg:"" help:"The script, as GROUP/SCRIPT." name:"G/S"`
	As     string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run reads a script's header and JSON file again.
func (r scriptRereadCmd) Run(ctx context.Context, s *session) error {
	return s.reread(ctx, app.RereadRequest{ScriptID: strings.TrimSuffix(r.Script, ".py")}, r.As)
}

type groupRereadCmd struct {
	Group string `arg:"" help:"The group, as group list shows it."`
	As    string `help:"Act with this user's rights." placeholder:"USER"`
}

// Run reads the headers and JSON files of a group again.
func (r groupRereadCmd) Run(ctx context.Context, s *session) error {
	return s.reread(ctx, app.RereadRequest{GroupID: r.Group}, r.As)
}

func (s *session) reread(ctx context.Context, r app.RereadRequest, as string) error {
	return s.with(ctx, as, func(c *connection) error {
		var found []engine.RereadScript
		if err := door.Call(ctx, c, "Metadata.Reread", r, &found); err != nil {
			return err
		}
		return s.print(found, func(w io.Writer) {
			rows := [][]string{}
			for _, one := range found {
				rows = append(rows, []string{one.ScriptID, strings.Join(one.Changed, ", "), strings.Join(one.Edited, ", "), problems(one.Problems)})
			}
			table(w, []string{"SCRIPT", "CHANGED", "EDITED", "PROBLEMS"}, rows)
		})
	})
}

// sources says in one line which fields come from where.
func sources(of map[string]string) string {
	var parts []string
	for _, source := range []string{domain.SourceEdited, "file", "header", domain.SourceGroup} {
		var names []string
		for field, from := range of {
			if from == source {
				names = append(names, field)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			parts = append(parts, source+": "+strings.Join(names, ", "))
		}
	}
	return strings.Join(parts, "; ")
}
