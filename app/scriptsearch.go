package app

import (
	"context"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/find"
)

// ScriptSearchRequest says what to look for in the scripts that the person may
// see: names, tags, descriptions and parameters' labels in all languages, and
// documentation.
type ScriptSearchRequest struct {
	Text     string          `json:"text"` // all of its words must be there
	GroupID  string          `json:"group_id,omitempty"`
	Tags     []string        `json:"tags,omitempty"`     // all of them, of the script or the person's own
	AnyTag   bool            `json:"any_tag,omitempty"`  // one of them is enough
	Level    domain.Level    `json:"level,omitempty"`    // that the script asks for
	Category string          `json:"category,omitempty"` // the script's
	Language domain.Language `json:"language,omitempty"` // in which names are marked; "" is the person's
	Limit    int             `json:"limit,omitempty"`    // 1 to 200; 0 is 20
}

// ScriptSearchHit is a script that was found.
type ScriptSearchHit struct {
	ScriptID  domain.ScriptID `json:"script_id"`
	GroupID   string          `json:"group_id"`
	GroupName domain.Text     `json:"group_name"`
	Name      []find.Part     `json:"name"` // in the language, with what was looked for marked
	// Matches are the places where those words are that the name does not have;
	// one in a document may be without parts, below the best hits.
	Matches []find.Match `json:"matches"`
}

// ScriptSearchResult is what a search has found, the best first.
type ScriptSearchResult struct {
	Hits  []ScriptSearchHit `json:"hits"`
	Total int               `json:"total"`
}

const (
	usualHits = 20
	mostHits  = 200
)

// Search looks for scripts (SPEC TAG-2, UI-3, UI-6). A text without words finds
// none.
func (s *Scripts) Search(ctx context.Context, r ScriptSearchRequest) (ScriptSearchResult, error) {
	w, err := s.c.require(ctx, "Scripts.Search")
	if err != nil {
		return ScriptSearchResult{}, err
	}
	if r.Language == "" {
		r.Language = w.User.Language
	}
	if r.Limit <= 0 {
		r.Limit = usualHits
	}
	if len(r.Tags) > mostTagsGiven {
		return ScriptSearchResult{}, domain.NewError(domain.CodeLimitReached, "limit", "tags", "value", mostTagsGiven)
	}
	found, total, err := s.c.app.engine.FindScripts(ctx, w.User, r.Language,
		find.Query{Text: r.Text, Limit: min(r.Limit, mostHits)},
		engine.ScriptFilter{GroupID: r.GroupID, Tags: r.Tags, AnyTag: r.AnyTag, Level: r.Level, Category: r.Category})
	result := ScriptSearchResult{Hits: make([]ScriptSearchHit, len(found)), Total: total}
	for i, f := range found {
		result.Hits[i] = ScriptSearchHit{
			ScriptID: f.Entry.Script.ID, GroupID: f.Entry.Script.GroupID, GroupName: f.Entry.GroupName, Name: f.Name, Matches: f.Matches,
		}
	}
	return result, err
}
