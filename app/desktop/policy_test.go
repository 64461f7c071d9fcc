package desktop

import "testing"

func TestDecide(t *testing.T) { // WIN-6, WIN-7
	const script, own = "http://127.0.0.1:5201", "wails://wails"
	for name, c := range map[string]struct {
		request Request
		want    Decision
	}{
		"own page of the script":            {Request{URL: script + "/a?b#c"}, Allow},
		"script's page, by history":         {Request{URL: script + "/", Back: true}, Allow},
		"file of the script":                {Request{URL: script + "/a.csv", Response: true, Attachment: true}, Download},
		"page of the script, answered":      {Request{URL: script + "/", Response: true}, Allow},
		"other port":                        {Request{URL: "http://127.0.0.1:5202/"}, Refuse},
		"other port, clicked":               {Request{URL: "http://127.0.0.1:5202/", Gesture: true}, OpenExternally},
		"other name of the same machine":    {Request{URL: "http://localhost:5201/"}, Refuse},
		"https of the same port":            {Request{URL: "https://127.0.0.1:5201/"}, Refuse},
		"web, not clicked":                  {Request{URL: "https://example.com/"}, Refuse},
		"web, clicked":                      {Request{URL: "https://example.com/", Gesture: true}, OpenExternally},
		"web, answered":                     {Request{URL: "https://example.com/", Gesture: true, Response: true}, Refuse},
		"mail, clicked":                     {Request{URL: "mailto:a@example.com", Gesture: true}, OpenExternally},
		"our page from the script":          {Request{URL: own + "/", Gesture: true}, Refuse},
		"our page by ourselves":             {Request{URL: own + "/x/page", Ours: true}, Allow},
		"our page by history":               {Request{URL: own + "/x/page", Ours: true, Back: true}, Refuse},
		"blob of the script":                {Request{URL: "blob:" + script + "/1-2"}, Allow},
		"blob of the script, as a file":     {Request{URL: "blob:" + script + "/1-2", Response: true, Attachment: true}, Download},
		"blob of another":                   {Request{URL: "blob:http://127.0.0.1:5202/1-2", Gesture: true}, Refuse},
		"data":                              {Request{URL: "data:text/html,hi"}, Allow},
		"empty frame":                       {Request{URL: "about:blank"}, Allow},
		"written frame":                     {Request{URL: "about:srcdoc"}, Allow},
		"file":                              {Request{URL: "file:///etc/passwd", Gesture: true}, Refuse},
		"javascript":                        {Request{URL: "javascript:alert(1)", Gesture: true}, Refuse},
		"ftp":                               {Request{URL: "ftp://example.com/", Gesture: true}, Refuse},
		"origin as user name":               {Request{URL: "http://127.0.0.1:5201@example.com/", Gesture: true}, Refuse},
		"origin as beginning of a name":     {Request{URL: "http://127.0.0.1:5201.example.com/"}, Refuse},
		"broken":                            {Request{URL: "http://[::1", Gesture: true}, Refuse},
		"nothing":                           {Request{}, Refuse},
		"program of the system":             {Request{URL: "vscode://x/y", Gesture: true}, Refuse},
		"upper case scheme of the script's": {Request{URL: "HTTP://127.0.0.1:5201/"}, Allow},
	} {
		if got := Decide(script, own, c.request); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestDecideForTheMainWindow(t *testing.T) { // it shows nothing but itself
	const own = "wails://wails"
	for address, want := range map[string]Decision{
		own + "/":                Allow,
		"http://127.0.0.1:5201/": Refuse,
		"data:text/html,hi":      Refuse,
		"blob:null/1":            Refuse,
		"about:blank":            Allow,
		"blob:" + own + "/1":     Allow,
	} {
		if got := Decide("", own, Request{URL: address, Ours: true}); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	if got := Decide("", own, Request{URL: "https://example.com/", Gesture: true, Ours: true}); got != OpenExternally {
		t.Errorf("clicked link: %s", got)
	}
}

func TestScriptOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:5201/":   "http://127.0.0.1:5201",
		"http://127.0.0.1:5201":    "http://127.0.0.1:5201",
		"http://localhost:5201/a":  "http://localhost:5201",
		"http://[::1]:5201/":       "http://[::1]:5201",
		"http://10.0.0.1:5201/":    "",
		"http://127.0.0.1/":        "",
		"https://127.0.0.1:5201/":  "",
		"http://example.com:5201/": "",
		"javascript:alert(1)":      "",
		"":                         "",
	} {
		if got := scriptOrigin(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func FuzzDecide(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:5201/", "blob:http://127.0.0.1:5201/x", "wails://wails/", "data:,", "http://a@b/", ""} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, address string, gesture bool) {
		got := Decide("http://127.0.0.1:5201", "wails://wails", Request{URL: address, Gesture: gesture})
		origin, scheme := originOf(address)
		if got == Allow && origin != "http://127.0.0.1:5201" && scheme != "about" && scheme != "data" {
			t.Errorf("%q is shown", address)
		}
		if got == OpenExternally && !gesture {
			t.Errorf("%q opens by itself", address)
		}
	})
}
