package domain

import (
	"errors"
	"fmt"
	"strings"
)

// Code names a kind of failure that a person can be told about. The text for
// it stands in translations/ under "error.<code>", in four languages, with the
// parameters as placeholders.
type Code string

// Codes. The comment names the parameters.
const (
	CodeInternal           Code = "internal"            // incident
	CodeUsage              Code = "usage"               // detail
	CodeUsageForm          Code = "usage_form"          // given, form: how it is written
	CodePasswordNotGiven   Code = "password_not_given"  // variable: where it is looked for
	CodePasswordsDiffer    Code = "passwords_differ"    //
	CodeNotSignedIn        Code = "not_signed_in"       //
	CodeNotAllowed         Code = "not_allowed"         // level: the level that is needed
	CodeNotFound           Code = "not_found"           // what, name
	CodeInvalid            Code = "invalid"             // fields carry the details
	CodeSignInFailed       Code = "sign_in_failed"      //
	CodeSignInWait         Code = "sign_in_wait"        // seconds
	CodeNameTyped          Code = "name_typed"          // name: the name that was typed is another one
	CodeUserRuns           Code = "user_runs"           // name, count: executions of the account that run
	CodeUserNotDeleted     Code = "user_not_deleted"    // name, count: executions that did not end; always_on: what was always on, and is not any more
	CodeSystemSignIn       Code = "system_sign_in"      // nobody signs in as the system's account any more
	CodeGroupRuns          Code = "group_runs"          // name, count: executions of its scripts that run
	CodeUserConflict       Code = "user_conflict"       // name: somebody else changed the account meanwhile
	CodeSetupNeeded        Code = "setup_needed"        //
	CodeSetupDone          Code = "setup_done"          //
	CodeNameTaken          Code = "name_taken"          // name
	CodeNameInvalid        Code = "name_invalid"        // name
	CodeNameAlike          Code = "name_alike"          // name, other
	CodePasswordShort      Code = "password_short"      // minimum
	CodePasswordLong       Code = "password_long"       // maximum (bytes)
	CodePasswordCommon     Code = "password_common"     //
	CodePasswordSame       Code = "password_same"       //
	CodeLastAdmin          Code = "last_admin"          //
	CodeLevelUnknown       Code = "level_unknown"       // level
	CodeLimitReached       Code = "limit_reached"       // limit: setting's name, value
	CodeRootOwned          Code = "root_owned"          // root, owner (desktop|serve|command), pid
	CodeRootNotWritable    Code = "root_not_writable"   // root, reason
	CodeRootNetwork        Code = "root_network"        // root, filesystem
	CodeDatabaseNewer      Code = "database_newer"      // path
	CodeDiskFull           Code = "disk_full"           // path
	CodeDatabaseDamaged    Code = "database_damaged"    // path
	CodeLogDamaged         Code = "log_damaged"         // path
	CodeExportFailed       Code = "export_failed"       // path, detail
	CodeConfigInvalid      Code = "config_invalid"      // file, key, allowed
	CodeConfigJSON         Code = "config_json"         // file, line, detail
	CodeConfigEncoding     Code = "config_encoding"     // file: it is not UTF-8
	CodeConfigEmpty        Code = "config_empty"        // file: nothing stands in it, as where its writing was interrupted
	CodeConfigKept         Code = "config_kept"         // file, at: the configuration of then stays in force
	CodeConfigDefaults     Code = "config_defaults"     // file: what is wrong in it is as by default
	CodeConfigRefused      Code = "config_refused"      // file: nothing can be changed in it until it is corrected; fields tell what
	CodeSettingUnknown     Code = "setting_unknown"     // key
	CodeSettingInvalid     Code = "setting_invalid"     // key, allowed
	CodeSettingVariable    Code = "setting_variable"    // key, variable: which overrides it
	CodeSettingChanged     Code = "setting_changed"     // key, theirs (JSON; "" where the default holds), by: somebody changed it meanwhile
	CodePortsExhausted     Code = "ports_exhausted"     // start, end
	CodePortTaken          Code = "port_taken"          // port
	CodeTooManyInterfaces  Code = "too_many_interfaces" // limit: max_concurrent_interfaces|max_interfaces_per_user, value
	CodeQueueLost          Code = "queue_lost"          // it waited for room when the engine was killed
	CodeQueueDenied        Code = "queue_denied"        // script: no longer allowed when there was room
	CodeAlwaysOnRuns       Code = "always_on_runs"      // script: somebody's own execution of it is in its place
	CodeAlwaysOnDenied     Code = "always_on_denied"    // user, script: a permission denies it
	CodeAlwaysOnUser       Code = "always_on_user"      // user: the account is closed
	CodeAlwaysOnSecret     Code = "always_on_secret"    // name: a secret value is never stored
	CodePythonMissing      Code = "python_missing"      //
	CodeFlaskMissing       Code = "flask_missing"       // environment, path
	CodeEnvironmentMissing Code = "environment_missing" // environment
	CodeEnvironmentUnknown Code = "environment_unknown" // environment, known: the names there are
	CodeEnvironmentNames   Code = "environment_names"   // environment, paths: several have the name
	CodeEnvironmentBroken  Code = "environment_broken"  // environment, problem: an EnvironmentProblem
	CodeEnvironmentUnfit   Code = "environment_unfit"   // environment, path: no script can run in it
	CodeScriptInactive     Code = "script_inactive"     // script
	CodeAccountClosed      Code = "account_closed"      // user
	CodeScriptFailed       Code = "script_failed"       // exit_code
	CodeScriptNoPage       Code = "script_no_page"      // script, port, seconds: never answered
	CodeScriptOtherPort    Code = "script_other_port"   // script, port, other
	CodeScriptExitedEarly  Code = "script_exited_early" // script, exit_code: ended before its page answered
	CodeScriptSyntax       Code = "script_syntax"       // script, file, line, detail
	CodeModuleMissing      Code = "module_missing"      // script, module, environment
	CodeExecutionEnded     Code = "execution_ended"     //
	CodeExecutionRuns      Code = "execution_runs"      // it cannot be deleted until it has ended
	CodeBookmarked         Code = "bookmarked"          // it cannot be deleted while it has a bookmark
	CodeDescriptionLong    Code = "description_long"    // maximum (characters)
	CodeTemplateLong       Code = "template_long"       // maximum (bytes)
	CodeNoteLong           Code = "note_long"           // maximum (bytes)
	CodeNotConfined        Code = "not_confined"        //
	CodePathNotApprovable  Code = "path_not_approvable" // path
	CodeScriptRefused      Code = "script_refused"      // script, path: confinement does not open it
	CodeScriptPortRefused  Code = "script_port_refused" // script, port: it wanted another port than the leased one
	CodeExecutionLost      Code = "execution_lost"      //
	CodeParametersRequired Code = "parameters_required" // script: its form must be seen first
	CodeParameterRequired  Code = "parameter_required"  // name
	CodeParameterUnknown   Code = "parameter_unknown"   // name
	CodeParameterType      Code = "parameter_type"      // name, type
	CodeParameterMin       Code = "parameter_min"       // name, min
	CodeParameterMax       Code = "parameter_max"       // name, max
	CodeParameterLong      Code = "parameter_long"      // name, max: more bytes than a command line takes
	CodeParameterStep      Code = "parameter_step"      // name, step
	CodeParameterPattern   Code = "parameter_pattern"   // name, pattern
	CodeParameterOption    Code = "parameter_option"    // name, options
	CodeParameterPath      Code = "parameter_path"      // name, path: does not exist or is of the wrong kind
	CodeDisplayMissing     Code = "display_missing"     //
	CodeShimMissing        Code = "shim_missing"        // path
	CodeUnavailable        Code = "unavailable"         // detail: the engine stops or the connection is lost
	CodeInterfacesRunning  Code = "interfaces_running"  // count: signing out would stop them
	CodeScriptName         Code = "script_name"         // name: of a new script or group
	CodeScriptTitle        Code = "script_title"        // title, maximum (characters)
	CodeScriptTemplate     Code = "script_template"     // template, known: the names there are
	CodeTagEmpty           Code = "tag_empty"           //
	CodeTagLong            Code = "tag_long"            // maximum, length (characters)
	CodeTagCharacter       Code = "tag_character"       // character, suggestion: the tag without such
	CodeTagOnly            Code = "tag_only"            // character: it has no others
	CodeTagHidden          Code = "tag_hidden"          // a comma, or what nobody sees
	CodeTagSystem          Code = "tag_system"          // name: the script has it by itself
	CodeTagsMany           Code = "tags_many"           // maximum
	CodeTemplateName       Code = "template_name"       // name, maximum (characters)
	CodeTemplateChanged    Code = "template_changed"    // name, user, time: somebody saved it meanwhile
	CodeTemplateUsed       Code = "template_used"       // name, count: others' always-on executions read it
	CodeTemplateSeveral    Code = "template_several"    // name, users: whose it may be
	CodeExampleJSON        Code = "example_json"        // detail
	CodeExampleScript      Code = "example_script"      // script: which its group does not have
	CodeExampleParameters  Code = "example_parameters"  //
	CodeScriptExists       Code = "script_exists"       // file: relative to the folder of groups
	CodeContractRuns       Code = "contract_runs"       // script: it runs already
	CodeContractRaised     Code = "contract_raised"     // error, file, line: Python's, in the script's folder
	CodeContractListens    Code = "contract_listens"    // address, own: the one that it was given
	CodeContractSilent     Code = "contract_silent"     // detail: its page gave no answer
	CodeContractStatus     Code = "contract_status"     // status: of HTTP
	CodeContractKind       Code = "contract_kind"       // kind: the page's content type
	CodeContractKilled     Code = "contract_killed"     // seconds: of grace
	CodeContractSignal     Code = "contract_signal"     // signal: it did not handle it
	CodeContractExit       Code = "contract_exit"       // code: of its end when it was asked to end
	CodeContractWrote      Code = "contract_wrote"      // file: in the folder of its group
	CodeMetadataChanged    Code = "metadata_changed"    // script, user, time: somebody changed it meanwhile
	CodeMetadataJSON       Code = "metadata_json"       // expected, found (symbols); detail
	CodeMetadataKey        Code = "metadata_key"        // key, allowed; suggestion where one is near (a warning)
	CodeMetadataValue      Code = "metadata_value"      // key, value, allowed
	CodeMetadataParameter  Code = "metadata_parameter"  // name, detail
	CodeMetadataName       Code = "metadata_name"       // name: cannot be a parameter's name
	CodeMetadataRange      Code = "metadata_range"      // name, min, max: min is above max
	CodeMetadataOptions    Code = "metadata_options"    // name: a select without options
	CodeMetadataDefault    Code = "metadata_default"    // name, value, allowed
	CodeMetadataPattern    Code = "metadata_pattern"    // name, pattern, detail
	CodeMetadataDepends    Code = "metadata_depends"    // name, other
	CodeMetadataSecret     Code = "metadata_secret"     // name: a secret has a default
	CodeMetadataDuplicate  Code = "metadata_duplicate"  // name
	CodeMetadataReserved   Code = "metadata_reserved"   // name: collides with the contract's arguments
	CodeMetadataEncoding   Code = "metadata_encoding"   // detail
	// The same of what somebody wants to set in the application: it is refused.
	CodeEditKey        Code = "edit_key"        // key, allowed; suggestion where one is near
	CodeEditValue      Code = "edit_value"      // key, value, allowed
	CodeEditName       Code = "edit_name"       // name: cannot be a parameter's name
	CodeEditRange      Code = "edit_range"      // name, min, max
	CodeEditOptions    Code = "edit_options"    // name: a select without options
	CodeEditDefault    Code = "edit_default"    // name, value, allowed
	CodeEditPattern    Code = "edit_pattern"    // name, pattern, detail
	CodeEditDepends    Code = "edit_depends"    // name, other
	CodeEditSecret     Code = "edit_secret"     // name: a secret has a default
	CodeEditDuplicate  Code = "edit_duplicate"  // name
	CodeEditReserved   Code = "edit_reserved"   // name
	CodeEditJSON       Code = "edit_json"       // expected, found (symbols); detail
	CodeLinkEscapes    Code = "link_escapes"    // path: a symbolic link that leaves the group
	CodeFileUnreadable Code = "file_unreadable" // path, detail

	CodeEnvironmentName     Code = "environment_name"     // name: cannot be an environment's
	CodeEnvironmentExists   Code = "environment_exists"   // environment, path
	CodeEnvironmentBusy     Code = "environment_busy"     // environment, action, execution: another job changes it
	CodeEnvironmentInUse    Code = "environment_in_use"   // environment, scripts: what runs in it
	CodeEnvironmentAssigned Code = "environment_assigned" // environment, path, users: groups and scripts that are to run in it
	CodeEnvironmentKept     Code = "environment_kept"     // environment, path: it is not ours to remove or to change
	CodeEnvironmentTyped    Code = "environment_typed"    // environment: the name that was typed is another one
	CodeEnvironmentFailed   Code = "environment_failed"   // tool, detail: what it said
	CodeCondaMissing        Code = "conda_missing"        //
	CodeCondaTerms          Code = "conda_terms"          // channels, command: their terms of service are not accepted
	CodeVenvMissing         Code = "venv_missing"         // python, version: it has no ensurepip
	CodePipMissing          Code = "pip_missing"          // environment
	CodePackagesMissing     Code = "packages_missing"     // packages, places
	CodePackagesConflict    Code = "packages_conflict"    // detail
	CodePackagesOffline     Code = "packages_offline"     // detail: no way to where packages are
	CodeToolSilent          Code = "tool_silent"          // tool, seconds: it said nothing for so long and was ended
	CodeToolAnswer          Code = "tool_answer"          // tool, detail: not understood
	CodeArchiveInvalid      Code = "archive_invalid"      // path, detail
	CodeArchiveUnsafe       Code = "archive_unsafe"       // path, member
	CodeQueryEmpty          Code = "query_empty"          //
	CodeQueryNegative       Code = "query_negative"       // only what lines are not to have
	CodeQueryLong           Code = "query_long"           // max: bytes, terms
	CodeFieldInvalid        Code = "field_invalid"        // name, value

	CodeProjectDefault  Code = "project_default"   // project: it is neither deleted nor archived
	CodeProjectTyped    Code = "project_typed"     // project: the name that was typed is another one
	CodeProjectRuns     Code = "project_runs"      // project, count: of executions that run in it
	CodeProjectBusy     Code = "project_busy"      // project, execution: a backup or restore of it runs
	CodeProjectArchived Code = "project_archived"  // project
	CodeProjectChanged  Code = "project_changed"   // name, description: as somebody else has them now
	CodeProjectReadOnly Code = "project_read_only" // project, owner: it is shared with the person
	CodeSharingOff      Code = "sharing_off"       //
	CodeBackupInvalid   Code = "backup_invalid"    // path, detail: no backup of a project, or damaged
	CodeBackupUnsafe    Code = "backup_unsafe"     // path, member, problem: the part that is not safe
	CodeBackupBomb      Code = "backup_bomb"       // path, limit: it unpacks to more
	CodeBackupFailed    Code = "backup_failed"     // detail

	CodeFileNameEmpty     Code = "file_name_empty"     // name
	CodeFileNameLong      Code = "file_name_long"      // name, maximum (bytes)
	CodeFileNameDots      Code = "file_name_dots"      // name
	CodeFileNameControl   Code = "file_name_control"   // name
	CodeFileNameCharacter Code = "file_name_character" // name
	CodeFileNameEnd       Code = "file_name_end"       // name
	CodeFileNameReserved  Code = "file_name_reserved"  // name
	CodeFileNameEncoding  Code = "file_name_encoding"  // name
	CodeFileNamePath      Code = "file_name_path"      // name
	CodeFileExists        Code = "file_exists"         // name
	CodeFileChanged       Code = "file_changed"        // name, gone; else size, modified_at, version: as it is now
	CodeFileLink          Code = "file_link"           // name
	CodeFileSpecial       Code = "file_special"        // name: a device, a pipe, a socket
	CodeFileFolder        Code = "file_folder"         // name: a folder where a file is wanted
	CodeFileLarge         Code = "file_large"          // name, size, maximum
	CodeFileJSON          Code = "file_json"           // line, column, found: the character there, "" for the end
	CodeFileEncoding      Code = "file_encoding"       // character, encoding: it has no sign for it
	CodeFilesMore         Code = "files_more"          // count, seen: more would be deleted than was told
	CodeSpaceShort        Code = "space_short"         // needed, free (bytes)
	CodeUploadBroken      Code = "upload_broken"       // name: it is not whole
	CodeDataClosed        Code = "data_closed"         // administrators see names and sizes only

	CodeDocumentMissing      Code = "document_missing"       // language
	CodeDocumentOld          Code = "document_old"           // language: the English one was changed since
	CodeDocumentTitle        Code = "document_title"         // it has none
	CodeDocumentHeading      Code = "document_heading"       // heading: of the template, which is missing
	CodeDocumentEmpty        Code = "document_empty"         // heading: nothing stands under it
	CodeDocumentLinkDead     Code = "document_link_dead"     // target: no such file in the group
	CodeDocumentAnchor       Code = "document_anchor"        // target: no such heading
	CodeDocumentScript       Code = "document_script"        // script: a link leads to none
	CodeDocumentParameter    Code = "document_parameter"     // script, name: which it does not have
	CodeDocumentOutside      Code = "document_outside"       // target: not in the group
	CodeDocumentImageMissing Code = "document_image_missing" // target: no such file in the group
	CodeDocumentImageRemote  Code = "document_image_remote"  // target: nothing is fetched
	CodeDocumentImageKind    Code = "document_image_kind"    // target: not of a kind that is shown
	CodeDocumentFormulaEnd   Code = "document_formula_end"   // formula: it has no end
	CodeDocumentBrace        Code = "document_brace"         // formula, what: it has no counterpart
	CodeDocumentFence        Code = "document_fence"         // kind: of the block that nothing closes
	CodeDocumentLong         Code = "document_long"          // maximum (bytes)
	CodeDocumentFolder       Code = "document_folder"        // where its file belongs is something else
	CodeDocumentOther        Code = "document_other"         // path: another script's documentation
	CodeDocumentName         Code = "document_name"          // path: not that of Markdown
	CodeDocumentChanged      Code = "document_changed"       // path, gone: somebody changed or removed it meanwhile
	CodeDocumentUnwritable   Code = "document_unwritable"    // path, detail
	CodeDocumentBinary       Code = "document_binary"        // path: it is no text
	CodeDocumentPaste        Code = "document_paste"         // maximum (bytes): no image, or too large
)

