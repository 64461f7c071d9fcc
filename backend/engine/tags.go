package engine

import (
	"context"
	"slices"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/tag"
)

// TagRules are those that the tags of people follow now.
func (e *Engine) TagRules() tag.Rules {
	c := e.Config().Tagging
	return tag.Rules{Most: c.MaxTagsPerScript, Longest: c.MaxTagLength, Any: c.AllowedTagChars == "any"}
}

// SuggestTags tells whether tags are offered while one types.
func (e *Engine) SuggestTags() bool { return e.Config().Tagging.EnableTagSuggestions }

// OwnTags gives a user's own tags by script, of scripts that are gone, too.
func (e *Engine) OwnTags(ctx context.Context, userID int64) (map[domain.ScriptID][]string, error) {
	texts, err := e.store.UserTags(ctx, userID)
	tags := make(map[domain.ScriptID][]string, len(texts))
	for script, text := range texts {
		tags[script] = tag.Split(text)
	}
	return tags, err
}

// ChangeTags adds tags to a user's own ones of a script and takes others away.
// It fails with CodeInvalid (tags, each by its own field).
func (e *Engine) ChangeTags(ctx context.Context, userID int64, script domain.Script, add, remove []string) error {
	rules := e.TagRules()
	changed := false
	err := e.store.ChangeUserTags(context.WithoutCancel(ctx), userID, script.ID, func(text string) (string, error) {
		now, err := rules.Change(tag.Split(text), script.Tags, add, remove)
		after := tag.Join(now)
		changed = after != text
		return after, err
	})
	if domain.HasCode(err, domain.CodeInvalid) {
		return &domain.Error{Code: domain.CodeInvalid, Fields: map[string]*domain.Error{"tags": domain.AsError(err)}}
	}
	if err == nil && changed {
		e.tagsChanged(userID)
	}
	return err
}

// RenameTag gives one of a user's own tags another name wherever he gave it;
// where a script has both, they become one, and where it has that name by its
// metadata, the own tag goes. It gives the scripts. It fails with CodeInvalid
// (name) and CodeNotFound.
func (e *Engine) RenameTag(ctx context.Context, userID int64, from, to string) ([]domain.ScriptID, error) {
	name, err := e.TagRules().Check(to)
	if err != nil {
		return nil, domain.NewError(domain.CodeInvalid).With("name", domain.AsError(err))
	}
	scripts, err := e.store.Scripts(ctx, "")
	if err != nil {
		return nil, err
	}
	system := map[domain.ScriptID]bool{}
	for i := range scripts {
		system[scripts[i].ID] = tag.Index(scripts[i].Tags, name) >= 0
	}
	return e.changeAllTags(ctx, userID, from, func(script domain.ScriptID, has []string) []string {
		if at := tag.Index(has, from); system[script] && tag.Key(from) != tag.Key(name) {
			return slices.Delete(has, at, at+1)
		}
		now, _ := tag.Rename(has, from, name)
		return now
	})
}

// RemoveTag takes one of a user's own tags away wherever he gave it, and gives
// the scripts. It fails with CodeNotFound.
func (e *Engine) RemoveTag(ctx context.Context, userID int64, name string) ([]domain.ScriptID, error) {
	return e.changeAllTags(ctx, userID, name, func(_ domain.ScriptID, has []string) []string {
		at := tag.Index(has, name)
		return append(has[:at], has[at+1:]...)
	})
}

// changeAllTags calls change for the tags of each script that has the one named.
func (e *Engine) changeAllTags(ctx context.Context, userID int64, name string, change func(domain.ScriptID, []string) []string) ([]domain.ScriptID, error) {
	known := false
	scripts, err := e.store.ChangeAllUserTags(context.WithoutCancel(ctx), userID, func(script domain.ScriptID, text string) string {
		has := tag.Split(text)
		if tag.Index(has, name) < 0 {
			return text
		}
		known = true
		return tag.Join(change(script, has))
	})
	if err == nil && !known {
		err = domain.NewError(domain.CodeNotFound, "what", "tag", "name", name)
	}
	if len(scripts) > 0 {
		e.tagsChanged(userID)
	}
	return scripts, err
}

func (e *Engine) tagsChanged(userID int64) {
	e.bus.Publish(domain.Event{Type: domain.EventTagsChanged, UserID: userID})
}
