package domain

// MissingModule is a module that a script imports and an environment does not
// have.
type MissingModule struct {
	Module   string `json:"module"`   // the top-level name
	Package  string `json:"package"`  // what to install to get it, as PyPI calls it; "" where Python itself should have it
	Conda    string `json:"conda"`    // the same, as conda calls it
	File     string `json:"file"`     // the script or a module beside it
	Line     int    `json:"line"`     // 1-based
	Optional bool   `json:"optional"` // the script is ready for its absence
	Standard bool   `json:"standard"` // a part of Python that this one was built without or has no more
}

// ImportProblem says why a script, or a module beside it, could not be read
// for its imports.
type ImportProblem struct {
	Kind   string `json:"kind"` // ImportSyntax, ImportEncoding, ImportUnreadable or ImportTooLarge
	File   string `json:"file"`
	Line   int    `json:"line"` // 1-based, 0 is not known
	Detail string `json:"detail"`
}

// Kinds of ImportProblem. What a person reads stands under "imports.<kind>".
const (
	ImportSyntax     = "syntax"     // Python of this version cannot parse it
	ImportEncoding   = "encoding"   // bytes that are no text
	ImportUnreadable = "unreadable" // it cannot be opened
	ImportTooLarge   = "too_large"  // or nested too deeply
)
