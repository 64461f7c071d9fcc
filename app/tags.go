package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/tag"
)

// Tags shows the tags that scripts have by their metadata, and keeps those that
// people give them, each for himself alone (SPEC TAG-1).
type Tags struct{ c *Client }

// TagRules says what own tags may be.
type TagRules struct {
	MaximumTags   int  `json:"maximum_tags"`   // on one script
	MaximumLength int  `json:"maximum_length"` // characters
	AnyCharacters bool `json:"any_characters"` // else letters, digits, _ and -
	Suggestions   bool `json:"suggestions"`    // are to be offered
}

// ScriptTags are the tags of one script.
type ScriptTags struct {
	ScriptID domain.ScriptID `json:"script_id"`
	System   []string        `json:"system"`
	Own      []string        `json:"own"`
}

// TagCount is a tag with how many scripts have it, of those that the person may see.
type TagCount struct {
	Name    string `json:"name"`
	System  int    `json:"system"`
	Own     int    `json:"own"`
	Scripts int    `json:"scripts"` // have it in either way
}

// TagList is all of the tags that a person sees.
type TagList struct {
	Tags    []TagCount   `json:"tags"`    // by name
	Scripts []ScriptTags `json:"scripts"` // that have own ones, by id
	Rules   TagRules     `json:"rules"`
}

// List gives the tags of all scripts that the person may see, with the own ones.
func (t *Tags) List(ctx context.Context) (TagList, error) {
	w, err := t.c.require(ctx, "Tags.List")
	if err != nil {
		return TagList{}, err
	}
	e := t.c.app.engine
	scripts, err := (&Scripts{t.c}).visible(ctx, w, "")
	if err != nil {
		return TagList{}, err
	}
	own, err := e.OwnTags(ctx, w.User.ID)
	if err != nil {
		return TagList{}, err
	}
	rules := e.TagRules()
	list := TagList{Scripts: []ScriptTags{}, Rules: TagRules{
		MaximumTags: rules.Most, MaximumLength: rules.Longest, AnyCharacters: rules.Any, Suggestions: e.SuggestTags(),
	}}
	counts := map[string]*TagCount{}
	for _, script := range scripts {
		has := map[string]bool{}
		count := func(name string) *TagCount {
			key := tag.Key(name)
			if counts[key] == nil {
				counts[key] = &TagCount{Name: name}
			}
			if !has[key] {
				has[key] = true
				counts[key].Scripts++
			}
			return counts[key]
		}
		for _, name := range script.Tags {
			count(name).System++
		}
		if names := own[script.ID]; len(names) > 0 {
			for _, name := range names {
				count(name).Own++
			}
			list.Scripts = append(list.Scripts, scriptTags(script, names))
		}
	}
	list.Tags = []TagCount{}
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		list.Tags = append(list.Tags, *counts[key])
	}
	slices.SortStableFunc(list.Scripts, func(a, b ScriptTags) int { return cmp.Compare(a.ScriptID, b.ScriptID) })
	return list, nil
}

func scriptTags(script domain.Script, own []string) ScriptTags {
	tags := ScriptTags{ScriptID: script.ID, System: script.Tags, Own: own}
	if tags.System == nil {
		tags.System = []string{}
	}
	if tags.Own == nil {
		tags.Own = []string{}
	}
	return tags
}

// Of gives the tags of one script. It fails with CodeNotFound.
func (t *Tags) Of(ctx context.Context, r ScriptRequest) (ScriptTags, error) {
	w, err := t.c.require(ctx, "Tags.Of")
	if err != nil {
		return ScriptTags{}, err
	}
	script, err := t.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return ScriptTags{}, err
	}
	return t.of(ctx, w, script)
}

func (t *Tags) of(ctx context.Context, w who, script domain.Script) (ScriptTags, error) {
	own, err := t.c.app.engine.OwnTags(ctx, w.User.ID)
	return scriptTags(script, own[script.ID]), err
}

// ChangeTagsRequest names tags to add to the own ones of a script, and such to
// take away; both may name what is so already.
type ChangeTagsRequest struct {
	ScriptID domain.ScriptID `json:"script_id"`
	Add      []string        `json:"add,omitempty"`
	Remove   []string        `json:"remove,omitempty"`
}

// mostTagsGiven bounds what one call may name.
const mostTagsGiven = 1000

// Change adds own tags and takes such away; all of it or, where something is
// wrong, nothing. It fails with CodeNotFound and CodeInvalid (tags, each of
// those that cannot be added by its name).
func (t *Tags) Change(ctx context.Context, r ChangeTagsRequest) (ScriptTags, error) {
	w, err := t.c.requirePerson(ctx, "Tags.Change")
	if err != nil {
		return ScriptTags{}, err
	}
	script, err := t.c.script(ctx, w, r.ScriptID)
	if err != nil {
		return ScriptTags{}, err
	}
	if len(r.Add) > mostTagsGiven || len(r.Remove) > mostTagsGiven {
		return ScriptTags{}, domain.NewError(domain.CodeLimitReached, "limit", "tags", "value", mostTagsGiven)
	}
	if err := t.c.app.engine.ChangeTags(ctx, w.User.ID, script, r.Add, r.Remove); err != nil {
		return ScriptTags{}, err
	}
	return t.of(ctx, w, script)
}

// RenameTagRequest gives an own tag another name.
type RenameTagRequest struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// TagRequest names an own tag.
type TagRequest struct {
	Name string `json:"name"`
}

// TagChange tells what a change of an own tag on all scripts came to.
type TagChange struct {
	Scripts int `json:"scripts"` // that the person may see now
}

// Rename gives an own tag another name on all scripts; where one has both, they
// become one. It fails with CodeInvalid (name) and CodeNotFound.
func (t *Tags) Rename(ctx context.Context, r RenameTagRequest) (TagChange, error) {
	w, err := t.c.requirePerson(ctx, "Tags.Rename")
	if err != nil {
		return TagChange{}, err
	}
	scripts, err := t.c.app.engine.RenameTag(ctx, w.User.ID, strings.TrimSpace(r.From), r.To)
	if err != nil {
		return TagChange{}, err
	}
	return t.changed(ctx, w, scripts)
}

// Remove takes an own tag away from all scripts. It fails with CodeNotFound.
func (t *Tags) Remove(ctx context.Context, r TagRequest) (TagChange, error) {
	w, err := t.c.requirePerson(ctx, "Tags.Remove")
	if err != nil {
		return TagChange{}, err
	}
	scripts, err := t.c.app.engine.RemoveTag(ctx, w.User.ID, strings.TrimSpace(r.Name))
	if err != nil {
		return TagChange{}, err
	}
	return t.changed(ctx, w, scripts)
}

// changed counts those of the scripts that the person may see: the others are
// as if they were not there.
func (t *Tags) changed(ctx context.Context, w who, scripts []domain.ScriptID) (TagChange, error) {
	visible, err := (&Scripts{t.c}).visible(ctx, w, "")
	change := TagChange{}
	for _, script := range visible {
		if slices.Contains(scripts, script.ID) {
			change.Scripts++
		}
	}
	return change, err
}
