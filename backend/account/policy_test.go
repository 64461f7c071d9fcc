package account_test

import (
	"testing"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
)

func TestTheMostSpecificPermissionCounts(t *testing.T) { // USR-3
	script := domain.Script{ID: "g/s", GroupID: "g", RequiredLevel: domain.LevelDeveloper}
	open := domain.Script{ID: "g/open", GroupID: "g", RequiredLevel: domain.LevelViewer}
	user := func(id int64, level domain.Level) domain.User { return domain.User{ID: id, Level: level, Active: true} }
	ofScript := func(allow bool) domain.Permission {
		return domain.Permission{GroupID: "g", ScriptID: "g/s", Allow: allow}
	}
	ofGroup := func(allow bool) domain.Permission { return domain.Permission{GroupID: "g", Allow: allow} }
	toUser := func(p domain.Permission) domain.Permission { p.UserID = 2; return p }
	toLevel := func(p domain.Permission) domain.Permission { p.Level = domain.LevelOperator; return p }
	otto := user(2, domain.LevelOperator)

	for _, c := range []struct {
		name        string
		user        domain.User
		script      domain.Script
		permissions []domain.Permission
		see, run    bool
		reason      string
	}{
		{"nothing said, too low", otto, script, nil, false, false, domain.VerdictLevel},
		{"nothing said, high enough", user(3, domain.LevelDeveloper), script, nil, true, true, domain.VerdictLevel},
		{"a viewer sees and never runs", user(4, domain.LevelViewer), open, nil, true, false, domain.VerdictLevel},
		{"script allowed to the person", otto, script, []domain.Permission{toUser(ofScript(true))}, true, true, domain.VerdictPermission},
		{"to another person", user(3, domain.LevelOperator), script, []domain.Permission{toUser(ofScript(true))}, false, false, domain.VerdictLevel},
		{"group denied to the person", otto, open, []domain.Permission{toUser(ofGroup(false))}, false, false, domain.VerdictPermission},
		{"script before group", otto, script, []domain.Permission{toUser(ofGroup(false)), toLevel(ofScript(true))}, true, true, domain.VerdictPermission},
		{"person before level", otto, script, []domain.Permission{toLevel(ofScript(true)), toUser(ofScript(false))}, false, false, domain.VerdictPermission},
		{"person before level, of the group", otto, script, []domain.Permission{toLevel(ofGroup(false)), toUser(ofGroup(true))}, true, true, domain.VerdictPermission},
		{"at the same place deny wins", otto, open, []domain.Permission{toUser(ofGroup(false)), toUser(ofGroup(true))}, false, false, domain.VerdictPermission},
		{"at the same place deny wins, the other way", otto, open, []domain.Permission{toUser(ofGroup(true)), toUser(ofGroup(false))}, false, false, domain.VerdictPermission},
		{"another level's", user(3, domain.LevelDeveloper), script, []domain.Permission{toLevel(ofScript(false))}, true, true, domain.VerdictLevel},
		{"a viewer never runs, whatever is allowed", user(2, domain.LevelViewer), script, []domain.Permission{toUser(ofScript(true))}, true, false, domain.VerdictPermission},
		{"nothing is denied to administrators", user(2, domain.LevelAdmin), script, []domain.Permission{toUser(ofScript(false))}, true, true, domain.VerdictAdmin},
		{"an inactive account", domain.User{ID: 2, Level: domain.LevelAdmin}, open, []domain.Permission{toUser(ofGroup(true))}, false, false, domain.VerdictInactive},
		{"no level at all", domain.User{ID: 2, Active: true}, open, []domain.Permission{toUser(ofGroup(true))}, false, false, domain.VerdictLevel},
		{"no person and no level in it", domain.User{Active: true}, open, []domain.Permission{ofGroup(true)}, false, false, domain.VerdictLevel},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := account.NewPolicy(c.permissions)
			v := p.Explain(c.user, c.script)
			if v.See != c.see || v.Run != c.run || v.Reason != c.reason || (v.Permission != nil) != (c.reason == domain.VerdictPermission) {
				t.Errorf("%+v", v)
			}
			if p.CanSee(c.user, c.script) != c.see || p.CanRun(c.user, c.script) != c.run {
				t.Error("not what is explained")
			}
		})
	}
}

func TestGroupsAreDenied(t *testing.T) {
	deny := domain.Permission{GroupID: "g", Level: domain.LevelDeveloper}
	p := account.NewPolicy([]domain.Permission{deny, {GroupID: "g", UserID: 2, Allow: true}})
	for id, want := range map[int64]bool{1: true, 2: false} {
		if got := p.Denies(domain.User{ID: id, Level: domain.LevelDeveloper, Active: true}, "g"); got != want {
			t.Errorf("user %d: %v", id, got)
		}
	}
	if p.Denies(domain.User{ID: 3, Level: domain.LevelAdmin, Active: true}, "g") || p.Denies(domain.User{ID: 1, Level: domain.LevelDeveloper}, "h") {
		t.Error("what is not denied")
	}
}
