package config

import (
	"math"
	"net"
	"path"
	"regexp"
	"strconv"
	"strings"

	"scriptsmanager/backend/domain"
)

// rule is what a value may be. allowed goes into the message as it stands, so
// it is made of values, not of words of a language.
type rule struct {
	allowed string
	ok      func(v any) bool // the value as encoding/json gives it
}

func whole(low, high int) rule {
	return rule{strconv.Itoa(low) + "–" + strconv.Itoa(high), func(v any) bool {
		f, ok := v.(float64)
		return ok && f == math.Trunc(f) && f >= float64(low) && f <= float64(high)
	}}
}

func number(low, high float64) rule {
	text := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return rule{text(low) + "–" + text(high), func(v any) bool {
		f, ok := v.(float64)
		return ok && f >= low && f <= high
	}}
}

func oneOf(values ...string) rule {
	return rule{strings.Join(values, ", "), func(v any) bool {
		s, ok := v.(string)
		for _, allowed := range values {
			ok = ok && s != allowed
		}
		return !ok && isText(v)
	}}
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

func matching(example, pattern string) rule {
	re := regexp.MustCompile(pattern)
	return rule{example, func(v any) bool {
		s, ok := v.(string)
		return ok && re.MatchString(s)
	}}
}

func listOf(item rule) rule {
	return rule{"[" + item.allowed + "]", func(v any) bool {
		list, ok := v.([]any)
		for _, e := range list {
			ok = ok && item.ok(e)
		}
		return ok
	}}
}

var (
	boolean = rule{"true, false", func(v any) bool {
		_, ok := v.(bool)
		return ok
	}}
	text    = rule{`"…"`, isText}
	notNone = rule{`"…"`, func(v any) bool {
		s, ok := v.(string)
		return ok && strings.TrimSpace(s) != ""
	}}
	glob = rule{"*.tmp", func(v any) bool {
		s, ok := v.(string)
		_, err := path.Match(s, "x")
		return ok && s != "" && err == nil
	}}
	address = rule{"127.0.0.1:8420", func(v any) bool {
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
	clock       = matching("00:00–23:59", `^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	permissions = matching("700, 750, 755", `^0?[0-7]{3}$`)
	port        = whole(1024, 65535)
	seconds     = whole(0, 86400*365)
	count       = whole(0, 1_000_000_000)
)

// key describes one key of the file.
type key struct {
	rule
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
		"web_interface.port_range.start":          {port, "PORT_RANGE_START"},
		"web_interface.port_range.end":            {port, "PORT_RANGE_END"},
		"web_interface.session_timeout":           {seconds, ""},
		"web_interface.heartbeat_interval":        {seconds, ""},
		"web_interface.cleanup_interval":          {whole(1, 86400), ""},
		"web_interface.max_concurrent_interfaces": {whole(1, 10000), ""},
		"web_interface.max_interfaces_per_user":   {whole(1, 10000), ""},
		"web_interface.port_availability_check":   {boolean, "PORT_AVAILABILITY_CHECK"},
		"web_interface.port_check_retries":        {whole(0, 1000), "PORT_CHECK_RETRIES"},
		"data_management.base_data_path":          {notNone, "BASE_DATA_PATH"},
		"data_management.auto_backup":             {boolean, ""},
		"data_management.backup_interval_hours":   {whole(1, 8760), ""},
		"data_management.max_backup_versions":     {whole(1, 100000), ""},
		"data_management.compress_backups":        {boolean, ""},
		"data_management.backup_schedule_time":    {clock, ""},
		"backup.enabled":                          {boolean, "BACKUP_ENABLED"},
		"backup.schedule_time":                    {clock, "BACKUP_SCHEDULE_TIME"},
		"backup.retention_days":                   {whole(1, 36500), "BACKUP_RETENTION_DAYS"},
		"backup.compression":                      {oneOf("gzip", "none"), ""},
		"backup.backup_path":                      {notNone, ""},
		"backup.exclude_patterns":                 {listOf(glob), ""},
		"backup.max_backup_size_gb":               {number(0.001, 1e6), ""},
		"documentation.markdown_extensions":       {listOf(notNone), ""},
		"documentation.supported_languages":       {listOf(oneOf(languages...)), ""},
		"documentation.default_language":          {oneOf(languages...), "DEFAULT_LANGUAGE"},
		"documentation.enable_math_rendering":     {boolean, ""},
		"documentation.enable_diagram_rendering":  {boolean, ""},
		"tagging.max_tags_per_script":             {whole(1, 1000), ""},
		"tagging.max_tag_length":                  {whole(1, 200), ""},
		"tagging.allowed_tag_chars":               {oneOf("alphanumeric_underscore_dash", "any"), ""},
		"tagging.enable_tag_suggestions":          {boolean, ""},
		"multi_user.max_projects_per_user":        {whole(1, 100000), "MAX_PROJECTS_PER_USER"},
		"multi_user.default_project_name":         {notNone, ""},
		"multi_user.auto_create_default_project":  {boolean, ""},
		"multi_user.user_data_isolation":          {boolean, ""},
		"security.data_directory_permissions":     {permissions, ""},
		"security.config_file_permissions":        {permissions, ""},
		"security.enable_project_sharing":         {boolean, ""},
		"security.admin_can_access_all_data":      {boolean, ""},
		"sign_in.idle_minutes":                    {whole(0, 525600), ""},
		"sign_in.free_attempts":                   {whole(1, 100), ""},
		"sign_in.longest_wait_second":             {whole(1, 86400), ""},
		"sign_in.lock_after":                      {whole(0, 100000), ""},
		"serve.listen":                            {address, ""},
		"environments.auto_detect":                {boolean, "CONDA_AUTO_DETECT"},
		"environments.folders":                    {listOf(notNone), ""},
		"environments.fallback":                   {oneOf("first_with_flask", "fail"), ""},
		"logs.max_megabytes":                      {count, ""},
		"logs.compress_days":                      {whole(0, 36500), ""},
		"logs.cleanup_time":                       {clock, ""},
		"limits.grace_seconds":                    {whole(0, 3600), ""},
		"limits.start_seconds":                    {whole(1, 3600), ""},
		"limits.execution_seconds":                {seconds, ""},
		"limits.memory_megabytes":                 {count, ""},
		"limits.cpus":                             {number(0, 1e4), ""},
		"limits.processes":                        {count, ""},
		"confinement":                             {oneOf("require", "prefer", "off"), ""},
		"confinement_environment":                 {listOf(matching("NAME, NAME*", `^[A-Za-z_][A-Za-z0-9_()]*\*?$`)), ""},
		"job_workers":                             {whole(1, 64), ""},
		"reconcile_interval":                      {whole(1, 86400), ""},
		"brand.name":                              {text, ""},
		"brand.logo":                              {text, ""},
		"debug":                                   {boolean, "DEBUG"},
	}
	for _, level := range domain.Levels() {
		k["logs.retention_days."+string(level)] = key{whole(1, 36500), ""}
		k["logs.quota_megabytes."+string(level)] = key{count, ""}
	}
	return k
}
