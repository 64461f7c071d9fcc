package account_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"scriptsmanager/backend/account"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

var system = store.Actor{Kind: store.ActorSystem, Name: "test"}

const password = "correct horse"

var longest = strings.Repeat("six by twelve is ", 4) + "72!!" // bytes

type clock struct {
	mutex sync.Mutex
	t     time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.t = c.t.Add(d)
}

func newAccounts(t *testing.T) (*account.Accounts, *store.Store, *clock) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{t: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)}
	a, err := account.New(s, account.Options{Now: c.now, Cost: bcrypt.MinCost})
	if err != nil {
		t.Fatal(err)
	}
	return a, s, c
}

func add(t *testing.T, a *account.Accounts, n account.NewAccount) domain.User {
	t.Helper()
	if n.Password == "" {
		n.Password = password
	}
	if n.Level == "" {
		n.Level = domain.LevelOperator
	}
	u, err := a.Add(t.Context(), system, n)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantCode(t *testing.T, err error, code domain.Code) *domain.Error {
	t.Helper()
	if !domain.HasCode(err, code) {
		t.Fatalf("error %v, want code %s", err, code)
	}
	return domain.AsError(err)
}

func TestHashPassword(t *testing.T) { // USR-1
	for _, c := range []struct {
		password string
		code     domain.Code
	}{
		{"1234567", domain.CodePasswordShort},
		{"ééééééé", domain.CodePasswordShort},
		{strings.Repeat("x", 73), domain.CodePasswordLong},
		{strings.Repeat("é", 37), domain.CodePasswordLong},
	} {
		_, err := account.HashPassword(c.password)
		wantCode(t, err, c.code)
	}
	hash, err := account.HashPassword("8 plates")
	if err != nil {
		t.Fatal(err)
	}
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost != 12 {
		t.Errorf("cost %d, %v", cost, err)
	}
}

func TestAdd(t *testing.T) { // USR-1
	a, _, _ := newAccounts(t)
	u := add(t, a, account.NewAccount{Name: " Ann "})
	if u.Name != "Ann" || u.DisplayName != "Ann" || u.Email != "Ann@localhost" || u.Language != domain.English || u.Theme != domain.ThemeLight || !u.Active {
		t.Errorf("made %+v", u)
	}
	full := account.NewAccount{Name: "zoë.m-2", DisplayName: "Zoë Müller", Email: "zoe@example.com", Level: domain.LevelAdmin, Language: domain.French, Theme: domain.ThemeDark}
	if u := add(t, a, full); u.Name != full.Name || u.DisplayName != full.DisplayName || u.Email != full.Email || u.Level != full.Level || u.Language != full.Language || u.Theme != full.Theme {
		t.Errorf("made %+v", u)
	}
	for name, c := range map[string]struct {
		n     account.NewAccount
		code  domain.Code
		field string
	}{
		"no name":         {account.NewAccount{}, domain.CodeNameInvalid, ""},
		"space":           {account.NewAccount{Name: "a b"}, domain.CodeNameInvalid, ""},
		"letters unseen":  {account.NewAccount{Name: "ann\u3164"}, domain.CodeNameInvalid, ""}, // Hangul filler
		"only unseen":     {account.NewAccount{Name: "\u115f\u1160\uffa0"}, domain.CodeNameInvalid, ""},
		"slash":           {account.NewAccount{Name: "a/b"}, domain.CodeNameInvalid, ""},
		"dots":            {account.NewAccount{Name: ".."}, domain.CodeNameInvalid, ""},
		"invalid UTF-8":   {account.NewAccount{Name: "a\xff"}, domain.CodeNameInvalid, ""},
		"too long":        {account.NewAccount{Name: strings.Repeat("x", 51)}, domain.CodeNameInvalid, ""},
		"taken":           {account.NewAccount{Name: "ANN"}, domain.CodeNameTaken, ""},
		"taken composed":  {account.NewAccount{Name: "zoe\u0308.m-2"}, domain.CodeNameTaken, ""},
		"unknown level":   {account.NewAccount{Name: "x", Level: "root"}, domain.CodeLevelUnknown, ""},
		"short password":  {account.NewAccount{Name: "x", Password: "short"}, domain.CodePasswordShort, ""},
		"long password":   {account.NewAccount{Name: "x", Password: strings.Repeat("x", 80)}, domain.CodePasswordLong, ""},
		"email":           {account.NewAccount{Name: "x", Email: "nowhere"}, domain.CodeInvalid, "email"},
		"email with name": {account.NewAccount{Name: "x", Email: "X <x@y.z>"}, domain.CodeInvalid, "email"},
		"email taken":     {account.NewAccount{Name: "x", Email: "zoe@example.com"}, domain.CodeInvalid, "email"},
		"display name":    {account.NewAccount{Name: "x", DisplayName: "a\nb"}, domain.CodeInvalid, "display_name"},
		"language":        {account.NewAccount{Name: "x", Language: "de"}, domain.CodeInvalid, "language"},
		"theme":           {account.NewAccount{Name: "x", Theme: "pink"}, domain.CodeInvalid, "theme"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.n.Password == "" {
				c.n.Password = password
			}
			if c.n.Level == "" {
				c.n.Level = domain.LevelOperator
			}
			_, err := a.Add(t.Context(), system, c.n)
			e := wantCode(t, err, c.code)
			if c.field != "" && e.Fields[c.field] == nil {
				t.Errorf("fields %v, want %s", e.Fields, c.field)
			}
		})
	}
}

