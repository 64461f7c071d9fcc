package config

import "scriptsmanager/backend/domain"

// Config is the whole configuration; the JSON names are the keys of
// config.json. Values are as checked by the table in keys.go.
type Config struct {
	WebInterface   WebInterface   `json:"web_interface"`
	DataManagement DataManagement `json:"data_management"`
	Backup         Backup         `json:"backup"`
	Documentation  Documentation  `json:"documentation"`
	Tagging        Tagging        `json:"tagging"`
	MultiUser      MultiUser      `json:"multi_user"`
	Security       Security       `json:"security"`
	SignIn         SignIn         `json:"sign_in"`
	Serve          Serve          `json:"serve"`
	Environments   Environments   `json:"environments"`
	Logs           Logs           `json:"logs"`
	Limits         Limits         `json:"limits"`
	Confinement    string         `json:"confinement"` // require, prefer, off
	// ConfinementEnvironment names environment variables that confined scripts get
	// besides the harmless ones; "NAME*" is all that begin so.
	ConfinementEnvironment []string `json:"confinement_environment"`
	JobWorkers             int      `json:"job_workers"` // jobs that run at the same time
	// ReconcileInterval is after how many seconds wanted and real state are compared.
	ReconcileInterval int   `json:"reconcile_interval"`
	Brand             Brand `json:"brand"`
	Debug             bool  `json:"debug"` // more in the product's own log
}

// PortRange is a range of ports, both ends included.
type PortRange struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// WebInterface governs the pages of scripts.
type WebInterface struct {
	PortRange               PortRange `json:"port_range"`
	SessionTimeout          int       `json:"session_timeout"`    // seconds of no use
	HeartbeatInterval       int       `json:"heartbeat_interval"` // accepted, without effect: closing is seen at once
	CleanupInterval         int       `json:"cleanup_interval"`   // seconds
	MaxConcurrentInterfaces int       `json:"max_concurrent_interfaces"`
	MaxInterfacesPerUser    int       `json:"max_interfaces_per_user"`
	PortAvailabilityCheck   bool      `json:"port_availability_check"`
	PortCheckRetries        int       `json:"port_check_retries"`
}

// DataManagement governs the zips of projects.
type DataManagement struct {
	BaseDataPath        string `json:"base_data_path"` // relative to the root
	AutoBackup          bool   `json:"auto_backup"`
	BackupIntervalHours int    `json:"backup_interval_hours"`
	MaxBackupVersions   int    `json:"max_backup_versions"`
	CompressBackups     bool   `json:"compress_backups"`
	BackupScheduleTime  string `json:"backup_schedule_time"` // HH:MM
}

// Backup governs the backup of the whole data folder.
type Backup struct {
	Enabled         bool     `json:"enabled"`
	ScheduleTime    string   `json:"schedule_time"` // HH:MM
	RetentionDays   int      `json:"retention_days"`
	Compression     string   `json:"compression"` // gzip, none
	BackupPath      string   `json:"backup_path"` // relative to the root
	ExcludePatterns []string `json:"exclude_patterns"`
	MaxBackupSizeGB float64  `json:"max_backup_size_gb"`
}

// Documentation governs what Markdown may hold.
type Documentation struct {
	MarkdownExtensions     []string `json:"markdown_extensions"`
	SupportedLanguages     []string `json:"supported_languages"`
	DefaultLanguage        string   `json:"default_language"`
	EnableMathRendering    bool     `json:"enable_math_rendering"`
	EnableDiagramRendering bool     `json:"enable_diagram_rendering"`
}

// Tagging governs tags.
type Tagging struct {
	MaxTagsPerScript     int    `json:"max_tags_per_script"`
	MaxTagLength         int    `json:"max_tag_length"`
	AllowedTagChars      string `json:"allowed_tag_chars"` // alphanumeric_underscore_dash, any
	EnableTagSuggestions bool   `json:"enable_tag_suggestions"`
}

// MultiUser governs projects.
type MultiUser struct {
	MaxProjectsPerUser       int    `json:"max_projects_per_user"`
	DefaultProjectName       string `json:"default_project_name"`
	AutoCreateDefaultProject bool   `json:"auto_create_default_project"`
	UserDataIsolation        bool   `json:"user_data_isolation"`
}

// Security governs permissions of files and of administrators.
type Security struct {
	DataDirectoryPermissions string `json:"data_directory_permissions"` // octal
	ConfigFilePermissions    string `json:"config_file_permissions"`    // octal
	EnableProjectSharing     bool   `json:"enable_project_sharing"`
	AdminCanAccessAllData    bool   `json:"admin_can_access_all_data"`
}

// SignIn governs sessions and wrong passwords.
type SignIn struct {
	IdleMinutes       int  `json:"idle_minutes"`        // without use before a session ends; 0 never
	FreeAttempts      int  `json:"free_attempts"`       // wrong passwords before waiting begins
	LongestWaitSecond int  `json:"longest_wait_second"` // waiting doubles from one second up to this
	SystemUser        bool `json:"system_user"`         // who an administrator has chosen signs in as the system's user, without a password
	LockAfter         int  `json:"lock_after"`          // wrong passwords in a row until the account is locked; 0 never
}

