package environment_test

import (
	"os"
	"testing"
	"time"

	"scriptsmanager/backend/environment"
)

// What conda 24.11 makes of the settings changeps1 and env_prompt.
func TestPromptIsThatOfCondasSettings(t *testing.T) { // ENV-5
	for name, c := range map[string]struct {
		files   map[string]string
		environ []string
		want    string
		of      string // the environment; "" is demo
	}{
		"none":                    {nil, nil, "(demo) ", ""},
		"off":                     {map[string]string{"home/.condarc": "changeps1: false\n"}, nil, "", ""},
		"off in another word":     {map[string]string{"home/.condarc": "changeps1: No\n"}, nil, "", ""},
		"on again":                {map[string]string{"etc/conda/.condarc": "changeps1: off\n", "home/.condarc": "changeps1: yes\n"}, nil, "(demo) ", ""},
		"by everybody, at last":   {map[string]string{"etc/conda/.condarc": "changeps1: off #!final\n", "home/.condarc": "changeps1: yes\n"}, []string{"CONDA_CHANGEPS1=true"}, "", ""},
		"of the installation":     {map[string]string{"opt/conda/.condarc": "env_prompt: '<{name}> '\n"}, nil, "<demo> ", ""},
		"all fields":              {map[string]string{"home/.config/conda/condarc": "env_prompt: '{{{default_env}|{stacked_env}|{name}}} '\n"}, nil, "{demo|demo|demo} ", ""},
		"the prefix":              {map[string]string{"home/.condarc": "env_prompt: '{prefix}$ '\n"}, nil, "%DIR%/opt/conda/envs/demo$ ", ""},
		"base":                    {map[string]string{"home/.condarc": "env_prompt: '{default_env} {name} '\n"}, nil, "base conda ", "base"},
		"empty":                   {map[string]string{"home/.condarc": "env_prompt: ''\n"}, nil, "", ""},
		"a field that is none":    {map[string]string{"home/.condarc": "env_prompt: '{user}> '\n"}, nil, "(demo) ", ""},
		"a brace too many":        {map[string]string{"home/.condarc": "env_prompt: '{default_env}}> '\n"}, nil, "(demo) ", ""},
		"a brace without an end":  {map[string]string{"home/.condarc": "env_prompt: '{default_env> '\n"}, nil, "(demo) ", ""},
		"no text":                 {map[string]string{"home/.condarc": "env_prompt: [a]\nchangeps1: maybe\n"}, nil, "(demo) ", ""},
		"rubbish beside it":       {map[string]string{"home/.condarc": "channels: [a\nchangeps1: false\n"}, nil, "", ""},
		"of what was active":      {map[string]string{"opt/conda/envs/old/.condarc": "changeps1: false\n"}, []string{"CONDA_PREFIX=%DIR%/opt/conda/envs/old"}, "(demo) ", ""},
		"by variable":             {map[string]string{"home/.condarc": "changeps1: true\n"}, []string{"CONDA_CHANGEPS1=0"}, "", ""},
		"another file":            {map[string]string{"mine/rc": "env_prompt: 'mine '\n"}, []string{"CONDARC=%DIR%/mine/rc"}, "mine ", ""},
		"mamba's own is not ours": {map[string]string{"home/.mambarc": "changeps1: false\n"}, nil, "(demo) ", ""},
		"micromamba":              {map[string]string{"home/.mambarc": "env_prompt: '{default_env}|{name}|{user} '\n"}, nil, "rig|rig|{user} ", "%DIR%/mm/envs/rig.v2"},
		"micromamba, off":         {map[string]string{"home/.condarc": "changeps1: false\n"}, nil, "", "%DIR%/mm/envs/rig.v2"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			demo(m)
			m.conda("opt/conda/envs/old", "opt/conda")
			m.mkdir("mm/pkgs")
			m.conda("mm/envs/rig.v2", "mm")
			for path, text := range c.files {
				m.write(path, text, 0o644)
			}
			in := func(s string) string { return replaceDir(s, m.dir) }
			environ := []string{"MAMBA_ROOT_PREFIX=" + m.path("mm")}
			for _, kv := range c.environ {
				environ = append(environ, in(kv))
			}
			of := c.of
			if of == "" {
				of = "demo"
			}
			got, set := activation(t, m.options(environ...), in(of)).Env["CONDA_PROMPT_MODIFIER"]
			if !set || got != in(c.want) {
				t.Errorf("CONDA_PROMPT_MODIFIER is %q (set: %t), want %q", got, set, in(c.want))
			}
		})
	}
}

func TestPromptFollowsItsSettings(t *testing.T) { // ENV-5
	m := newMachine(t)
	demo(m)
	e := environment.New(m.options(), &memory{}, nil)
	env, _, err := e.Resolve(t.Context(), "demo", false)
	if err != nil {
		t.Fatal(err)
	}
	prompt := func() string {
		t.Helper()
		a, err := e.Activation(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		return a.Env["CONDA_PROMPT_MODIFIER"]
	}
	if got := prompt(); got != "(demo) " {
		t.Errorf("at first %q", got)
	}
	m.write("home/.condarc", "env_prompt: 'a{name} '\n", 0o644)
	if got := prompt(); got != "ademo " {
		t.Errorf("after the settings came %q", got)
	}
	m.write("home/.condarc", "env_prompt: 'b{name} '\n", 0o644)
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(m.path("home/.condarc"), later, later); err != nil {
		t.Fatal(err)
	}
	if got := prompt(); got != "bdemo " {
		t.Errorf("after they changed %q", got)
	}
	if err := os.Remove(m.path("home/.condarc")); err != nil {
		t.Fatal(err)
	}
	if got := prompt(); got != "(demo) " {
		t.Errorf("after they went %q", got)
	}
}
