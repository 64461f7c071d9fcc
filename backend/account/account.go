package account

import (
	"context"
	"fmt"
	"net/mail"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

const (
	maximumName  = 50  // as the column
	maximumText  = 100 // display name and e-mail, as the columns
	freeAttempts = 3
	longestWait  = 5 * time.Minute
)

// dummyHash is compared with where there is no account, so that the answer
// takes as long. Nobody knows a password for it.
const dummyHash = "$2a$12$t8XlgINX85vOCROnicsq0OKnJTi30viayyXDV6kjfmhUEUqWcOgde"

// Store is what accounts need of the store; its methods fail as *store.Store's.
type Store interface {
	CreateUser(ctx context.Context, a store.Actor, n store.NewUser) (domain.User, error)
	UserByName(ctx context.Context, name string) (user domain.User, passwordHash string, err error)
	User(ctx context.Context, id int64) (domain.User, error)
	UpdateUser(ctx context.Context, a store.Actor, id int64, c store.UserChange) (domain.User, error)
	TouchLogin(ctx context.Context, id int64, t time.Time) error
	RightPassword(ctx context.Context, id int64) error
	UnlockUser(ctx context.Context, a store.Actor, id int64) (domain.User, error)
}

// Options of Accounts; the zero value of a field means the usual.
type Options struct {
	Now          func() time.Time
	Cost         int           // of bcrypt, 12; tests take the least
	FreeAttempts int           // wrong passwords before waiting begins, 3
	LongestWait  time.Duration // five minutes
}

// Accounts makes, changes and checks accounts. Its methods may be called at
// the same time.
type Accounts struct {
	store    Store
	now      func() time.Time
	cost     int
	dummy    string
	throttle *throttle     // of sign-ins, by name
	changes  *throttle     // of changes of one's own password, by name
	slots    chan struct{} // hashing takes a processor for a quarter of a second
}

// New makes Accounts.
func New(s Store, o Options) (*Accounts, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cost == 0 {
		o.Cost = defaultCost
	}
	if o.FreeAttempts == 0 {
		o.FreeAttempts = freeAttempts
	}
	if o.LongestWait == 0 {
		o.LongestWait = longestWait
	}
	dummy := dummyHash
	if o.Cost != defaultCost {
		hash, err := bcrypt.GenerateFromPassword([]byte("nobody's password"), o.Cost)
		if err != nil {
			return nil, fmt.Errorf("prepare accounts: %w", err)
		}
		dummy = string(hash)
	}
	slow := func() *throttle {
		return &throttle{now: o.Now, free: o.FreeAttempts, longest: o.LongestWait, names: map[string]guesses{}}
	}
	return &Accounts{
		store: s, now: o.Now, cost: o.Cost, dummy: dummy, slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		throttle: slow(), changes: slow(),
	}, nil
}

// SetThrottle changes how many wrong passwords are free and how long the wait
// after more may become; who waits already, waits on.
func (a *Accounts) SetThrottle(freeAttempts int, longestWait time.Duration) {
	for _, t := range []*throttle{a.throttle, a.changes} {
		t.mutex.Lock()
		t.free, t.longest = freeAttempts, longestWait
		t.mutex.Unlock()
	}
}

// NewAccount is what a new account is asked for.
type NewAccount struct {
	Name        string
	DisplayName string // "": the name
	Email       string // "": <name>@localhost
	Password    string
	Level       domain.Level
	Language    domain.Language // "": English
	Theme       domain.Theme    // "": light
}

// SignIn checks a name and a password and notes the time. It fails with
// CodeSignInFailed for an unknown, inactive or locked account and a wrong
// password alike, and with CodeSignInWait after too many wrong ones.
func (a *Accounts) SignIn(ctx context.Context, name, password string) (domain.User, error) {
	name = NormalName(name)
	user, err := a.check(ctx, name, password)
	if err != nil {
		return domain.User{}, err
	}
	now := a.now().UTC()
	if err := a.store.TouchLogin(ctx, user.ID, now); err != nil {
		return domain.User{}, err
	}
	user.LastLogin = &now
	return user, nil
}

func (a *Accounts) check(ctx context.Context, name, password string) (domain.User, error) {
	key := strings.ToLower(name)
	if len(key) > 4*maximumName { // no such account; nor may it fill the memory
		key = key[:4*maximumName]
	}
	if err := a.throttle.begin(key); err != nil {
		return domain.User{}, err
	}
	user, hash, err := a.store.UserByName(ctx, name)
	unknown := domain.HasCode(err, domain.CodeNotFound)
	if err != nil && !unknown {
		return domain.User{}, err
	}
	if unknown {
		hash = a.dummy
	}
	right, err := a.matches(ctx, hash, password)
	if err != nil {
		return domain.User{}, err
	}
	if !right || unknown || !user.Active || user.LockedAt != nil {
		return domain.User{}, domain.NewError(domain.CodeSignInFailed)
	}
	a.throttle.right(key)
	return user, a.store.RightPassword(ctx, user.ID)
}

// checkOwn checks the password of who is signed in.
func (a *Accounts) checkOwn(ctx context.Context, user domain.User, password string) error {
	key := strings.ToLower(user.Name)
	if err := a.changes.begin(key); err != nil {
		return err
	}
	now, hash, err := a.store.UserByName(ctx, user.Name)
	if err != nil {
		return err
	}
	right, err := a.matches(ctx, hash, password)
	if err != nil {
		return err
	}
	if !right || now.ID != user.ID || !now.Active {
		return domain.NewError(domain.CodeSignInFailed)
	}
	a.changes.right(key)
	return nil
}

// matches tells whether a password is the one of a hash. It takes as long where
// it is not.
func (a *Accounts) matches(ctx context.Context, hash, password string) (bool, error) {
	if err := a.takeSlot(ctx); err != nil {
		return false, err
	}
	wrong := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	<-a.slots
	return wrong == nil && len(password) <= maximumPassword, nil
}

func (a *Accounts) takeSlot(ctx context.Context) error {
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("check password: %w", ctx.Err())
	}
}

