//go:build desktop

package desktop

// decide is Decide for what this window shows now.
func (s *shown) decide(own string, r Request) Decision {
	s.mu.Lock()
	origin := scriptOrigin(s.script)
	s.mu.Unlock()
	r.Ours = r.Ours || origin == ""
	return Decide(origin, own, r)
}

// confirmClose tells whether closing asks first, and the script's name.
func (s *shown) confirmClose() (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.ConfirmClose && s.execution.State.Live(), s.said.Name
}
