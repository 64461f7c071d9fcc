package bridge

import (
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// image answers the brand's images from the root, where an administrator may
// have replaced them.
func (b *Bridge) image(w http.ResponseWriter, r *http.Request) {
	root, err := os.OpenRoot(b.options.Brand)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = root.Close() }()
	name := filepath.FromSlash(r.PathValue("name"))
	// Looked at first: opening a named pipe would wait for its other end.
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() || !strings.HasPrefix(mime.TypeByExtension(path.Ext(info.Name())), "image/") {
		http.NotFound(w, r)
		return
	}
	f, err := root.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = f.Close() }()
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, info.Name(), info.ModTime(), f)
}

// file answers the frontend. What is built under a name with a hash may be
// kept for ever, the page itself is asked for each time.
func (b *Bridge) file(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	if _, err := fs.Stat(b.options.Frontend, name); errors.Is(err, fs.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	b.files.ServeHTTP(w, r)
}