func (a *Accounts) hash(ctx context.Context, password string) (string, error) {
	if err := a.takeSlot(ctx); err != nil {
		return "", err
	}
	defer func() { <-a.slots }()
	return hashPassword(password, a.cost)
}

// Add makes an account. It fails with CodeNameInvalid, CodeNameTaken,
// CodeNameAlike, as CheckPassword, with CodeLevelUnknown, and
// CodeInvalid with fields "email", "display_name", "language", "theme".
func (a *Accounts) Add(ctx context.Context, actor store.Actor, n NewAccount) (domain.User, error) {
	n.Name = normal(n.Name)
	if !validName(n.Name) {
		return domain.User{}, domain.NewError(domain.CodeNameInvalid, "name", n.Name)
	}
	if _, err := domain.ParseLevel(string(n.Level)); err != nil {
		return domain.User{}, err
	}
	if n.DisplayName = normal(n.DisplayName); n.DisplayName == "" {
		n.DisplayName = n.Name
	}
	if n.Email = strings.TrimSpace(n.Email); n.Email == "" {
		n.Email = n.Name + "@localhost"
	}
	if n.Language == "" {
		n.Language = domain.English
	}
	if n.Theme == "" {
		n.Theme = domain.ThemeLight
	}
	if err := validFields(&n.DisplayName, &n.Email, &n.Language, &n.Theme); err != nil {
		return domain.User{}, err
	}
	if err := CheckPassword(n.Password, n.Name, n.DisplayName, n.Email); err != nil {
		return domain.User{}, err
	}
	hash, err := a.hash(ctx, n.Password)
	if err != nil {
		return domain.User{}, err
	}
	return a.store.CreateUser(ctx, actor, store.NewUser{
		Alike: func(other string) bool { return alike(n.Name, other) },
		Name:  n.Name, DisplayName: n.DisplayName, Email: n.Email, PasswordHash: hash, Level: n.Level, Language: n.Language, Theme: n.Theme,
	})
}

// Change holds what is to change of an account; nil stays.
type Change struct {
	Revision    int64 // the one that it is made upon; 0 is any
	DisplayName *string
	Email       *string
	Level       *domain.Level
	Language    *domain.Language
	Theme       *domain.Theme
	Active      *bool
	Password    *string
}

// Change changes an account, all or nothing. It fails with CodeNotFound,
// CodeUserConflict where it has another revision,
// CodeLevelUnknown, CodeLastAdmin, CodeInvalid as Add, and as CheckPassword.
func (a *Accounts) Change(ctx context.Context, actor store.Actor, userID int64, c Change) (domain.User, error) {
	if c.Level != nil {
		if _, err := domain.ParseLevel(string(*c.Level)); err != nil {
			return domain.User{}, err
		}
	}
	if c.DisplayName != nil {
		name := normal(*c.DisplayName)
		c.DisplayName = &name
	}
	if err := validFields(c.DisplayName, c.Email, c.Language, c.Theme); err != nil {
		return domain.User{}, err
	}
	change := store.UserChange{
		DisplayName: c.DisplayName, Email: c.Email, Level: c.Level, Language: c.Language, Theme: c.Theme, Active: c.Active,
		Revision: c.Revision,
	}
	if c.Password != nil {
		hash, err := a.newPassword(ctx, userID, c)
		if err != nil {
			return domain.User{}, err
		}
		change.PasswordHash = &hash
	}
	user, err := a.store.UpdateUser(ctx, actor, userID, change)
	if err == nil && c.Password != nil {
		a.throttle.right(strings.ToLower(user.Name)) // wrong ones were for the old one
	}
	return user, err
}

