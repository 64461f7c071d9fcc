package app_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

const heat = "thermal_analysis/heat_transfer"

func ownTags(t *testing.T, c door.Caller, script string) []string {
	t.Helper()
	return call[app.ScriptTags](t, c, "Tags.Of", app.ScriptRequest{ScriptID: script}).Own
}

func addTags(t *testing.T, c door.Caller, script string, names ...string) {
	t.Helper()
	call[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: script, Add: names})
}

func count(list app.TagList, name string) app.TagCount {
	for _, t := range list.Tags {
		if t.Name == name {
			return t
		}
	}
	return app.TagCount{}
}

func TestOwnTagsAreTheirOwnersAlone(t *testing.T) { // TAG-1
	w := newWorld(t)
	c, other, admin := w.client(t, w.users[domain.LevelOperator]), w.client(t, w.other), w.client(t, w.users[domain.LevelAdmin])
	addTags(t, c, heat, "pump_7", "Énergie")
	tags := call[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: heat, Add: []string{"new"}, Remove: []string{"PUMP_7", "never"}})
	if !slices.Equal(tags.Own, []string{"Énergie", "new"}) || len(tags.System) == 0 {
		t.Errorf("the tags are %+v", tags)
	}
	for _, c := range []door.Caller{other, admin} {
		if own := ownTags(t, c, heat); len(own) != 0 {
			t.Errorf("another one sees %q", own)
		}
		if list := call[app.TagList](t, c, "Tags.List", nil); count(list, "new").Scripts != 0 || len(list.Scripts) != 0 {
			t.Errorf("another one counts %+v", list)
		}
	}
	addTags(t, c, "thermal_analysis/fin_efficiency", "new", tags.System[0]+"_x")
	list := call[app.TagList](t, c, "Tags.List", nil)
	if n := count(list, "new"); n != (app.TagCount{Name: "new", Own: 2, Scripts: 2}) {
		t.Errorf("two scripts have the tag, it says %+v", n)
	}
	if n := count(list, tags.System[0]); n.System == 0 || n.Own != 0 {
		t.Errorf("a tag of metadata is counted as %+v", n)
	}
}

func TestWrongTagsAreToldByTheirNames(t *testing.T) { // TAG-1
	w := newWorldWith(t, `{"tagging": {"max_tags_per_script": 2, "max_tag_length": 5}}`)
	c := w.client(t, w.users[domain.LevelOperator])
	system := call[app.ScriptTags](t, c, "Tags.Of", app.ScriptRequest{ScriptID: heat}).System[0]
	addTags(t, c, heat, "a")
	for name, code := range map[string]domain.Code{
		"a b": domain.CodeTagCharacter, "": domain.CodeTagEmpty, "abcdef": domain.CodeTagLong, "a,b": domain.CodeTagCharacter,
	} {
		_, err := ask[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: heat, Add: []string{name}})
		if wrong := wantCode(t, err, domain.CodeInvalid).Fields["tags"].Fields[name]; wrong == nil || wrong.Code != code {
			t.Errorf("the tag %q gives %v", name, err)
		}
	}
	_, err := ask[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: heat, Add: []string{"b", "c"}})
	if wrong := wantCode(t, err, domain.CodeInvalid).Fields["tags"].Fields["c"]; wrong == nil || wrong.Code != domain.CodeTagsMany {
		t.Errorf("a third tag gives %v", err)
	}
	if own := ownTags(t, c, heat); !slices.Equal(own, []string{"a"}) {
		t.Errorf("what was refused has left %q", own)
	}
	if len(system) <= 5 {
		_, err := ask[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: heat, Add: []string{strings.ToUpper(system)}})
		if wrong := wantCode(t, err, domain.CodeInvalid).Fields["tags"].Fields[strings.ToUpper(system)]; wrong == nil || wrong.Code != domain.CodeTagSystem {
			t.Errorf("a tag that the script has gives %v", err)
		}
	}
	if _, err := ask[app.ScriptTags](t, c, "Tags.Change", app.ChangeTagsRequest{ScriptID: heat, Add: make([]string, 1001)}); !domain.HasCode(err, domain.CodeLimitReached) {
		t.Errorf("1001 tags at once give %v", err)
	}
}

