//go:build desktop

package desktop

import "strings"

// decide is Decide for what this window shows now.
func (s *shown) decide(own string, r Request) Decision {
	s.mu.Lock()
	origin := scriptOrigin(s.script)
	s.mu.Unlock()
	r.Ours = r.Ours || origin == ""
	return Decide(origin, own, r)
}

// text gives a text with one placeholder filled in.
func (s *shown) text(key string, pair ...string) string {
	s.mu.Lock()
	t := s.settings.Texts[key]
	s.mu.Unlock()
	if len(pair) == 2 {
		t = strings.ReplaceAll(t, "{{."+pair[0]+"}}", pair[1])
	}
	return t
}

// confirmClose tells whether closing asks first, and the script's name.
func (s *shown) confirmClose() (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.ConfirmClose && s.execution.State.Live(), s.said.Name
}
