package domain

// Level is what an account may do (SPEC USR-2): admin > developer > operator > viewer.
type Level string

// The four levels, lowest first.
const (
	LevelViewer    Level = "viewer"
	LevelOperator  Level = "operator"
	LevelDeveloper Level = "developer"
	LevelAdmin     Level = "admin"
)

// Levels lists all levels, lowest first.
func Levels() []Level {
	return []Level{LevelViewer, LevelOperator, LevelDeveloper, LevelAdmin}
}

func (l Level) rank() int {
	for i, known := range Levels() {
		if l == known {
			return i
		}
	}
	return -1
}

// Valid tells whether l is one of the four levels.
func (l Level) Valid() bool { return l.rank() >= 0 }

// AtLeast tells whether l is the same as or above other. An unknown level is
// below all.
func (l Level) AtLeast(other Level) bool {
	return l.Valid() && other.Valid() && l.rank() >= other.rank()
}

// ParseLevel reads a level's name. It fails with CodeLevelUnknown.
func ParseLevel(s string) (Level, error) {
	if l := Level(s); l.Valid() {
		return l, nil
	}
	return "", NewError(CodeLevelUnknown, "level", s)
}