// newPassword checks the password of a change against the account as it will
// be, and gives its hash.
func (a *Accounts) newPassword(ctx context.Context, userID int64, c Change) (string, error) {
	user, err := a.store.User(ctx, userID)
	if err != nil {
		return "", err
	}
	about := []string{user.Name, user.DisplayName, user.Email}
	for _, text := range []*string{c.DisplayName, c.Email} {
		if text != nil {
			about = append(about, *text)
		}
	}
	if err := CheckPassword(*c.Password, about...); err != nil {
		return "", err
	}
	return a.hash(ctx, *c.Password)
}

// Preferences are what people choose for themselves; nil stays.
type Preferences struct {
	Language *domain.Language
	Theme    *domain.Theme
}

// SetPreferences keeps what a person chose. It fails as Change.
func (a *Accounts) SetPreferences(ctx context.Context, actor store.Actor, userID int64, p Preferences) (domain.User, error) {
	return a.Change(ctx, actor, userID, Change{Language: p.Language, Theme: p.Theme})
}

// ChangePassword changes a person's own password, also while wrong ones of
// others slow sign-ins down or have locked the account: whoever changes it is
// signed in. It fails with CodeSignInFailed or CodeSignInWait where the old one
// is wrong, and as SetPassword, and with CodePasswordSame for the old one again.
func (a *Accounts) ChangePassword(ctx context.Context, actor store.Actor, userID int64, old, password string) error {
	user, err := a.store.User(ctx, userID)
	if err != nil {
		return err
	}
	if err := a.checkOwn(ctx, user, old); err != nil {
		return err
	}
	if old == password {
		return domain.NewError(domain.CodePasswordSame)
	}
	return a.SetPassword(ctx, actor, userID, password)
}

// SetPassword changes a password without asking for the old one. It fails
// with CodeNotFound, and as CheckPassword.
func (a *Accounts) SetPassword(ctx context.Context, actor store.Actor, userID int64, password string) error {
	_, err := a.Change(ctx, actor, userID, Change{Password: &password})
	return err
}

// Unlock lets an account sign in again that wrong passwords have locked or
// slowed down. It fails with CodeNotFound.
func (a *Accounts) Unlock(ctx context.Context, actor store.Actor, userID int64) (domain.User, error) {
	user, err := a.store.UnlockUser(ctx, actor, userID)
	if err == nil {
		a.throttle.right(strings.ToLower(user.Name))
	}
	return user, err
}

// NormalName is the name that is looked for when this one was typed.
func NormalName(name string) string { return normal(name) }

// normal: the same letters may come in several forms of Unicode.
func normal(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// validName: letters and digits of any alphabet, ".", "_" and "-", beginning
// with a letter or a digit, at most 50. Letters that nobody sees are none.
func validName(name string) bool {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maximumName {
		return false
	}
	for i, r := range name {
		inside := i > 0 && (r == '.' || r == '_' || r == '-')
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !inside || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
			return false
		}
	}
	return true
}

func validFields(display, email *string, language *domain.Language, theme *domain.Theme) error {
	fields := map[string]*domain.Error{}
	check := func(field string, ok bool) {
		if !ok {
			fields[field] = domain.NewError(domain.CodeInvalid)
		}
	}
	if display != nil {
		check("display_name", *display != "" && utf8.ValidString(*display) && utf8.RuneCountInString(*display) <= maximumText &&
			!strings.ContainsFunc(*display, unicode.IsControl))
	}
	if email != nil {
		address, err := mail.ParseAddress(*email)
		check("email", err == nil && address.Address == *email && utf8.RuneCountInString(*email) <= maximumText)
	}
	check("language", language == nil || language.Valid())
	check("theme", theme == nil || theme.Valid())
	if len(fields) > 0 {
		return &domain.Error{Code: domain.CodeInvalid, Fields: fields}
	}
	return nil
}
