package desktop

import (
	"strings"
	"testing"
)

func TestParseWish(t *testing.T) {
	for line, want := range map[string]wish{
		`{"verb":"stop"}`:       {Verb: verbStop},
		` {"verb":"again"} `:    {Verb: verbAgain},
		`{"verb":"close_stop"}`: {Verb: verbCloseStop},

		`{"verb":"open_link","url":"https://example.com/a"}`: {
			Verb: verbOpenLink, URL: "https://example.com/a",
		},
		`{"verb":"open_link","url":"mailto:a@example.com"}`: {
			Verb: verbOpenLink, URL: "mailto:a@example.com",
		},
		`{"verb":"show_file","path":"/home/anna/a.csv"}`: {
			Verb: verbShowFile, Path: "/home/anna/a.csv",
		},
	} {
		if got, err := parseWish([]byte(line)); got != want || err != nil {
			t.Errorf("%.60s: %+v, %v", line, got, err)
		}
	}

	for _, line := range []string{
		`{"verb":"open_link","url":"file:///etc/passwd"}`,
		`{"verb":"open_link","url":"https://a:b@example.com"}`,
		`{"verb":"open_link","url":"-x"}`,
		`{"verb":"open_link"}`,
		`{"verb":"stop","url":"https://example.com"}`,
		`{"verb":"stop","execution_id":"x"}`,
		`{"verb":"stop"}{"verb":"kill"}`,
		`{"verb":"show_file","path":"a.csv"}`,
		`{"verb":"show_file","path":"/home/../etc"}`,
		`{"verb":"show_file"}`,
		`{"verb":"stop","path":"/home/anna/a.csv"}`,
		`{"verb":"placed"}`,
		`{"verb":"placed","place":{"x":0,"y":0,"width":9,"height":9}}`,
		`{"verb":"placed","place":{"x":99999,"y":0,"width":900,"height":9}}`,
		`{"verb":"closed","place":{"x":0,"y":0,"width":900,"height":700}}`,
		`{"verb":"run"}`,
		`{"verb":["stop"]}`,
		`{}`,
		``,
		`null`,
		`{"verb":"stop"` + strings.Repeat(" ", wishLongest) + `}`,
	} {
		if got, err := parseWish([]byte(line)); err == nil || got != (wish{}) {
			t.Errorf("%.60s: taken as %+v", line, got)
		}
	}
}

func TestParsePlace(t *testing.T) { // WIN-5
	got, err := parseWish([]byte(`{"verb":"placed","place":{"x":-8,"y":20,"width":900,"height":700,"maximised":true}}`))
	want := place{X: -8, Y: 20, Width: 900, Height: 700, Maximised: true}
	if err != nil || got.Place == nil || *got.Place != want {
		t.Errorf("%+v, %v", got.Place, err)
	}
}

func TestWishReader(t *testing.T) {
	var got []verb
	refused := 0
	r := &wishReader{take: func(w wish) { got = append(got, w.Verb) }, refuse: func() { refused++ }}
	for _, part := range []string{`{"verb":"st`, "op\"}\n{\"verb\":\"kill\"}\n", "{\"verb\":"} {
		if n, err := r.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("%q: %d, %v", part, n, err)
		}
	}
	if len(got) != 2 || got[0] != verbStop || got[1] != verbKill {
		t.Errorf("got %v", got)
	}
	if _, err := r.Write([]byte(strings.Repeat("x", wishLongest))); err == nil || refused != 1 {
		t.Errorf("an endless line: %v, refused %d times", err, refused)
	}
}

func FuzzParseWish(f *testing.F) {
	f.Add([]byte(`{"verb":"open_link","url":"https://example.com/"}`))
	f.Add([]byte(`{"verb":"stop"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		w, err := parseWish(line)
		if err != nil && w != (wish{}) {
			t.Errorf("%q: a wish with an error", line)
		}
		if err == nil && w.Verb == verbOpenLink && !externalAddress(w.URL) {
			t.Errorf("%q: address passes", line)
		}
	})
}
