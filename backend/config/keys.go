package config

import (
	"math"
	"net"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

// Kind is what a value is, for the field that it is edited in.
type Kind string

// The kinds of values.
const (
	KindBoolean Kind = "boolean"
	KindInteger Kind = "integer"
	KindNumber  Kind = "number"
	KindText    Kind = "text"
	KindChoice  Kind = "choice"  // one of Key.Options
	KindList    Kind = "list"    // texts; of Key.Options where there are some
	KindTime    Kind = "time"    // HH:MM
	KindMode    Kind = "mode"    // permissions of files, octal, as text
	KindAddress Kind = "address" // host:port
)

// Effect is when a changed value takes effect.
type Effect string

// The effects.
const (
	EffectNow   Effect = "now"
	EffectRun   Effect = "run"   // on what is started from then on
	EffectStart Effect = "start" // at the next start of the application
	EffectNone  Effect = "none"  // nothing reads it (yet)
)

// rule is what a value may be. allowed goes into the message as it stands, so
// it is made of values, not of words of a language.
type rule struct {
	allowed string
	ok      func(v any) bool // the value as encoding/json gives it

	kind    Kind
	options []string
	bounds  *[2]float64
}

func whole(low, high int) rule {
	return rule{strconv.Itoa(low) + "–" + strconv.Itoa(high), func(v any) bool {
		f, ok := v.(float64)
		return ok && f == math.Trunc(f) && f >= float64(low) && f <= float64(high)
	}, KindInteger, nil, &[2]float64{float64(low), float64(high)}}
}

func number(low, high float64) rule {
	text := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return rule{text(low) + "–" + text(high), func(v any) bool {
		f, ok := v.(float64)
		return ok && f >= low && f <= high
	}, KindNumber, nil, &[2]float64{low, high}}
}

func oneOf(values ...string) rule {
	return rule{allowed: strings.Join(values, ", "), kind: KindChoice, options: values, ok: func(v any) bool {
		s, ok := v.(string)
		return ok && slices.Contains(values, s)
	}}
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

func matching(kind Kind, example, pattern string) rule {
	re := regexp.MustCompile(pattern)
	return rule{allowed: example, kind: kind, ok: func(v any) bool {
		s, ok := v.(string)
		return ok && re.MatchString(s)
	}}
}

func listOf(item rule) rule {
	return rule{allowed: "[" + item.allowed + "]", kind: KindList, options: item.options, ok: func(v any) bool {
		list, ok := v.([]any)
		for _, e := range list {
			ok = ok && item.ok(e)
		}
		return ok
	}}
}

var (
	boolean = rule{allowed: "true, false", kind: KindBoolean, ok: func(v any) bool {
		_, ok := v.(bool)
		return ok
	}}
	text    = rule{allowed: `"…"`, kind: KindText, ok: isText}
	notNone = rule{allowed: `"…"`, kind: KindText, ok: func(v any) bool {
		s, ok := v.(string)
		return ok && strings.TrimSpace(s) != ""
	}}
	glob = rule{allowed: "*.tmp", kind: KindText, ok: func(v any) bool {
		s, ok := v.(string)
		_, err := path.Match(s, "x")
		return ok && s != "" && err == nil
	}}
	address = rule{allowed: "127.0.0.1:8420", kind: KindAddress, ok: func(v any) bool {
		s, ok := v.(string)
		if !ok {
			return false
		}
		host, port, err := net.SplitHostPort(s)
		if err != nil || strings.ContainsAny(host, " /") {
			return false
		}
		n, err := strconv.ParseUint(port, 10, 16)
		return err == nil && n <= math.MaxUint16
	}}
	clock       = matching(KindTime, "00:00–23:59", `^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	permissions = matching(KindMode, "700, 750, 755", `^0?[0-7]{3}$`)
	fileMode    = matching(KindMode, "600, 640, 644", `^0?[0-7]{3}$`)
	variable    = matching(KindText, "NAME, NAME*", `^[A-Za-z_][A-Za-z0-9_()]*\*?$`)
	port        = whole(1024, 65535)
	seconds     = whole(0, 86400*365)
	count       = whole(0, 1_000_000_000)
)

// key describes one key of the file.
type key struct {
	rule
	effect   Effect
	unit     string // "" for none
	variable string // the customer's name of the environment variable, besides SCRIPTSMANAGER_…
}

// keys lists every key of the file with what it may be; TestKeysMatchConfig
// holds it equal to the fields of Config.
func keys() map[string]key {
	languages := make([]string, 0, 4)
	for _, l := range domain.Languages() {
		languages = append(languages, string(l))
	}
	k := map[string]key{
		"web_interface.port_range.start":          {port, EffectRun, "", "PORT_RANGE_START"},
		"web_interface.port_range.end":            {port, EffectRun, "", "PORT_RANGE_END"},
		"web_interface.session_timeout":           {seconds, EffectRun, "seconds", ""},
		"web_interface.heartbeat_interval":        {seconds, EffectNone, "seconds", ""},
		"web_interface.cleanup_interval":          {whole(1, 86400), EffectNow, "seconds", ""},
		"web_interface.max_concurrent_interfaces": {whole(1, 10000), EffectNow, "", ""},
		"web_interface.max_interfaces_per_user":   {whole(1, 10000), EffectNow, "", ""},
		"web_interface.port_availability_check":   {boolean, EffectRun, "", "PORT_AVAILABILITY_CHECK"},
		"web_interface.port_check_retries":        {whole(0, 1000), EffectRun, "", "PORT_CHECK_RETRIES"},
		"data_management.base_data_path":          {notNone, EffectNone, "", "BASE_DATA_PATH"},
		"data_management.auto_backup":             {boolean, EffectNow, "", ""},
		"data_management.backup_interval_hours":   {whole(1, 8760), EffectNow, "hours", ""},
		"data_management.max_backup_versions":     {whole(1, 100000), EffectNow, "", ""},
		"data_management.compress_backups":        {boolean, EffectNow, "", ""},
		"data_management.backup_schedule_time":    {clock, EffectNow, "", ""},
		"backup.enabled":                          {boolean, EffectNone, "", "BACKUP_ENABLED"},
		"backup.schedule_time":                    {clock, EffectNone, "", "BACKUP_SCHEDULE_TIME"},
		"backup.retention_days":                   {whole(1, 36500), EffectNone, "days", "BACKUP_RETENTION_DAYS"},
		"backup.compression":                      {oneOf("gzip", "none"), EffectNone, "", ""},
		"backup.backup_path":                      {notNone, EffectNone, "", ""},
		"backup.exclude_patterns":                 {listOf(glob), EffectNone, "", ""},
		"backup.max_backup_size_gb":               {number(0.001, 1e6), EffectNone, "gigabytes", ""},
		"documentation.markdown_extensions":       {listOf(notNone), EffectNow, "", ""},
		"documentation.supported_languages":       {listOf(oneOf(languages...)), EffectNow, "", ""},
		"documentation.default_language":          {oneOf(languages...), EffectNow, "", "DEFAULT_LANGUAGE"},
		"documentation.enable_math_rendering":     {boolean, EffectNow, "", ""},
		"documentation.enable_diagram_rendering":  {boolean, EffectNow, "", ""},
		"tagging.max_tags_per_script":             {whole(1, 1000), EffectNow, "", ""},
		"tagging.max_tag_length":                  {whole(1, 200), EffectNow, "", ""},
		"tagging.allowed_tag_chars":               {oneOf("alphanumeric_underscore_dash", "any"), EffectNow, "", ""},
		"tagging.enable_tag_suggestions":          {boolean, EffectNow, "", ""},
		"multi_user.max_projects_per_user":        {whole(1, 100000), EffectNow, "", "MAX_PROJECTS_PER_USER"},
		"multi_user.default_project_name":         {notNone, EffectNone, "", ""},
		"multi_user.auto_create_default_project":  {boolean, EffectNone, "", ""},
		"multi_user.user_data_isolation":          {boolean, EffectNone, "", ""},
		"security.data_directory_permissions":     {permissions, EffectNone, "", ""},
		"security.config_file_permissions":        {fileMode, EffectNow, "", ""},
		"security.enable_project_sharing":         {boolean, EffectNow, "", ""},
		"security.admin_can_access_all_data":      {boolean, EffectNow, "", ""},
		"sign_in.idle_minutes":                    {whole(0, 525600), EffectNow, "minutes", ""},
		"sign_in.free_attempts":                   {whole(1, 100), EffectNow, "", ""},
		"sign_in.longest_wait_second":             {whole(1, 86400), EffectNow, "seconds", ""},
		"sign_in.system_user":                     {boolean, EffectNow, "", ""},
		"sign_in.lock_after":                      {whole(0, 100000), EffectNow, "", ""},
		"serve.listen":                            {address, EffectStart, "", ""},
		"environments.auto_detect":                {boolean, EffectNow, "", "CONDA_AUTO_DETECT"},
		"environments.folders":                    {listOf(notNone), EffectNow, "", ""},
		"environments.fallback":                   {oneOf("first_with_flask", "fail"), EffectRun, "", ""},
		"logs.max_megabytes":                      {count, EffectRun, "megabytes", ""},
		"logs.compress_days":                      {whole(0, 36500), EffectNow, "days", ""},
		"logs.cleanup_time":                       {clock, EffectNow, "", ""},
		"limits.grace_seconds":                    {whole(0, 3600), EffectNow, "seconds", ""},
		"limits.start_seconds":                    {whole(1, 3600), EffectRun, "seconds", ""},
		"limits.execution_seconds":                {seconds, EffectRun, "seconds", ""},
		"limits.memory_megabytes":                 {count, EffectRun, "megabytes", ""},
		"limits.cpus":                             {number(0, 1e4), EffectRun, "", ""},
		"limits.processes":                        {count, EffectRun, "", ""},
		"confinement":                             {oneOf("require", "prefer", "off"), EffectRun, "", ""},
		"confinement_environment":                 {listOf(variable), EffectRun, "", ""},
		"job_workers":                             {whole(1, 64), EffectNone, "", ""},
		"reconcile_interval":                      {whole(1, 86400), EffectNow, "seconds", ""},
		"brand.name":                              {text, EffectNow, "", ""},
		"brand.logo":                              {text, EffectNone, "", ""},
		"debug":                                   {boolean, EffectNow, "", "DEBUG"},
	}
	for _, level := range domain.Levels() {
		k["logs.retention_days."+string(level)] = key{whole(1, 36500), EffectNow, "days", ""}
		k["logs.quota_megabytes."+string(level)] = key{count, EffectNow, "megabytes", ""}
	}
	return k
}

// Key is one key of the file, for whoever shows it.
type Key struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	// Text is under what its name and its explanation stand in translations/
	// ("setting.name.…", "setting.text.…"): its own name, or what it has in common
	// with the same key of other levels.
	Text    string   `json:"text"`
	Kind    Kind     `json:"kind"`
	Default any      `json:"default"`
	Allowed string   `json:"allowed"` // made of values, not of words
	Options []string `json:"options,omitempty"`
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Unit    string   `json:"unit,omitempty"` // seconds, minutes, hours, days, megabytes, gigabytes
	Effect  Effect   `json:"effect"`
	// Variables are the environment variables that override it, the first one before the second.
	Variables []string `json:"variables"`
}

// Keys lists every key, in the order of Config.
func Keys() []Key {
	all := keys()
	c := Default()
	list := make([]Key, 0, len(all))
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for i := range v.NumField() {
			name := prefix + v.Type().Field(i).Tag.Get("json")
			if v.Field(i).Kind() == reflect.Struct {
				walk(name+".", v.Field(i))
				continue
			}
			k := all[name]
			one := Key{
				Name: name, Section: sectionOf(name), Text: textOf(name), Kind: k.kind, Default: v.Field(i).Interface(), Allowed: k.allowed, Options: k.options,
				Unit: k.unit, Effect: k.effect, Variables: []string{Variable(name)},
			}
			if k.bounds != nil {
				one.Min, one.Max = &k.bounds[0], &k.bounds[1]
			}
			if k.variable != "" {
				one.Variables = append(one.Variables, k.variable)
			}
			list = append(list, one)
		}
	}
	walk("", reflect.ValueOf(c))
	return list
}

// sectionOf is the name's first part; what has none goes together.
func sectionOf(name string) string {
	switch section, _, found := strings.Cut(name, "."); {
	case found:
		return section
	case strings.HasPrefix(name, "confinement"):
		return "confinement"
	default:
		return "system"
	}
}

func textOf(name string) string {
	for _, level := range domain.Levels() {
		if text, of := strings.CutSuffix(name, "."+string(level)); of {
			return text
		}
	}
	return name
}

// Value gives a key's value in a configuration. The key is one of Keys.
func Value(c Config, key string) any { return field(&c, key).Interface() }

// Check tells what a key may be where a value, as encoding/json gives it, is
// not allowed; known is false for what is no key.
func Check(name string, value any) (allowed string, known, ok bool) {
	k, known := keys()[name]
	return k.allowed, known, known && k.ok(value)
}
