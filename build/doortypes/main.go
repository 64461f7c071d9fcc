// Command doortypes writes the door's methods and their types as TypeScript to
// its standard output, from the Go code itself, so that the frontend cannot
// drift from it: go run ./build/doortypes > frontend/src/lib/api/door.gen.ts
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

func main() {
	g := &generator{done: map[string]bool{}}
	methods := door.Methods(new(app.Client).Structs())
	var b strings.Builder
	b.WriteString("// Made by build/doortypes from the Go code. Do not edit.\n\nexport interface Door {\n")
	for _, name := range door.Names(methods) {
		m := methods[name]
		argument, result := "undefined", "null"
		if m.Argument != nil {
			argument = g.name(m.Argument)
		}
		if m.Result != nil {
			result = g.name(m.Result)
		}
		fmt.Fprintf(&b, "  '%s': { argument: %s; result: %s };\n", name, argument, result)
	}
	b.WriteString("}\n")
	for _, also := range []reflect.Type{
		reflect.TypeFor[domain.OutputEvent](), reflect.TypeFor[domain.DiscoveryEvent](), reflect.TypeFor[domain.EnvironmentEvent](), reflect.TypeFor[domain.RaiseEvent](),
		reflect.TypeFor[domain.Correction](), reflect.TypeFor[domain.DataEvent](),
	} {
		g.name(also)
	}
	for len(g.queue) > 0 {
		t := g.queue[0]
		g.queue = g.queue[1:]
		g.declare(&b, t)
	}
	_, _ = os.Stdout.WriteString(b.String())
}

// generator writes each named struct once.
type generator struct {
	done  map[string]bool
	queue []reflect.Type
}

// literals are the strings that a named string type may have.
var literals = map[reflect.Type][]string{
	reflect.TypeFor[domain.Level]():         words(domain.Levels()),
	reflect.TypeFor[domain.Language]():      words(domain.Languages()),
	reflect.TypeFor[domain.ParameterType](): words(domain.ParameterTypes()),
	reflect.TypeFor[domain.Theme]():         words([]domain.Theme{domain.ThemeLight, domain.ThemeDark, domain.ThemeSystem}),
	reflect.TypeFor[domain.Stream]():        words([]domain.Stream{domain.Stdout, domain.Stderr, domain.Debug}),
	reflect.TypeFor[domain.State](): words([]domain.State{
		domain.StateQueued, domain.StateRunning, domain.StateCompleted, domain.StateFailed, domain.StateTerminated,
	}),
	reflect.TypeFor[domain.Phase](): append(words([]domain.Phase{
		domain.PhaseEnvironment, domain.PhasePort, domain.PhaseStarting, domain.PhaseReady, domain.PhaseStopping,
	}), ""),
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// name gives the TypeScript for a type and notes structs to be declared.
func (g *generator) name(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[[]byte](): // bytes go as base64
		return "string"
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Interface:
		return "unknown"
	case t == reflect.TypeFor[domain.Text]():
		return "Text"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.name(t.Elem()) + " | null"
	case reflect.Slice:
		element := g.name(t.Elem())
		if strings.Contains(element, " ") {
			element = "(" + element + ")"
		}
		return element + "[]"
	case reflect.Map:
		return "Record<string, " + g.name(t.Elem()) + ">"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		if _, ok := literals[t]; ok {
			return g.note(t)
		}
		return "string"
	case reflect.Struct:
		return g.note(t)
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64, reflect.Int32:
		return "number"
	default:
		panic("doortypes: no TypeScript for " + t.String())
	}
}

func (g *generator) note(t reflect.Type) string {
	name := t.Name()
	if t == reflect.TypeFor[domain.Error]() {
		name = "DoorError"
	}
	if !g.done[name] {
		g.done[name] = true
		g.queue = append(g.queue, t)
	}
	return name
}

func (g *generator) declare(b *strings.Builder, t reflect.Type) {
	name := t.Name()
	if t == reflect.TypeFor[domain.Error]() {
		name = "DoorError"
	}
	if values, ok := literals[t]; ok {
		quoted := make([]string, len(values))
		for i, v := range values {
			quoted[i] = "'" + v + "'"
		}
		fmt.Fprintf(b, "\nexport type %s = %s;\n", name, strings.Join(quoted, " | "))
		if t == reflect.TypeFor[domain.Language]() {
			b.WriteString("\nexport type Text = Partial<Record<Language, string>>;\n")
		}
		return
	}
	fmt.Fprintf(b, "\nexport interface %s {\n", name)
	for _, f := range fields(t) {
		tag := strings.Split(f.Tag.Get("json"), ",")
		optional, name := "", g.name(f.Type)
		if slices.Contains(tag[1:], "omitempty") {
			// What is empty is left out, so it is never null.
			optional, name = "?", strings.TrimSuffix(name, " | null")
		}
		fmt.Fprintf(b, "  %s%s: %s;\n", tag[0], optional, name)
	}
	b.WriteString("}\n")
}

// fields lists what JSON shows, embedded structs' fields in their place.
func fields(t reflect.Type) []reflect.StructField {
	var list []reflect.StructField
	for f := range t.Fields() {
		switch tag := f.Tag.Get("json"); {
		case f.Anonymous && tag == "":
			list = append(list, fields(f.Type)...)
		case tag == "" || tag == "-":
		default:
			list = append(list, f)
		}
	}
	return list
}
