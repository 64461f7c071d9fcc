package domain

// EventType names a kind of event on the bus.
type EventType string

// The event types and what their Data is.
const (
	EventExecutionChanged   EventType = "execution.changed"   // Execution
	EventExecutionOutput    EventType = "execution.output"    // OutputEvent
	EventExecutionWarned    EventType = "execution.warned"    // Execution, whose Warning is new
	EventDiscoveryChanged   EventType = "discovery.changed"   // DiscoveryEvent
	EventDocumentChanged    EventType = "document.changed"    // DocumentEvent; to who sees the script
	EventEnvironmentChanged EventType = "environment.changed" // EnvironmentEvent
	EventProjectChanged     EventType = "project.changed"     // Project
	EventProjectShared      EventType = "project.shared"      // nil: what others share with one may be other than before, ask again
	EventUserChanged        EventType = "user.changed"        // User
	EventSessionEnded       EventType = "session.ended"       // nil: sign in again
	EventSessionChanged     EventType = "session.changed"     // nil: ask again; to a client to which nobody is signed in
	EventSystemAccounts     EventType = "system.accounts"     // nil: ask again; administrators only
	EventAlwaysOnChanged    EventType = "always_on.changed"   // nil: ask again
	EventTemplateChanged    EventType = "template.changed"    // nil: ask again
	EventTagsChanged        EventType = "tags.changed"        // nil: ask again; to whose tags they are
	EventWindowRaise        EventType = "window.raise"        // RaiseEvent; ExecutionID "" is the main window
	EventWindowOpen         EventType = "window.open"         // RaiseEvent: show a window of this execution
	EventCorrected          EventType = "system.corrected"    // Correction; administrators only
	EventSettingsChanged    EventType = "settings.changed"    // nil: ask again; administrators only
	EventLogViewers         EventType = "log.viewers"         // LogViewers; administrators only
	EventDataChanged        EventType = "data.changed"        // DataEvent; to who looks at the folder
	EventDataUse            EventType = "data_use.changed"    // nil: ask again; administrators only
	EventMissed             EventType = "missed"              // nil: the reader was too slow, ask for everything again
)

// Event is one thing that happened. Seq grows by one for each event of the
// bus, so that a reader sees where it missed some.
type Event struct {
	Seq    int64     `json:"seq"`
	Type   EventType `json:"type"`
	UserID int64     `json:"-"` // whose it is; 0 is everyone's
	Client string    `json:"-"` // one client only; "" is all
	Data   any       `json:"data,omitempty"`
}

// OutputEvent tells that a log grew; the lines themselves are read from it.
type OutputEvent struct {
	ExecutionID string `json:"execution_id"`
	Lines       int64  `json:"lines"`
}

// LogViewers tells how many have an execution's log open.
type LogViewers struct {
	ExecutionID string `json:"execution_id"`
	Viewers     int    `json:"viewers"`
}

// DiscoveryEvent tells which groups changed.
type DiscoveryEvent struct {
	Groups []string `json:"groups"`
}

// EnvironmentEvent tells which environments, by path, are new, gone or
// different. All empty: somebody looked for them again.
type EnvironmentEvent struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"`
}

// RaiseEvent asks that a window be shown or brought to the front.
type RaiseEvent struct {
	ExecutionID string `json:"execution_id"`
}
