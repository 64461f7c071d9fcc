package account

import "scriptsmanager/backend/domain"

// Policy is what levels allow (SPEC USR-2).
type Policy struct{}

// CanSee tells whether a script is shown to a person: whose level is at least
// the required one, and everyone where that is viewer.
func (Policy) CanSee(u domain.User, s domain.Script) bool { return reaches(u, s.RequiredLevel) }

// CanRun tells whether a person may run a script: whoever sees it, except
// viewers, who run nothing.
func (p Policy) CanRun(u domain.User, s domain.Script) bool {
	return p.CanSee(u, s) && u.Level.AtLeast(domain.LevelOperator)
}

// CanSeeGroup tells whether a group is shown to a person.
func (Policy) CanSeeGroup(u domain.User, g domain.Group) bool { return reaches(u, g.RequiredLevel) }

// reaches: a level that nobody knows is for administrators to put right.
func reaches(u domain.User, required domain.Level) bool {
	if !required.Valid() {
		required = domain.LevelAdmin
	}
	return u.Active && u.Level.AtLeast(required)
}