func TestSignIn(t *testing.T) { // USR-1
	a, s, clock := newAccounts(t)
	ctx := t.Context()
	ann := add(t, a, account.NewAccount{Name: "Ann"})
	bob := add(t, a, account.NewAccount{Name: "bob", Password: longest})
	off := false
	if _, err := a.Change(ctx, system, bob.ID, account.Change{Active: &off}); err != nil {
		t.Fatal(err)
	}
	u, err := a.SignIn(ctx, " aNN ", password)
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != ann.ID || u.LastLogin == nil || !u.LastLogin.Equal(clock.now()) {
		t.Errorf("signed in %+v", u)
	}
	if stored, err := s.User(ctx, ann.ID); err != nil || stored.LastLogin == nil || !stored.LastLogin.Equal(clock.now()) {
		t.Errorf("last login of %+v, %v", stored, err)
	}
	var texts []string
	for _, c := range []struct{ name, password string }{
		{"nobody", password},
		{"bob", longest},
		{"ann", "wrong password"},
		{"ann", ""},
		{"", ""},
		{"ann\x00", password},
		{"bob", strings.Repeat("x", 73)},
		{strings.Repeat("n", 100000), password},
	} {
		_, err := a.SignIn(ctx, c.name, c.password)
		texts = append(texts, wantCode(t, err, domain.CodeSignInFailed).Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("answers differ: %q and %q", text, texts[0])
		}
	}
}

func TestSignInTakesAsLongForUnknownNames(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "scriptsmanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	a, err := account.New(s, account.Options{}) // the real cost
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = a.SignIn(t.Context(), "nobody", password)
	wantCode(t, err, domain.CodeSignInFailed)
	// Cost 12 is 4,096 rounds, tens of milliseconds on any computer; without
	// the comparison it is one query.
	if d := time.Since(start); d < 20*time.Millisecond {
		t.Errorf("answer for an unknown name after %s", d)
	}
}

func TestWaiting(t *testing.T) { // USR-4
	a, _, clock := newAccounts(t)
	ctx := t.Context()
	add(t, a, account.NewAccount{Name: "ann"})
	add(t, a, account.NewAccount{Name: "bob"})
	for range 2 {
		_, err := a.SignIn(ctx, "ann", "wrong one")
		wantCode(t, err, domain.CodeSignInFailed)
	}
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Fatal("after two wrong ones the right one fails: ", err)
	}
	for range 3 {
		_, err := a.SignIn(ctx, "ann", "wrong one")
		wantCode(t, err, domain.CodeSignInFailed)
	}
	for _, want := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		for _, p := range []string{password, "wrong one"} {
			_, err := a.SignIn(ctx, "ANN", p)
			if e := wantCode(t, err, domain.CodeSignInWait); e.Params["seconds"] != want {
				t.Fatalf("wait %v, want %d", e.Params["seconds"], want)
			}
		}
		clock.add(time.Duration(want) * time.Second)
		_, err := a.SignIn(ctx, "ann", "wrong one")
		wantCode(t, err, domain.CodeSignInFailed)
	}
	if _, err := a.SignIn(ctx, "bob", password); err != nil {
		t.Error("another name waits too: ", err)
	}
	clock.add(301 * time.Second)
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Error("after the wait the right one fails: ", err)
	}
	for i := range 4 {
		if i == 3 {
			clock.add(11 * time.Minute) // long ago counts no more
		}
		_, err := a.SignIn(ctx, "ann", "wrong one")
		wantCode(t, err, domain.CodeSignInFailed)
	}
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Error("old wrong ones still count: ", err)
	}
}

func TestManyGuessesAtOnce(t *testing.T) {
	a, _, _ := newAccounts(t)
	add(t, a, account.NewAccount{Name: "ann"})
	var wg sync.WaitGroup
	var mutex sync.Mutex
	codes := map[domain.Code]int{}
	for i := range 20 {
		wg.Go(func() {
			_, err := a.SignIn(t.Context(), "ann", fmt.Sprint("wrong guess ", i))
			mutex.Lock()
			defer mutex.Unlock()
			codes[domain.AsError(err).Code]++
		})
	}
	wg.Wait()
	if want := (map[domain.Code]int{domain.CodeSignInFailed: 3, domain.CodeSignInWait: 17}); !reflect.DeepEqual(codes, want) {
		t.Errorf("answers %v, want %v", codes, want)
	}
}

