package domain

import (
	"path"
	"strings"
	"time"
)

// Group is a folder of scripts. Its id is the folder's name and never changes
// with what is displayed.
type Group struct {
	ID            string `json:"id"`
	Name          Text   `json:"name"`
	Description   Text   `json:"description"`
	Icon          string `json:"icon"` // a Bootstrap icon's name
	Category      string `json:"category"`
	RequiredLevel Level  `json:"required_level"`
	Environment   string `json:"environment"` // as written, else the path that was assigned; "" is the default
	// EnvironmentAssigned: Environment is what a person chose in the
	// application, in the place of what the group's files say.
	EnvironmentAssigned bool      `json:"environment_assigned"`
	ExecutionTimeout    int       `json:"execution_timeout"` // seconds, 0 is none
	AutoDiscovery       bool      `json:"auto_discovery"`
	Problems            []Problem `json:"problems"`
	Path                string    `json:"path"`
	Active              bool      `json:"active"`
	ScriptCount         int       `json:"script_count"`
	DiscoveredAt        time.Time `json:"discovered_at"`
}

// DocumentFile tells by a file's ending whether it may be shown and written as
// a script's documentation: Markdown or text, so that no header or edit opens
// the source of a script, or what the group keeps beside it.
func DocumentFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".txt":
		return true
	}
	return false
}

// ScriptID is "<group>/<file name without .py>", as people type it.
type ScriptID = string

// Script is one .py file that follows the script contract.
type Script struct {
	ID              ScriptID `json:"id"`
	GroupID         string   `json:"group_id"`
	Filename        string   `json:"filename"`
	Path            string   `json:"path"`
	Name            Text     `json:"name"`
	Description     Text     `json:"description"`
	DescriptionLong Text     `json:"description_long"` // path of Markdown by language, relative to the group
	Category        string   `json:"category"`
	Tags            []string `json:"tags"`
	RequiredLevel   Level    `json:"required_level"`
	Environment     string   `json:"environment"` // the script's own, as of a group; "" means the group's
	// EnvironmentAssigned: as of a group.
	EnvironmentAssigned bool              `json:"environment_assigned"`
	Parameters          []Parameter       `json:"parameters"`
	Interface           string            `json:"interface"` // InterfaceWeb or InterfaceNone
	AutoOpenInterface   bool              `json:"auto_open_interface"`
	RequiresParameters  bool              `json:"requires_parameters"`
	ConfirmClose        bool              `json:"confirm_close"`
	Background          bool              `json:"background"`
	AlwaysOn            bool              `json:"always_on"`
	ExecutionTimeout    int               `json:"execution_timeout"` // seconds, 0 is the group's
	FlaskPort           int               `json:"flask_port"`        // a wish; 0 is none
	MemoryLimit         string            `json:"memory_limit"`
	CPULimit            string            `json:"cpu_limit"`
	Network             string            `json:"network"` // full, local, none
	Paths               []string          `json:"paths"`
	Sources             map[string]string `json:"sources"` // field → SourceEdited, file, header, SourceGroup, default
	Problems            []Problem         `json:"problems"`
	Active              bool              `json:"active"`
	ModifiedAt          time.Time         `json:"modified_at"`
	Size                int64             `json:"size"`
}

// SourceEdited is the source of a field that people set in the application.
const SourceEdited = "edited"

// The two kinds of interface.
const (
	InterfaceWeb  = "web"
	InterfaceNone = "none"
)

// Problem is what is wrong in a header or JSON file (SPEC DIS-8).
type Problem struct {
	File    string         `json:"file"` // relative to the group's folder
	Line    int            `json:"line"` // 1-based; 0 where there is no line
	Code    Code           `json:"code"`
	Params  map[string]any `json:"params,omitempty"`
	Warning bool           `json:"warning"` // false: an error; the last good or default value is used
}

// ParameterType is the type of a declared parameter (SPEC section 3).
type ParameterType string

// The types of parameters.
const (
	TypeString      ParameterType = "string"
	TypeText        ParameterType = "text"
	TypeInteger     ParameterType = "integer"
	TypeNumber      ParameterType = "number"
	TypeBoolean     ParameterType = "boolean"
	TypeSelect      ParameterType = "select"
	TypeMultiselect ParameterType = "multiselect"
	TypePath        ParameterType = "path"
	TypeFile        ParameterType = "file"
	TypeDirectory   ParameterType = "directory"
	TypeDate        ParameterType = "date"
	TypeDatetime    ParameterType = "datetime"
	TypeColor       ParameterType = "color"
	TypePassword    ParameterType = "password"
	TypeJSON        ParameterType = "json"
)

// ParameterTypes lists all types.
func ParameterTypes() []ParameterType {
	return []ParameterType{
		TypeString, TypeText, TypeInteger, TypeNumber, TypeBoolean, TypeSelect, TypeMultiselect, TypePath,
		TypeFile, TypeDirectory, TypeDate, TypeDatetime, TypeColor, TypePassword, TypeJSON,
	}
}

// ReservedParameters are the contract's own arguments, which no declared
// parameter may be called.
func ReservedParameters() []string {
	return []string{"data-dir", "user-level", "port", "project-id", "project-name", "theme", "language"}
}

// Parameter is one declared parameter of a script.
type Parameter struct {
	Name        string         `json:"name"`
	Type        ParameterType  `json:"type"`
	Label       Text           `json:"label,omitempty"`
	Description Text           `json:"description,omitempty"`
	Required    bool           `json:"required,omitempty"`
	Default     any            `json:"default,omitempty"`
	Options     []Option       `json:"options,omitempty"`
	Min         *float64       `json:"min,omitempty"`
	Max         *float64       `json:"max,omitempty"`
	Step        *float64       `json:"step,omitempty"`
	Pattern     string         `json:"pattern,omitempty"`
	Multiple    bool           `json:"multiple,omitempty"`
	Sensitive   bool           `json:"sensitive,omitempty"`
	DependsOn   map[string]any `json:"depends_on,omitempty"` // other parameter → value (or list of values) that shows this one
}

// Secret tells whether the parameter's values are never stored or shown.
func (p Parameter) Secret() bool { return p.Sensitive || p.Type == TypePassword }

// Option is one choice of a select; in metadata it may be a plain string or number.
type Option struct {
	Value string `json:"value"`
	Label Text   `json:"label,omitempty"`
}
