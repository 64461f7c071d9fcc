package app_test

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
)

// Another's project answers exactly as one that is not there.
func TestForeignDataIsAsMissing(t *testing.T) {
	w := newWorld(t)
	project, err := w.engine.ProjectOrDefault(t.Context(), w.other.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	cases := dataCases(t, w, project.ID)
	c := w.client(t, w.users[domain.LevelDeveloper])
	told := func(method, argument string) string {
		_, err := ask[json.RawMessage](t, c, method, json.RawMessage(argument))
		e := domain.AsError(err)
		if e == nil {
			t.Fatalf("%s %s: %v", method, argument, err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	id := func(n string, text string) string { return strings.ReplaceAll(text, n, `"ID"`) }
	foreignID, _ := json.Marshal(project.ID)
	compared := 0
	for _, one := range cases {
		if one.what != "foreign" {
			continue
		}
		foreign := one.argument(domain.User{})
		missing := strings.Replace(foreign, `"project_id":`+string(foreignID), `"project_id":987654`, 1)
		got, want := told(one.method, foreign), told(one.method, missing)
		if got = id(`"`+string(foreignID)+`"`, got); got != id(`"987654"`, want) {
			t.Errorf("%s: another's gives %s, a missing one %s", one.method, got, want)
		}
		compared++
	}
	if compared < 10 {
		t.Errorf("%d methods were compared", compared)
	}
}

// Who is signed out from elsewhere leaves no half file behind.
func TestEndedSessionLeavesNoUpload(t *testing.T) {
	w := newWorld(t)
	u := w.users[domain.LevelOperator]
	c := w.client(t, u)
	up := call[app.DataTransfer](t, c, "Data.Upload", app.DataUploadRequest{GroupID: dataGroup, Path: "a.csv", Size: 5})
	call[app.DataReceived](t, c, "Data.UploadPart", app.DataPartRequest{ID: up.ID, Data: []byte("ab")})
	call[json.RawMessage](t, w.client(t, w.users[domain.LevelAdmin]), "Users.EndSessions", app.UserRequest{UserID: u.ID})
	left, err := os.ReadDir(w.engine.Root().Uploads())
	if err != nil || len(left) != 0 {
		t.Errorf("left of uploads: %v, %v", left, err)
	}
}

// What a client begins while it is closed does not outlive it.
func TestNothingIsBegunBehindTheEnd(t *testing.T) {
	w := newWorld(t)
	u := w.users[domain.LevelOperator]
	project, _ := w.dataFile(t, u, "a.csv", "1;2")
	for range 30 {
		client := w.app.NewClient(app.ClientOptions{Kind: app.ClientBrowser, Owner: true, System: true})
		if err := client.ActAs(t.Context(), u.Name); err != nil {
			t.Fatal(err)
		}
		c := door.NewLocal(client)
		var works sync.WaitGroup
		begun := make(chan struct{}, 2)
		until := func(end func() error) {
			for first := true; end() == nil; first = false {
				if first {
					begun <- struct{}{}
				}
			}
		}
		works.Go(func() {
			until(func() error {
				_, err := ask[json.RawMessage](t, c, "Data.Watch", app.DataWatchRequest{GroupID: dataGroup, Paths: []string{""}})
				return err
			})
		})
		works.Go(func() {
			until(func() error {
				up, err := ask[app.DataTransfer](t, c, "Data.Upload", app.DataUploadRequest{GroupID: dataGroup, Path: "b.csv", Size: 5})
				if err == nil {
					_, err = ask[json.RawMessage](t, c, "Data.TransferEnd", app.DataTransferRequest{ID: up.ID})
				}
				return err
			})
		})
		<-begun
		<-begun
		client.Close()
		works.Wait()
		if w.engine.WatchesData(client.ID(), domain.DataEvent{ProjectID: project, GroupID: dataGroup, Paths: []string{""}}) {
			t.Fatal("a client that has gone goes on to watch a folder")
		}
	}
	left, err := os.ReadDir(w.engine.Root().Uploads())
	if err != nil || len(left) != 0 {
		t.Errorf("left of uploads: %v, %v", left, err)
	}
}