func TestChange(t *testing.T) { // USR-5, USR-6
	a, _, _ := newAccounts(t)
	ctx := t.Context()
	u := add(t, a, account.NewAccount{Name: "ann"})
	italian, dark := domain.Italian, domain.ThemeDark
	got, err := a.SetPreferences(ctx, system, u.ID, account.Preferences{Language: &italian, Theme: &dark})
	if err != nil || got.Language != italian || got.Theme != dark || got.Level != u.Level {
		t.Errorf("preferences %+v, %v", got, err)
	}
	badLevel, badTheme, badEmail := domain.Level("root"), domain.Theme("pink"), "x"
	_, err = a.Change(ctx, system, u.ID, account.Change{Level: &badLevel})
	wantCode(t, err, domain.CodeLevelUnknown)
	_, err = a.Change(ctx, system, u.ID, account.Change{Theme: &badTheme, Email: &badEmail})
	if e := wantCode(t, err, domain.CodeInvalid); e.Fields["theme"] == nil || e.Fields["email"] == nil {
		t.Errorf("fields %v", e.Fields)
	}
	_, err = a.SetPreferences(ctx, system, 99, account.Preferences{})
	wantCode(t, err, domain.CodeNotFound)

	wantCode(t, a.ChangePassword(ctx, system, u.ID, "wrong one", "new password"), domain.CodeSignInFailed)
	wantCode(t, a.ChangePassword(ctx, system, u.ID, password, "new"), domain.CodePasswordShort)
	wantCode(t, a.ChangePassword(ctx, system, 99, password, "new password"), domain.CodeNotFound)
	if err := a.ChangePassword(ctx, system, u.ID, password, "new password"); err != nil {
		t.Fatal(err)
	}
	_, err = a.SignIn(ctx, "ann", password)
	wantCode(t, err, domain.CodeSignInFailed)
	if _, err := a.SignIn(ctx, "ann", "new password"); err != nil {
		t.Error(err)
	}
	if err := a.SetPassword(ctx, system, u.ID, password); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SignIn(ctx, "ann", password); err != nil {
		t.Error(err)
	}
}

// Others' guesses keep nobody who is signed in from another password.
func TestChangePasswordWhileLocked(t *testing.T) { // USR-5
	a, s, _ := newAccounts(t)
	u := add(t, a, account.NewAccount{Name: "ann"})
	for range 4 {
		if _, err := a.SignIn(t.Context(), "ann", "a guess"); err == nil {
			t.Fatal("guessed")
		}
	}
	_, err := a.SignIn(t.Context(), "ann", password)
	wantCode(t, err, domain.CodeSignInWait)
	if locked, err := s.SignInRefused(t.Context(), "ann", store.Refusal{LockAfter: 1}); err != nil || locked == nil {
		t.Fatalf("%+v, %v", locked, err)
	}
	wantCode(t, a.ChangePassword(t.Context(), system, u.ID, "a guess", "new password"), domain.CodeSignInFailed)
	if err := a.ChangePassword(t.Context(), system, u.ID, password, "new password"); err != nil {
		t.Error(err)
	}
	// Guessing here is slowed down, too.
	for range 3 {
		wantCode(t, a.ChangePassword(t.Context(), system, u.ID, "a guess", password), domain.CodeSignInFailed)
	}
	wantCode(t, a.ChangePassword(t.Context(), system, u.ID, "new password", password), domain.CodeSignInWait)
}

func TestCancelledSignIn(t *testing.T) {
	a, _, _ := newAccounts(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.SignIn(ctx, "ann", password); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestPolicy(t *testing.T) { // USR-2: every level against every required level
	const yes, no = true, false
	table := map[domain.Level]map[domain.Level]struct{ see, run bool }{
		domain.LevelViewer:    {"viewer": {yes, no}, "operator": {no, no}, "developer": {no, no}, "admin": {no, no}, "strange": {no, no}, "": {no, no}},
		domain.LevelOperator:  {"viewer": {yes, yes}, "operator": {yes, yes}, "developer": {no, no}, "admin": {no, no}, "strange": {no, no}, "": {no, no}},
		domain.LevelDeveloper: {"viewer": {yes, yes}, "operator": {yes, yes}, "developer": {yes, yes}, "admin": {no, no}, "strange": {no, no}, "": {no, no}},
		domain.LevelAdmin:     {"viewer": {yes, yes}, "operator": {yes, yes}, "developer": {yes, yes}, "admin": {yes, yes}, "strange": {yes, yes}, "": {yes, yes}},
		"unknown":             {"viewer": {no, no}, "operator": {no, no}, "admin": {no, no}},
	}
	var p account.Policy
	for level, required := range table {
		for r, want := range required {
			u, s := domain.User{Level: level, Active: true}, domain.Script{RequiredLevel: r}
			if see, run := p.CanSee(u, s), p.CanRun(u, s); see != want.see || run != want.run {
				t.Errorf("%s, required %q: see %v, run %v; want %+v", level, r, see, run, want)
			}
			u.Active = false
			if p.CanSee(u, s) || p.CanRun(u, s) {
				t.Errorf("inactive %s may do something", level)
			}
		}
	}
}
