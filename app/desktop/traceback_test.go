package desktop

import (
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestOwnLine(t *testing.T) { // WIN-2
	const source = "/r/groups/g/s.py"
	for name, c := range map[string]struct{ output, want string }{
		"none": {"one\ntwo", ""},
		"own file before the library": {`hello
Traceback (most recent call last):
  File "/r/groups/g/s.py", line 9, in <module>
    main()
  File "/r/groups/g/s.py", line 5, in main
    json.loads(x)
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
ValueError: x`, `  File "/r/groups/g/s.py", line 5, in main`},
		"helper beside the script": {`Traceback (most recent call last):
  File "/r/groups/g/helper.py", line 5, in f
    1/0
ZeroDivisionError`, `  File "/r/groups/g/helper.py", line 5, in f`},
		"last of two tracebacks": {`Traceback (most recent call last):
  File "/r/groups/g/s.py", line 1, in <module>
ValueError

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/r/groups/g/s.py", line 3, in <module>
KeyError`, `  File "/r/groups/g/s.py", line 3, in <module>`},
		"syntax error": {`  File "/r/groups/g/s.py", line 7
    def (
        ^
SyntaxError: invalid syntax`, `  File "/r/groups/g/s.py", line 7`},
		"only packages": {`Traceback (most recent call last):
  File "/opt/conda/lib/python3.11/site-packages/flask/app.py", line 7, in run
RuntimeError`, ""},
	} {
		var lines []domain.LogLine
		for _, text := range strings.Split(c.output, "\n") {
			lines = append(lines, domain.LogLine{Text: text})
		}
		got := ""
		if i := ownLine(lines, source); i >= 0 {
			got = lines[i].Text
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