// Serve governs headless mode.
type Serve struct {
	Listen string `json:"listen"` // host:port
}

// Environments governs where Python is looked for.
type Environments struct {
	AutoDetect bool     `json:"auto_detect"`
	Folders    []string `json:"folders"`  // looked into besides the usual places
	Fallback   string   `json:"fallback"` // first_with_flask, fail: where a script's environment is not there
}

// Logs governs how long and how much of executions is kept.
type Logs struct {
	RetentionDays  ByLevel `json:"retention_days"`
	QuotaMegabytes ByLevel `json:"quota_megabytes"` // per user; 0 is none
	MaxMegabytes   int     `json:"max_megabytes"`   // of one execution; 0 is none
	CompressDays   int     `json:"compress_days"`   // after which logs are compressed; 0 is never
	CleanupTime    string  `json:"cleanup_time"`    // HH:MM, each day
}

// ByLevel is a number for each level.
type ByLevel struct {
	Viewer    int `json:"viewer"`
	Operator  int `json:"operator"`
	Developer int `json:"developer"`
	Admin     int `json:"admin"`
}

// Of gives a level's number; the least for one that is none.
func (b ByLevel) Of(level domain.Level) int {
	switch level {
	case domain.LevelAdmin:
		return b.Admin
	case domain.LevelDeveloper:
		return b.Developer
	case domain.LevelOperator:
		return b.Operator
	default:
		return b.Viewer
	}
}

// Limits governs executions that say nothing themselves.
type Limits struct {
	GraceSeconds     int     `json:"grace_seconds"`     // between asking a script to end and killing it
	StartSeconds     int     `json:"start_seconds"`     // until a page must answer
	ExecutionSeconds int     `json:"execution_seconds"` // 0 is none
	MemoryMegabytes  int     `json:"memory_megabytes"`  // 0 is none
	CPUs             float64 `json:"cpus"`              // 0 is none
	Processes        int     `json:"processes"`         // 0 is none
}

// Brand is how the product calls itself.
type Brand struct {
	Name string `json:"name"` // "" is the product's own
	Logo string `json:"logo"` // a file, relative to the root
}

// Default gives the configuration that an empty file means.
func Default() Config {
	return Config{
		WebInterface: WebInterface{
			PortRange: PortRange{Start: 5200, End: 5400}, SessionTimeout: 1800, HeartbeatInterval: 30, CleanupInterval: 300,
			MaxConcurrentInterfaces: 20, MaxInterfacesPerUser: 5, PortAvailabilityCheck: true, PortCheckRetries: 3,
		},
		DataManagement: DataManagement{
			BaseDataPath: "./data", AutoBackup: true, BackupIntervalHours: 24, MaxBackupVersions: 30, CompressBackups: true,
			BackupScheduleTime: "02:00",
		},
		Backup: Backup{
			Enabled: true, ScheduleTime: "02:00", RetentionDays: 30, Compression: "gzip", BackupPath: "./backup",
			ExcludePatterns: []string{"*.tmp", "*.log", "__pycache__"}, MaxBackupSizeGB: 10,
		},
		Documentation: Documentation{
			MarkdownExtensions: []string{"codehilite", "tables", "toc", "math"}, SupportedLanguages: []string{"en", "es", "it", "fr"},
			DefaultLanguage: "en", EnableMathRendering: true, EnableDiagramRendering: true,
		},
		Tagging: Tagging{MaxTagsPerScript: 20, MaxTagLength: 30, AllowedTagChars: "alphanumeric_underscore_dash", EnableTagSuggestions: true},
		MultiUser: MultiUser{
			MaxProjectsPerUser: 50, DefaultProjectName: "project_default", AutoCreateDefaultProject: true, UserDataIsolation: true,
		},
		Security:     Security{DataDirectoryPermissions: "700", ConfigFilePermissions: "600", AdminCanAccessAllData: true},
		SignIn:       SignIn{IdleMinutes: 480, FreeAttempts: 3, LongestWaitSecond: 300, LockAfter: 10, SystemUser: true},
		Serve:        Serve{Listen: "127.0.0.1:8420"},
		Environments: Environments{AutoDetect: true, Folders: []string{}, Fallback: "first_with_flask"},
		Logs: Logs{
			RetentionDays:  ByLevel{Viewer: 7, Operator: 30, Developer: 90, Admin: 365},
			QuotaMegabytes: ByLevel{Viewer: 1024, Operator: 5120, Developer: 10240, Admin: 20480},
			MaxMegabytes:   2048, CompressDays: 7, CleanupTime: "03:00",
		},
		Limits:                 Limits{GraceSeconds: 5, StartSeconds: 60},
		Confinement:            "prefer",
		ConfinementEnvironment: []string{},
		JobWorkers:             2,
		ReconcileInterval:      30,
	}
}
