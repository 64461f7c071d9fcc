package execution

import (
	"testing"

	"scriptsmanager/backend/domain"
)

func TestRaised(t *testing.T) { // SDK-5
	script := domain.Script{Path: "/srv/groups/tools/pump.py"}
	const trace = "Traceback (most recent call last):\n"
	for name, c := range map[string]struct {
		stderr, what, file string
		line               int
	}{
		"of its own":            {trace + "  File \"/srv/groups/tools/pump.py\", line 7, in <module>\n    read()\nValueError: no sensor at 7\n", "ValueError: no sensor at 7", "pump.py", 7},
		"below a package":       {trace + "  File \"/srv/groups/tools/pump.py\", line 7, in <module>\n  File \"/usr/lib/python3/json/x.py\", line 99, in y\njson.decoder.JSONDecodeError: bad\n", "json.decoder.JSONDecodeError: bad", "pump.py", 7},
		"in a module beside it": {trace + "  File \"/srv/groups/tools/pump.py\", line 7, in <module>\n  File \"/srv/groups/tools/more.py\", line 3, in y\nKeyError\n", "KeyError", "more.py", 3},
		"nothing of its own":    {trace + "  File \"/usr/lib/x.py\", line 7, in <module>\nValueError: x\n", "", "", 0},
		"words at the end":      {trace + "  File \"/srv/groups/tools/pump.py\", line 7, in <module>\nValueError: x\nand that was all\n", "", "", 0},
		"nothing":               {"", "", "", 0},
	} {
		what, file, line, ok := Raised(script, c.stderr)
		if ok != (c.file != "") || ok && (what != c.what || file != c.file || line != c.line) {
			t.Errorf("%s: %q, %s, %d, %v", name, what, file, line, ok)
		}
	}
}
