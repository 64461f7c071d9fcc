package environment

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"scriptsmanager/backend/domain"
)

// promptSettings are what a person's settings of conda say of the prompt, which
// CONDA_PROMPT_MODIFIER holds after an activation. The zero value is conda's own.
type promptSettings struct {
	template string // env_prompt
	own      bool   // there is one, which may be empty
	hidden   bool   // changeps1 is off
}

const defaultPrompt = "({default_env}) " // conda/base/context.py, env_prompt

// modifier gives CONDA_PROMPT_MODIFIER; name is what the environment is called
// in CONDA_DEFAULT_ENV (conda/activate.py, _prompt_modifier; libmamba's
// Activator::get_prompt_modifier). A template that conda would end with an
// error on counts as none: no script is lost for a prompt.
func (p promptSettings) modifier(found Found, name string) string {
	if p.hidden {
		return ""
	}
	last := filepath.Base(found.Path)
	if found.Tool == domain.ToolMicromamba {
		if dot := strings.LastIndexByte(last, '.'); dot > 0 {
			last = last[:dot]
		}
	}
	// Nothing is stacked: what was active is deactivated first.
	fields := map[string]string{"default_env": name, "stacked_env": name, "prefix": found.Path, "name": last}
	if p.own {
		if found.Tool == domain.ToolMicromamba {
			return replacer(fields).Replace(p.template)
		}
		if text, ok := formatted(p.template, fields); ok {
			return text
		}
	}
	return replacer(fields).Replace(defaultPrompt)
}

func replacer(fields map[string]string) *strings.Replacer {
	var pairs []string
	for field, value := range fields {
		pairs = append(pairs, "{"+field+"}", value)
	}
	return strings.NewReplacer(pairs...)
}

// formatted is what Python's str.format makes of a template that has fields
// alone, without conversions and widths; a brace is written twice.
func formatted(template string, fields map[string]string) (string, bool) {
	var b strings.Builder
	for rest := template; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		brace := rest[i]
		rest = rest[i+1:]
		if rest != "" && rest[0] == brace {
			b.WriteByte(brace)
			rest = rest[1:]
			continue
		}
		field, after, ok := strings.Cut(rest, "}")
		value, known := fields[field]
		if brace == '}' || !ok || !known {
			return "", false
		}
		b.WriteString(value)
		rest = after
	}
	return b.String(), true
}

// promptFiles lists the condarc files that speak for the prompt of an
// environment, the one that counts most last; nil where its tool reads none.
func promptFiles(ctx context.Context, o Options, found Found) []string {
	if found.Kind != domain.EnvironmentConda || found.Tool == domain.ToolPixi {
		return nil
	}
	f := newFinder(ctx, Options{Home: o.Home, Environ: o.Environ, System: o.System})
	delete(f.env, "CONDA_PREFIX") // it is deactivated first
	if found.Root != "" {
		f.roots = []string{found.Root}
	}
	files := f.condarcs()
	if found.Tool != domain.ToolMicromamba {
		mamba := f.expand(f.get("MAMBARC"))
		files = slices.DeleteFunc(files, func(p string) bool { return filepath.Base(p) == ".mambarc" || mamba != "" && p == mamba })
	}
	return files
}

// readPrompt reads the settings: those of the variables go before those of the
// files, of which the later one goes before the earlier.
func readPrompt(found Found, env map[string]string, files []string) promptSettings {
	var p promptSettings
	changeFinal, templateFinal := false, false
	for _, path := range files {
		b, err := readFile(path)
		if err != nil {
			continue // most are not there
		}
		eachSetting(b, func(key string, value *yaml.Node, final bool) {
			if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
				return
			}
			switch {
			case key == "changeps1" && !changeFinal:
				if on, ok := condaBool(value.Value); ok {
					p.hidden, changeFinal = !on, final
				}
			case key == "env_prompt" && !templateFinal && validVariable(key, value.Value):
				p.template, p.own, templateFinal = value.Value, true, final
			}
		})
	}
	prefix := "CONDA_"
	if found.Tool == domain.ToolMicromamba {
		prefix = "MAMBA_"
	}
	if on, ok := condaBool(env[prefix+"CHANGEPS1"]); ok && !changeFinal {
		p.hidden = !on
	}
	if template := env[prefix+"ENV_PROMPT"]; template != "" && !templateFinal {
		p.template, p.own = template, true
	}
	return p
}

// condaBool reads what conda takes for yes and no (conda/auxlib/type_coercion.py, boolify).
func condaBool(text string) (on, ok bool) {
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case "true", "yes", "on", "y":
		return true, true
	case "false", "off", "n", "no", "non", "none":
		return false, true
	}
	n, err := strconv.ParseFloat(text, 64)
	return n != 0, err == nil
}
