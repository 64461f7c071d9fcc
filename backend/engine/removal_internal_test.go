package engine

import (
	"errors"
	"testing"

	"scriptsmanager/backend/domain"
)

// Who could not be deleted is not as before: that is said. USR-6
func TestNotDeletedSaysWhatWasDone(t *testing.T) {
	err := domain.AsError(notDeleted(domain.NewError(domain.CodeUserRuns, "name", "bob", "count", 2), 3))
	if err == nil || err.Code != domain.CodeUserNotDeleted || err.Params["name"] != "bob" || err.Params["count"] != 2 || err.Params["always_on"] != 3 {
		t.Errorf("%+v", err)
	}
	other := errors.New("disk")
	if got := notDeleted(other, 3); !errors.Is(got, other) {
		t.Errorf("another failure: %v", got)
	}
}
