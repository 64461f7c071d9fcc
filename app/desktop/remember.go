package desktop

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// remembered is what is kept for a person and a script from one window of it
// to the next, in any project.
type remembered struct {
	Place *place   `json:"place,omitempty"`
	Sites []string `json:"sites,omitempty"` // that its links may open in the system's browser unasked
}

// sitesMost is how many sites are remembered for a script; the oldest go.
const sitesMost = 200

func rememberedFile(folder string, x domain.Execution) string {
	return filepath.Join(folder, nameFor(x.ScriptID, "%d/%s", x.UserID, x.ScriptID)+".json")
}

// recall reads what is remembered. What cannot be read is forgotten.
func (m *windows) recall(x domain.Execution) remembered {
	m.remembering.Lock()
	defer m.remembering.Unlock()
	r, err := readRemembered(rememberedFile(m.options.WindowData, x))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.log.Warn("what a window remembers", "script", x.ScriptID, "error", err)
	}
	return r
}

func readRemembered(file string) (remembered, error) {
	var r remembered
	b, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return remembered{}, err
	}
	if r.Place != nil && !r.Place.sane() {
		r.Place = nil
	}
	return r, nil
}

// remember changes what is remembered.
func (m *windows) remember(x domain.Execution, change func(*remembered)) {
	m.remembering.Lock()
	defer m.remembering.Unlock()
	file := rememberedFile(m.options.WindowData, x)
	r, _ := readRemembered(file) // what cannot be read is written anew
	change(&r)
	b, err := json.Marshal(r)
	if err == nil {
		err = platform.WriteFile(file, b, 0o600)
	}
	if err != nil {
		m.log.Warn("remember what a window was", "script", x.ScriptID, "error", err)
	}
}

// allow adds the site of an address to those that need no question.
func (r *remembered) allow(address string) {
	site := siteOf(address)
	if site == "" || slices.Contains(r.Sites, site) {
		return
	}
	r.Sites = append(r.Sites, site)
	if over := len(r.Sites) - sitesMost; over > 0 {
		r.Sites = slices.Delete(r.Sites, 0, over)
	}
}

// siteOf gives what a person is asked about once: the origin of an address, or
// "mailto:" for all mail. "" is what may not be opened at all.
func siteOf(address string) string {
	if !externalAddress(address) {
		return ""
	}
	origin, scheme := originOf(address)
	if scheme == "mailto" {
		return "mailto:"
	}
	return origin
}

// dataName names the folder of what a script's pages keep in the window. It
// is one for each script, project and person: pages of two scripts that get
// the same port one after the other would else read each other's storage.
func dataName(x domain.Execution) string {
	return nameFor(x.ScriptID, "%d/%d/%s", x.UserID, x.ProjectID, x.ScriptID)
}

// nameFor makes a file's name of a script, for a person to read, and of a key,
// to tell it from all others.
func nameFor(script domain.ScriptID, key string, values ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, key, values...))
	safe := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			return r
		}
		return '_'
	}, script)
	if len(safe) > 40 {
		safe = safe[:40]
	}
	return safe + "-" + hex.EncodeToString(sum[:6])
}
