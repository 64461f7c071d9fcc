package desktop

import (
	"slices"
	"testing"

	"scriptsmanager/backend/domain"
)

// Before it quits, the application names what that stops, and nothing else. WIN-1
func TestQuittingNamesWhatItStops(t *testing.T) {
	live := []domain.Execution{
		{ID: "page", ScriptID: "g/page", State: domain.StateRunning, HasPage: true},
		{ID: "no page", ScriptID: "g/none", State: domain.StateRunning},
		{ID: "kept on", ScriptID: "g/page", State: domain.StateRunning, HasPage: true, AlwaysOn: 3},
		{ID: "background", ScriptID: "g/background", State: domain.StateRunning, HasPage: true},
		{ID: "proposes it", ScriptID: "g/always", State: domain.StateRunning, HasPage: true},
		{ID: "waits", ScriptID: "g/background", State: domain.StateQueued, HasPage: true},
	}
	scripts := map[domain.ScriptID]domain.Script{
		"g/background": {Background: true}, "g/always": {AlwaysOn: true},
	}
	var got []string
	for _, x := range ending(live, func(id domain.ScriptID) domain.Script { return scripts[id] }) {
		got = append(got, x.ID)
	}
	if want := []string{"page", "waits"}; !slices.Equal(got, want) {
		t.Errorf("it names %q, want %q", got, want)
	}
}
