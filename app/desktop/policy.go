package desktop

import (
	"net"
	"net/url"
	"strings"
)

// Decision is what happens with something that a page asks its window to show.
type Decision int

// The decisions.
const (
	Refuse         Decision = iota // nothing happens
	Allow                          // it is shown in the window
	OpenExternally                 // the person is asked, then the system's browser shows it
	Download                       // it is saved as a file
)

func (d Decision) String() string {
	return [...]string{"refuse", "allow", "open externally", "download"}[d]
}

// Request is something that a page wants to have shown: a navigation of any
// of its frames, a new window, or an answer that has come for one of these.
type Request struct {
	URL        string
	Ours       bool // the window's own code started it, or our own page is shown
	Gesture    bool // a person clicked or pressed a key
	Back       bool // it is a step in the history
	Response   bool // it is an answer: decide between showing and saving
	Attachment bool // of an answer: it says that it is a file, or it cannot be shown
}

// Decide is the whole rule of what a window may show. script is the origin
// ("http://127.0.0.1:5201") of the script that it shows, or "" for a window
// that shows our own pages only; own is the origin of our pages. The web view
// does not tell which frame asks, so all frames are held to the same rule.
func Decide(script, own string, r Request) Decision {
	origin, scheme := originOf(r.URL)
	switch {
	case own != "" && origin == own:
		if r.Ours && !r.Back {
			return Allow
		}
		return Refuse
	case script != "" && origin == script, scheme == "blob" && (origin == script && script != "" || origin == own && r.Ours):
		if r.Response && r.Attachment {
			return Download
		}
		return Allow
	case scheme == "about":
		return Allow
	case scheme == "data":
		if script == "" {
			return Refuse
		}
		if r.Response && r.Attachment {
			return Download
		}
		return Allow
	case scheme == "http", scheme == "https", scheme == "mailto":
		if r.Gesture && !r.Response && externalAddress(r.URL) {
			return OpenExternally
		}
	}
	return Refuse
}

// originOf gives scheme://host[:port] of an address, with the port left out
// where it is the scheme's own, and its scheme. A blob's origin is that of the
// page that made it. What cannot be read has neither.
func originOf(address string) (origin, scheme string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	scheme = strings.ToLower(u.Scheme)
	if scheme == "blob" {
		inner, _ := originOf(u.Opaque)
		return inner, scheme
	}
	if u.Host == "" || u.User != nil {
		return "", scheme
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return scheme + "://" + host, scheme
}

// scriptOrigin gives the origin of a script's page, or "" where the address
// is not one of this machine's own.
func scriptOrigin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return ""
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	origin, _ := originOf(address)
	return origin
}

const externalLongest = 2048

// externalAddress tells whether an address may be given to the system's
// browser: web or mail, with a host, without a password or control characters.
func externalAddress(address string) bool {
	if len(address) > externalLongest || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '"' || r == '\'' || r == '`' }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != "" && u.User == nil
	case "mailto":
		return strings.Contains(u.Opaque, "@")
	}
	return false
}
