//go:build desktop

package desktop

import "slices"

// decide is Decide for what this window shows now.
func (s *shown) decide(own string, r Request) Decision {
	s.mu.Lock()
	origin := scriptOrigin(s.script)
	s.mu.Unlock()
	r.Ours = r.Ours || origin == ""
	return Decide(origin, own, r)
}

// closed tells what closing does now, and the script's name.
func (s *shown) closed() (closing, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return closingOf(s.settings, s.execution), s.said.Name
}

// knows tells whether a person has let links of this script open a site.
func (s *shown) knows(site string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.settings.Sites, site)
}

// allow notes that.
func (s *shown) allow(site string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.settings.Sites, site) {
		s.settings.Sites = append(slices.Clone(s.settings.Sites), site)
	}
}

// nativeTexts gives, of a window's texts, those of the parts that are no page,
// in the order in which the native side counts them.
func nativeTexts(all map[string]string) (texts []string) {
	for _, key := range []string{
		"save_title", "save", "cancel", "close", "find", "find_next", "find_previous", "find_count", "find_position", "find_none",
		"saving", "saved", "show_file", "drop_missed",
	} {
		texts = append(texts, all[key])
	}
	return texts
}
