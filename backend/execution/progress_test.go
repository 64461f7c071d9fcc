package execution

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestParseProgress(t *testing.T) { // SDK-3
	long := strings.Repeat("é", 300)
	for name, c := range map[string]struct {
		in   string
		want scriptProgress
		ok   bool
	}{
		"nothing":                  {"", scriptProgress{}, false},
		"half a line":              {`{"percent_done":5}`, scriptProgress{}, false},
		"a line":                   {`{"percent_done":5,"text":"Reading"}` + "\n", scriptProgress{PercentDone: 5, Text: "Reading"}, true},
		"the last of them":         {`{"percent_done":5}` + "\n" + `{"busy":true}` + "\r\n", scriptProgress{Busy: true}, true},
		"half a line after it":     {`{"percent_done":5}` + "\n" + `{"percent_do`, scriptProgress{PercentDone: 5}, true},
		"a line that is none":      {`{"percent_done":5}` + "\nnonsense\n[]\n", scriptProgress{PercentDone: 5}, true},
		"the end of a cut line":    {`t_done":5}` + "\n", scriptProgress{}, false},
		"taken away":               {"{\"text\":\"x\"}\n{}\n", scriptProgress{}, true},
		"beyond all bounds":        {`{"percent_done":1e300,"eta_seconds":1e300,"files_done":-1,"bytes_done":-9}` + "\n", scriptProgress{PercentDone: 100, ETASeconds: 1e9}, true},
		"less than nothing":        {`{"percent_done":-3,"eta_seconds":-3}` + "\n", scriptProgress{}, true},
		"signs that are not shown": {`{"text":"a\u0000\u001b[31m\nb\u202ec"}` + "\n", scriptProgress{Text: "a [31m b c"}, true},
		"a long text":              {`{"text":"` + long + `"}` + "\n", scriptProgress{Text: strings.Repeat("é", 199) + "…"}, true},
		"only what is none":        {strings.Repeat("x\n", 4000), scriptProgress{}, false},
	} {
		if got, ok := parseProgress([]byte(c.in), nil); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v, want %+v, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseProgress(f *testing.F) {
	f.Add([]byte(`{"percent_done":5,"text":"Reading","busy":true}` + "\n"))
	f.Add([]byte("{}\n{\"text\":\"\\ud800\"}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := parseProgress(b, nil)
		if !ok && p != (scriptProgress{}) {
			t.Errorf("not read, and yet %+v", p)
		}
		if p.PercentDone < 0 || p.PercentDone > 100 || p.ETASeconds < 0 || p.FilesDone < 0 || p.TotalBytes < 0 ||
			utf8.RuneCountInString(p.Text) > longestProgressText || !utf8.ValidString(p.Text) || strings.ContainsAny(p.Text, "\n\x1b\x00") {
			t.Errorf("beyond its bounds: %+v", p)
		}
	})
}

func TestProgressHidesSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), progressFile)
	if err := os.WriteFile(path, []byte(`{"text":"connect with s3cret and s3cret-2"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := progressFollower{path: path, secrets: hiding([]string{"s3cret", "s3cret-2"})}
	if p, _ := f.next(); p.Text != "connect with ******** and ********" {
		t.Errorf("%q", p.Text)
	}
	// Cut or cleaned, a secret would not be known any more.
	for _, c := range []struct{ secret, text string }{{"s3cret-of-many", strings.Repeat("x", longestProgressText-8) + "s3cret-of-many"}, {"hun\tter2", "it is hun\tter2"}} {
		p, _ := parseProgress(append(mustJSON(t, map[string]string{"text": c.text}), '\n'), hiding([]string{c.secret}))
		if strings.Contains(p.Text, c.secret[:3]) {
			t.Errorf("%q", p.Text)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFollowProgress(t *testing.T) { // a script writes what it likes, and begins anew when it likes
	path := filepath.Join(t.TempDir(), progressFile)
	f := progressFollower{path: path}
	if p, news := f.next(); news {
		t.Errorf("without a file: %+v", p)
	}
	step := 0
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		step++ // as clocks of file systems may be coarse
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(step), 0)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		content string
		want    scriptProgress
		news    bool
	}{
		{"", scriptProgress{}, false},
		{`{"percent_done":1}` + "\n", scriptProgress{PercentDone: 1}, true},
		{strings.Repeat("x", 3*progressTail) + "\n" + `{"percent_done":2}` + "\n", scriptProgress{PercentDone: 2}, true},
		{`{"percent_done":2,"unknown":[1]}` + "\n", scriptProgress{PercentDone: 2}, false},
		{`{"busy":true}` + "\n", scriptProgress{Busy: true}, true},
		{strings.Repeat("y", 2*progressTail), scriptProgress{Busy: true}, false},
	} {
		write(c.content)
		if p, news := f.next(); p != c.want || news != c.news {
			t.Errorf("%.40q: %+v, %v, want %+v, %v", c.content, p, news, c.want, c.news)
		}
		if p, news := f.next(); p != c.want || news {
			t.Errorf("%.40q again: %+v, %v", c.content, p, news)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Skip("no links here:", err)
	}
	if p, news := f.next(); news || !p.Busy {
		t.Errorf("through a link: %+v, %v", p, news)
	}
}
