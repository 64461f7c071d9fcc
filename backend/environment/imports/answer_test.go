package imports

import (
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte("\n@scriptsmanager {\"folders\":[],\"scripts\":[{\"path\":\"/a.py\",\"missing\":[{\"name\":\"numpy\",\"line\":3}]}]}\n"))
	f.Add([]byte("noise\n@scriptsmanager {\"scripts\":[{\"path\":\"/a.py\",\"problem\":{\"kind\":\"odd\",\"line\":-1}}]}\r\n"))
	f.Add([]byte("\n@scriptsmanager null\n"))
	f.Add([]byte("\n@scriptsmanager {\"scripts\":[{\"path\":\"/a.py\"}"))
	f.Fuzz(func(t *testing.T, output []byte) {
		a, err := parse(output, []string{"/a.py"})
		if err != nil {
			return
		}
		if !strings.Contains(string(output), marker) || len(a.Scripts) != 1 {
			t.Fatalf("read %d scripts from %q", len(a.Scripts), output)
		}
		r := a.Scripts[0].report()
		if r.Path != "/a.py" || r.Missing == nil {
			t.Fatalf("report %+v", r)
		}
		needed := true
		for _, m := range r.Missing {
			if m.Module == "" || (!needed && !m.Optional) {
				t.Fatalf("missing %+v", r.Missing)
			}
			needed = !m.Optional
		}
		if p := r.Problem; p != nil && (p.Line < 0 || p.Kind == "") {
			t.Fatalf("problem %+v", p)
		}
	})
}