func TestTagIsRenamedAndRemovedEverywhere(t *testing.T) { // TAG-1
	w := newWorld(t)
	c, other := w.client(t, w.users[domain.LevelOperator]), w.client(t, w.other)
	const exchanger = "thermal_analysis/fin_efficiency"
	addTags(t, c, heat, "old", "kept", "new")
	addTags(t, c, exchanger, "OLD")
	addTags(t, other, heat, "old")
	if change := call[app.TagChange](t, c, "Tags.Rename", app.RenameTagRequest{From: "old", To: "New"}); change.Scripts != 2 {
		t.Errorf("renamed on %d scripts", change.Scripts)
	}
	if a, b := ownTags(t, c, heat), ownTags(t, c, exchanger); !slices.Equal(a, []string{"kept", "New"}) || !slices.Equal(b, []string{"New"}) {
		t.Errorf("renamed to %q and %q", a, b)
	}
	if own := ownTags(t, other, heat); !slices.Equal(own, []string{"old"}) {
		t.Errorf("another one's are %q", own)
	}
	_, err := ask[app.TagChange](t, c, "Tags.Rename", app.RenameTagRequest{From: "kept", To: "a b"})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["name"].Code != domain.CodeTagCharacter {
		t.Errorf("a bad name gives %v", e)
	}
	_, err = ask[app.TagChange](t, c, "Tags.Rename", app.RenameTagRequest{From: "old", To: "x"})
	wantCode(t, err, domain.CodeNotFound)
	if change := call[app.TagChange](t, c, "Tags.Remove", app.TagRequest{Name: "NEW"}); change.Scripts != 2 {
		t.Errorf("removed from %d scripts", change.Scripts)
	}
	if a, b := ownTags(t, c, heat), ownTags(t, c, exchanger); !slices.Equal(a, []string{"kept"}) || len(b) != 0 {
		t.Errorf("left are %q and %q", a, b)
	}
}

// A tag that a script has by its metadata cannot be added to it, nor can
// another be renamed to it there.
func TestTagRenamedToOneOfTheMetadata(t *testing.T) { // TAG-1
	w := newWorld(t)
	c := w.client(t, w.users[domain.LevelOperator])
	const exchanger = "thermal_analysis/fin_efficiency"
	system := call[app.ScriptTags](t, c, "Tags.Of", app.ScriptRequest{ScriptID: heat}).System
	other := call[app.ScriptTags](t, c, "Tags.Of", app.ScriptRequest{ScriptID: exchanger}).System
	at := slices.IndexFunc(system, func(name string) bool { return !slices.Contains(other, name) })
	if at < 0 {
		t.Fatalf("%q and %q are the same", system, other)
	}
	addTags(t, c, heat, "old", "kept")
	addTags(t, c, exchanger, "old")
	call[app.TagChange](t, c, "Tags.Rename", app.RenameTagRequest{From: "old", To: strings.ToUpper(system[at])})
	if a, b := ownTags(t, c, heat), ownTags(t, c, exchanger); !slices.Equal(a, []string{"kept"}) || !slices.Equal(b, []string{strings.ToUpper(system[at])}) {
		t.Errorf("own ones are %q and %q", a, b)
	}
}

// A script that vanishes keeps its tags for when it comes back; nobody sees or
// counts them meanwhile.
func TestTagsOutliveTheirScript(t *testing.T) { // TAG-1
	w := newWorld(t)
	writeScript(t, w, `[]`, nil)
	c := w.client(t, w.users[domain.LevelOperator])
	addTags(t, c, "demo/t", "mine")
	file := filepath.Join(w.engine.Root().Groups(), "demo", "t.py")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	if list := call[app.TagList](t, c, "Tags.List", nil); count(list, "mine").Scripts != 0 || len(list.Scripts) != 0 {
		t.Errorf("tags of a vanished script are listed: %+v", list)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	if own := ownTags(t, c, "demo/t"); !slices.Equal(own, []string{"mine"}) {
		t.Errorf("back again it has %q", own)
	}
}

func TestTagsOfADeletedAccountGo(t *testing.T) { // TAG-1, USR-6
	w := newWorld(t)
	addTags(t, w.client(t, w.other), heat, "mine")
	call[any](t, w.client(t, w.users[domain.LevelAdmin]), "Users.Delete", app.DeleteUserRequest{UserID: w.other.ID, Confirm: w.other.Name, Data: "keep"})
	if tags, err := w.engine.OwnTags(context.Background(), w.other.ID); err != nil || len(tags) != 0 {
		t.Errorf("a deleted account has %v, %v", tags, err)
	}
}

// Own tags are told to every window of whose they are, and to no one else.
func TestChangeOfTagsIsToldToTheirOwner(t *testing.T) { // TAG-1
	w := newWorld(t)
	second := w.client(t, w.other).Events(t.Context())
	admin := w.client(t, w.users[domain.LevelAdmin]).Events(t.Context())
	c := w.client(t, w.other)
	addTags(t, c, heat, "mine")
	addTags(t, c, heat, "MINE") // nothing changes, nothing is told
	w.engine.Events().Publish(domain.Event{Type: domain.EventDiscoveryChanged})
	until := func(events <-chan domain.Event) (types []domain.EventType) {
		for e := range events {
			if e.Type == domain.EventDiscoveryChanged {
				break
			}
			types = append(types, e.Type)
		}
		return types
	}
	if heard := until(second); !reflect.DeepEqual(heard, []domain.EventType{domain.EventTagsChanged}) {
		t.Errorf("another window of his hears %v", heard)
	}
	if heard := until(admin); len(heard) != 0 {
		t.Errorf("an administrator hears %v", heard)
	}
}
