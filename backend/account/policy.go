package account

import "scriptsmanager/backend/domain"

// Policy is what levels and permissions allow (SPEC USR-2, USR-3). The zero
// value knows no permissions. It is not changed once it is made.
type Policy struct {
	at map[place]domain.Permission
}

// place is where a permission stands: of a script or a group, for a person or
// a level.
type place struct {
	object string // the script's id, or that of the group with a slash
	user   int64
	level  domain.Level
}

func placeOf(p domain.Permission) place {
	object := p.ScriptID
	if object == "" {
		object = p.GroupID + "/"
	}
	if p.UserID != 0 {
		return place{object: object, user: p.UserID}
	}
	return place{object: object, level: p.Level}
}

// NewPolicy makes the policy of permissions. Of two at the same place the one
// that denies counts.
func NewPolicy(permissions []domain.Permission) Policy {
	p := Policy{at: make(map[place]domain.Permission, len(permissions))}
	for _, one := range permissions {
		if there, ok := p.at[placeOf(one)]; ok && !there.Allow {
			continue
		}
		p.at[placeOf(one)] = one
	}
	return p
}

// CanSee tells whether a script is shown to a person.
func (p Policy) CanSee(u domain.User, s domain.Script) bool { return p.Explain(u, s).See }

// CanRun tells whether a person may run a script: whoever sees it, except
// viewers, who run nothing.
func (p Policy) CanRun(u domain.User, s domain.Script) bool { return p.Explain(u, s).Run }

// Denies tells whether a permission keeps a whole group from a person.
func (p Policy) Denies(u domain.User, groupID string) bool {
	if u.Level == domain.LevelAdmin {
		return false
	}
	found := p.find(u, domain.Script{GroupID: groupID})
	return found != nil && !found.Allow
}

// Explain tells what a person may do with a script, and why. The most specific
// permission counts: one of the script before one of its group, and there one
// of the person before one of the level. Where there is none, the level
// decides. Administrators may do everything.
func (p Policy) Explain(u domain.User, s domain.Script) domain.Verdict {
	v := domain.Verdict{ScriptID: s.ID, Required: s.RequiredLevel}
	switch found := p.find(u, s); {
	case !u.Active:
		v.Reason = domain.VerdictInactive
	case u.Level == domain.LevelAdmin:
		v.Reason, v.See = domain.VerdictAdmin, true
	case found != nil && u.Level.Valid():
		v.Reason, v.See, v.Permission = domain.VerdictPermission, found.Allow, found
	default:
		v.Reason, v.See = domain.VerdictLevel, reaches(u, s.RequiredLevel)
	}
	v.Run = v.See && u.Level.AtLeast(domain.LevelOperator)
	return v
}

func (p Policy) find(u domain.User, s domain.Script) *domain.Permission {
	if len(p.at) == 0 {
		return nil
	}
	objects := []string{s.ID, s.GroupID + "/"}
	if s.ID == "" {
		objects = objects[1:]
	}
	for _, object := range objects {
		for _, at := range []place{{object: object, user: u.ID}, {object: object, level: u.Level}} {
			if found, ok := p.at[at]; ok && (at.user != 0 || at.level != "") {
				return &found
			}
		}
	}
	return nil
}

// reaches: a level that nobody knows is for administrators to put right.
func reaches(u domain.User, required domain.Level) bool {
	if !required.Valid() {
		required = domain.LevelAdmin
	}
	return u.Active && u.Level.AtLeast(required)
}
