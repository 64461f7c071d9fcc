package store_test

import (
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

// Only of those whose data were to be deleted, and are not yet, are files left.
func TestFilesOfDeletedUsers(t *testing.T) { // USR-6
	s, ctx := openStore(t), t.Context()
	newUser(t, s, "Ann", domain.LevelAdmin)
	nothing := func([]store.ProjectMove) error { return nil }
	gone := map[string]domain.DeletedUser{}
	for name, fate := range map[string]domain.DataFate{"kept": domain.DataKeep, "left": domain.DataDelete, "removed": domain.DataDelete} {
		u := newUser(t, s, name, domain.LevelViewer)
		gone[name] = must(s.DeleteUser(ctx, system, u.ID, fate, 0, nothing))(t)
	}
	check(t, s.FilesRemoved(ctx, gone["removed"].ID))
	if all := must(s.DeletedUsers(ctx))(t); len(all) != len(gone) {
		t.Errorf("deleted are %+v", all)
	}
	if left := must(s.FilesToRemove(ctx))(t); len(left) != 1 || left[0].ID != gone["left"].ID || left[0].Name != "left" {
		t.Errorf("files are left of %+v", left)
	}
}
