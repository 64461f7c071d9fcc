package store

// LimitLists makes lists of few executions be looked for as those of many are.
func (s *Store) LimitLists(walk, gather int64) {
	s.lists = listLimits{walk: walk, gather: gather, little: gather / 2, steps: 2}
}
