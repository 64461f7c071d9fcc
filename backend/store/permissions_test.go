package store_test

import (
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

func TestPermissionsAreKept(t *testing.T) { // USR-3
	s, ctx := openStore(t), t.Context()
	ann, bob := newUser(t, s, "ann", domain.LevelAdmin), newUser(t, s, "bob", domain.LevelOperator)
	change := func(script string, user int64, level domain.Level, allow, clear bool) store.PermissionChange {
		return store.PermissionChange{Permission: domain.Permission{GroupID: "g", ScriptID: script, UserID: user, Level: level, Allow: allow}, Clear: clear}
	}
	actor := store.Actor{Kind: store.ActorUser, UserID: ann.ID, Name: "ann"}
	check(t, s.SetPermissions(ctx, actor, []store.PermissionChange{
		change("", bob.ID, "", false, false), change("g/s", bob.ID, "", true, false), change("", 0, domain.LevelViewer, true, false),
	}))
	list := must(s.Permissions(ctx))(t)
	if len(list) != 3 || list[0].Level != domain.LevelViewer || list[1].User != "bob" || list[1].Allow || !list[2].Allow || list[2].ScriptID != "g/s" || list[2].SetBy != "ann" {
		t.Fatalf("%+v", list)
	}
	count := func() int { return len(must(s.AuditRecords(ctx, store.AuditFilter{Action: "permission.set"}))(t)) }
	if n := count(); n != 3 {
		t.Errorf("%d records", n)
	}
	// The same again, and taking back what is not there, changes and records nothing.
	check(t, s.SetPermissions(ctx, actor, []store.PermissionChange{change("", bob.ID, "", false, false), change("g/other", bob.ID, "", false, true)}))
	if n := count(); n != 3 {
		t.Errorf("%d records of nothing", n)
	}
	check(t, s.SetPermissions(ctx, actor, []store.PermissionChange{change("", bob.ID, "", true, false), change("g/s", bob.ID, "", false, true)}))
	list = must(s.Permissions(ctx))(t)
	if len(list) != 2 || !list[1].Allow {
		t.Errorf("%+v", list)
	}
	// All of them, or none.
	if err := s.SetPermissions(ctx, actor, []store.PermissionChange{change("g/s", bob.ID, "", true, false), change("g/s", 99, "", true, false)}); err == nil {
		t.Error("for nobody")
	}
	if n := len(must(s.Permissions(ctx))(t)); n != 2 {
		t.Errorf("%d permissions after what failed", n)
	}
}