// Error is a failure with a code and named parameters, safe to show to a
// person once translated. Its cause goes to the log only.
type Error struct {
	Code   Code              `json:"code"`
	Params map[string]any    `json:"params,omitempty"`
	Fields map[string]*Error `json:"fields,omitempty"` // by parameter or field name, for CodeInvalid
	cause  error
}

// NewError makes an error from a code and pairs of parameter name and value.
// An odd number of pairs is a programming error and panics.
func NewError(code Code, pairs ...any) *Error {
	if len(pairs)%2 != 0 {
		panic("domain.NewError: odd number of parameters for " + string(code))
	}
	e := &Error{Code: code}
	for i := 0; i < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = map[string]any{}
		}
		e.Params[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return e
}

// With adds what is wrong with a field, and gives e.
func (e *Error) With(field string, wrong *Error) *Error {
	if e.Fields == nil {
		e.Fields = map[string]*Error{}
	}
	e.Fields[field] = wrong
	return e
}

// Because gives a copy of e with its cause, which Unwrap returns and no person sees.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is for logs: the code, its parameters and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if len(e.Params) > 0 {
		fmt.Fprintf(&b, " %v", e.Params)
	}
	for name, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %v", name, f)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// AsError finds the *Error in err's chain, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// HasCode tells whether err's chain holds an *Error with the code.
func HasCode(err error, code Code) bool {
	e := AsError(err)
	return e != nil && e.Code == code
}
