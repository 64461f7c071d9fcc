// Package cli is the command line (SPEC API-1): each command is a call of the
// door, in this process where nobody owns the root, else in the owner's. It
// prints for people, or one JSON document with --json, and ends with an exit
// code that says how it went. Passwords come from the environment or from the
// terminal, never from an argument.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/engine"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
)

// Exit codes.
const (
	ExitOK         = 0
	ExitFailed     = 1
	ExitUsage      = 2
	ExitNotAllowed = 3
	ExitNotFound   = 4
	ExitBusy       = 5
)

// Options is what the command line works with.
type Options struct {
	Args     []string // without the program's name
	Environ  []string
	Program  string // folder of the program
	Home     string
	Stdin    *os.File
	Stdout   io.Writer
	Stderr   io.Writer
	Samples  fs.FS
	Brand    fs.FS
	BrandCSS []byte
	Texts    *i18n.Texts
	// Bridge serves a host to browsers on the listener until ctx ends.
	Bridge func(ctx context.Context, l net.Listener, host *door.Host) error
}

// commands is the grammar.
type commands struct {
	Root     string `help:"Folder of the installation." placeholder:"DIR"`
	JSON     bool   `name:"json" help:"Print one JSON document."`
	Language string `name:"lang" help:"Language of what is printed: en, es, it or fr." placeholder:"LANG"`

	Setup setupCmd `cmd:"" help:"Make the first administrator and complete the setup."`
	User  struct {
		List          userListCmd          `cmd:"" help:"List the accounts."`
		Add           userAddCmd           `cmd:"" help:"Add an account. The password is read from SCRIPTSMANAGER_USER_PASSWORD, else asked for."`
		Edit          userEditCmd          `cmd:"" help:"Change an account."`
		Deactivate    userDeactivateCmd    `cmd:"" help:"Keep a person from signing in, and sign them out. Their data stay."`
		Activate      userActivateCmd      `cmd:"" help:"Let a person sign in again."`
		Unlock        userUnlockCmd        `cmd:"" help:"Let a person sign in again whom wrong passwords have locked out."`
		SystemSignIn  userSystemSignInCmd  `cmd:"" help:"Say who signs in, in the desktop window and without a password, as the operating system's account; without a name, tell it."`
		Sessions      userSessionsCmd      `cmd:"" help:"Tell where a person is signed in, and end that."`
		Deleted       userDeletedCmd       `cmd:"" help:"List deleted accounts, and what became of their data."`
		HandOver      userHandOverCmd      `cmd:"" help:"Give what was kept of a deleted account to another one."`
		Data          userDataCmd          `cmd:"" help:"Tell what an account has: projects, and what their files take."`
		Delete        userDeleteCmd        `cmd:"" help:"Delete an account; what runs for it is stopped. Its executions stay under its name."`
		ResetData     userResetDataCmd     `cmd:"" help:"Remove the data folders of an account; its projects stay."`
		ResetPassword userResetPasswordCmd `cmd:"" help:"Give an account another password, read from SCRIPTSMANAGER_USER_PASSWORD, else asked for, and sign the person out elsewhere."`
	} `cmd:"" help:"Accounts."`
	Group struct {
		List           groupListCmd           `cmd:"" help:"List the groups of scripts."`
		SetEnvironment groupSetEnvironmentCmd `cmd:"" help:"Assign the Python environment that a group's scripts run in, and tell what it lacks."`
		Reread         groupRereadCmd         `cmd:"" help:"Read the headers and JSON files of a group again. What was edited in the application stays."`
	} `cmd:"" help:"Groups of scripts."`
	Script struct {
		List           scriptListCmd           `cmd:"" help:"List scripts."`
		Search         scriptSearchCmd         `cmd:"" help:"Find scripts by words of their names, tags, descriptions, parameters and documentation."`
		Show           scriptShowCmd           `cmd:"" help:"Show one script."`
		New            scriptNewCmd            `cmd:"" help:"Make a working script, with documentation in four languages, from a template."`
		SetEnvironment scriptSetEnvironmentCmd `cmd:"" help:"Assign the Python environment that a script runs in, before what its group says."`
		SetMetadata    scriptSetMetadataCmd    `cmd:"" help:"Set a script's metadata in the application, before what its files say, or take that back."`
		Reread         scriptRereadCmd         `cmd:"" help:"Read a script's header again. What was edited in the application stays."`
	} `cmd:"" help:"Scripts."`
	Run       runCmd   `cmd:"" help:"Run a script."`
	Check     checkCmd `cmd:"" help:"Run a script and tell what of the contract it breaks."`
	Execution struct {
		List executionListCmd `cmd:"" help:"List executions, newest first."`
		Show executionShowCmd `cmd:"" help:"Show one execution."`
		Keep executionKeepCmd `cmd:"" help:"Keep an execution running that is about to be ended for want of use or for its time."`
	} `cmd:"" help:"What runs and ran."`
	Stop     stopCmd      `cmd:"" help:"Stop an execution."`
	AlwaysOn alwaysOnCmds `cmd:"" name:"always-on" help:"What runs all the time."`
	Log      struct {
		Stats   logStatsCmd   `cmd:"" help:"Count and measure executions: success, durations, most used, what logs take."`
		Show    logShowCmd    `cmd:"" help:"Print the log of an execution."`
		Cleanup logCleanUpCmd `cmd:"" help:"Remove logs that are kept no longer, and compress old ones."`
		Export  logExportCmd  `cmd:"" help:"Write executions with their logs into a file."`
		Search  logSearchCmd  `cmd:"" help:"Find lines in the logs of all executions, the newest first."`
	} `cmd:"" help:"Logs of executions."`
	Port struct {
		List portListCmd `cmd:"" help:"List the ports that are leased, and to whom."`
	} `cmd:"" help:"Ports of scripts' pages."`
	Docs struct {
		Check  docsCheckCmd  `cmd:"" help:"Tell what is missing or wrong in the documentation of scripts."`
		Render docsRenderCmd `cmd:"" help:"Print a script's documentation as sanitised HTML."`
	} `cmd:"" help:"Documentation of scripts."`
	Tag           tagCmds          `cmd:"" help:"Tags of scripts: those of their metadata, and your own."`
	Template      templateCmds     `cmd:"" help:"Sets of parameters that are kept for scripts."`
	Project       projectCmds      `cmd:"" help:"Projects: where people's data are kept apart."`
	Environment   environmentCmds  `cmd:"" help:"Python environments."`
	Audit         auditCmds        `cmd:"" help:"The record of who did what."`
	Data          dataCmds         `cmd:"" help:"Files of projects."`
	Permission    permissionCmds   `cmd:"" help:"What is allowed and denied to people on top of their levels."`
	Settings      settingsCmds     `cmd:"" help:"The settings of config.json."`
	Serve         serveCmd         `cmd:"" help:"Serve the application to a browser on this machine."`
	Discovery     discoveryCmds    `cmd:"" help:"What was found in the folders of groups."`
	SystemLog     systemLogCmds    `cmd:"" help:"The application's own logs."`
	SupportBundle supportBundleCmd `cmd:"" help:"Write a zip for who is to help: versions, configuration, findings, system logs; no secrets, no output of scripts."`
	Doctor        doctorCmd        `cmd:"" help:"Tell what is missing on this machine and how to get it."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
	Job           jobCmds          `cmd:"" hidden:""`
}

// session is one invocation.
type session struct {
	Options
	flags *commands
	lang  domain.Language
}

const description = "Runs engineers' Python scripts, each with a page of its own."

// Main runs the command line and gives the exit code.
func Main(ctx context.Context, o Options) int {
	var flags commands
	s := &session{Options: o, flags: &flags, lang: o.language()}
	parser, err := kong.New(&flags, kong.Name("scriptsmanager"),
		kong.Description(description),
		kong.Writers(o.Stdout, o.Stderr), kong.Exit(func(int) { panic(helpShown{}) }), kong.Help(s.printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		panic(err) // the grammar above is wrong
	}
	s.translate(parser.Model.Node)
	return s.run(ctx, parser)
}

// helpShown ends the parsing where kong has printed its help.
type helpShown struct{}

func (s *session) run(ctx context.Context, parser *kong.Kong) (code int) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helpShown); !ok {
				panic(r)
			}
			code = ExitOK
		}
	}()
	args := s.Args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		var p *kong.ParseError
		if errors.As(err, &p) && p.Context != nil {
			_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.mistake(err.Error()))
			command := strings.TrimSpace("scriptsmanager " + p.Context.Command())
			_, _ = fmt.Fprintf(s.Stderr, s.Texts.Help(s.lang, "Try: %s --help")+"\n", command)
			return ExitUsage
		}
		_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.mistake(err.Error()))
		return ExitUsage
	}
	if l := domain.Language(s.flags.Language); l != "" {
		if !l.Valid() {
			_, _ = fmt.Fprintf(s.Stderr, "scriptsmanager: "+s.Texts.Help(s.lang, "--lang %s: use en, es, it or fr")+"\n", l)
			return ExitUsage
		}
		s.lang = l
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return s.report(parsed.Run(s))
}

// report says what went wrong and gives the exit code.
func (s *session) report(err error) int {
	if err == nil {
		return ExitOK
	}
	var exit exitCode
	if errors.As(err, &exit) {
		return int(exit)
	}
	e := domain.AsError(err)
	if e == nil {
		e = domain.NewError(domain.CodeInternal)
	}
	text := s.Texts.Error(s.lang, e)
	if e.Code == domain.CodeInternal && e.Params["incident"] == nil {
		text = s.Texts.Text(s.lang, "cli.unexpected", map[string]any{"detail": err.Error()})
	}
	if s.flags.JSON {
		_ = json.NewEncoder(s.Stderr).Encode(map[string]any{"error": map[string]any{
			"code": e.Code, "message": text, "params": e.Params, "fields": e.Fields,
		}})
	} else {
		_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+text)
	}
	return codeOf(e.Code)
}

// exitCode ends the command with a code and no further word.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func codeOf(c domain.Code) int {
	switch c {
	case domain.CodeUsage, domain.CodeUsageForm, domain.CodePasswordNotGiven, domain.CodePasswordsDiffer, domain.CodeInvalid, domain.CodeEnvironmentNames, domain.CodeLevelUnknown, domain.CodeNameInvalid, domain.CodeNameAlike,
		domain.CodePasswordShort, domain.CodePasswordLong, domain.CodePasswordCommon, domain.CodePasswordSame, domain.CodeParametersRequired,
		domain.CodeSettingInvalid,
		domain.CodeFileNameEmpty, domain.CodeFileNameLong, domain.CodeFileNameDots, domain.CodeFileNameControl, domain.CodeFileNameCharacter,
		domain.CodeFileNameEnd, domain.CodeFileNameReserved, domain.CodeFileNameEncoding, domain.CodeFileNamePath, domain.CodeFileFolder,
		domain.CodeEnvironmentName, domain.CodeEnvironmentTyped, domain.CodeNameTyped, domain.CodeScriptName, domain.CodeScriptTitle, domain.CodeScriptTemplate, domain.CodeProjectTyped, domain.CodeTemplateSeveral, domain.CodeTemplateName, domain.CodeTagEmpty:
		return ExitUsage
	case domain.CodeNotAllowed, domain.CodeNotSignedIn, domain.CodeSignInFailed, domain.CodeSignInWait, domain.CodeSystemSignIn, domain.CodeSetupNeeded, domain.CodeDataClosed:
		return ExitNotAllowed
	case domain.CodeNotFound, domain.CodeEnvironmentUnknown, domain.CodeSettingUnknown:
		return ExitNotFound
	case domain.CodeRootOwned, domain.CodeTooManyInterfaces, domain.CodePortsExhausted, domain.CodePortTaken,
		domain.CodeUnavailable, domain.CodeLimitReached, domain.CodeUserNotDeleted, domain.CodeEnvironmentBusy, domain.CodeEnvironmentInUse, domain.CodeEnvironmentAssigned,
		domain.CodeProjectRuns, domain.CodeProjectBusy, domain.CodeProjectChanged, domain.CodeTemplateChanged, domain.CodeTemplateUsed, domain.CodeMetadataChanged:
		return ExitBusy
	default:
		return ExitFailed
	}
}

// In the order in which they count.
var languageVariables = []string{"SCRIPTSMANAGER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}

// Language is what the environment says that the person reads.
func Language(environ []string) domain.Language {
	for _, name := range languageVariables {
		if v := Variable(environ, name); len(v) >= 2 {
			if l := domain.Language(strings.ToLower(v[:2])); l.Valid() {
				return l
			}
			return domain.English
		}
	}
	return domain.English
}

// Variable gives a variable of an environment, "" where it is not set.
func Variable(environ []string, name string) string {
	for _, kv := range environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

func (s *session) rootFolder() (string, error) {
	return platform.FindRoot(s.flags.Root, Variable(s.Environ, "SCRIPTSMANAGER_ROOT"), s.Program)
}

func (s *session) root() (platform.Root, error) {
	dir, err := s.rootFolder()
	if err != nil {
		return platform.Root{}, err
	}
	return platform.Prepare(dir)
}

// configuration says what is wrong in config.json. With --json, where a
// program reads what is printed, it stands in the log and in doctor alone.
func (s *session) configuration(host *door.Host) {
	if s.flags.JSON {
		return
	}
	for _, p := range host.Engine.Notices() {
		_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.Texts.Error(s.lang, &domain.Error{Code: p.Code, Params: p.Params}))
	}
}

func (s *session) engineOptions(root platform.Root, kind string) engine.Options {
	return engine.Options{
		Root: root, Kind: kind, Program: s.Program, Home: s.Home, Environ: s.Environ,
		Samples: s.Samples, Brand: s.Brand, BrandCSS: s.BrandCSS, Texts: s.Texts,
	}
}

// connection is a way to the engine of the root.
type connection struct {
	door.Caller
	owner   bool // the engine runs in this process
	close   func() error
	connect func(ctx context.Context) (*connection, error) // the same anew
}

// renew connects again where the owner of the root has ended; this command may
// be the next one.
func (c *connection) renew(ctx context.Context) error {
	_ = c.close() // it has ended already
	c.close = func() error { return nil }
	next, err := c.connect(ctx)
	if err != nil {
		return err
	}
	*c = *next
	return nil
}

// ownerEnds is how long an owner may be on its way out.
const ownerEnds = 30 * time.Second

// connect finds the root's engine: the one that owns it, else one in this
// process until close.
func (s *session) connect(ctx context.Context, as string) (*connection, error) {
	c, err := s.reach(ctx, as)
	if err != nil {
		return nil, err
	}
	c.connect = func(ctx context.Context) (*connection, error) { return s.connect(ctx, as) }
	return c, nil
}

func (s *session) reach(ctx context.Context, as string) (*connection, error) {
	dir, err := s.rootFolder()
	if err != nil {
		return nil, err
	}
	root := platform.Root{Dir: dir}
	for until := time.Now().Add(ownerEnds); ; time.Sleep(20 * time.Millisecond) {
		conn, owner, err := engine.DialOwner(ctx, root)
		if err == nil {
			remote, err := door.Dial(ctx, conn, owner.Token, app.ClientCommand, as)
			if door.Gone(err) && time.Now().Before(until) {
				continue // it has just ended
			}
			if err != nil {
				return nil, err
			}
			return &connection{Caller: remote, close: remote.Close}, nil
		}
		if !domain.HasCode(err, domain.CodeNotFound) {
			return nil, err
		}
		// Only an owner has to write: on a full disk, one that is there can
		// still be asked to show a log or to stop a script.
		if root, err = platform.Prepare(dir); err != nil {
			return nil, err
		}
		host, err := door.Open(ctx, s.engineOptions(root, platform.OwnerCommand))
		if domain.HasCode(err, domain.CodeRootOwned) && time.Now().Before(until) {
			continue // somebody was quicker, and can be asked
		}
		if err != nil {
			return nil, err
		}
		s.configuration(host)
		client := host.App.NewClient(app.ClientOptions{Kind: app.ClientCommand, Owner: true, System: true, Account: engine.OwnAccount()})
		if as != "" {
			if err := client.ActAs(ctx, as); err != nil {
				return nil, errors.Join(err, host.Close(domain.ReasonQuit))
			}
		}
		local := door.NewLocal(client)
		return &connection{Caller: local, owner: true, close: func() error {
			return errors.Join(local.Close(), host.Close(domain.ReasonQuit))
		}}, nil
	}
}

// with calls f with a connection and closes it.
func (s *session) with(ctx context.Context, as string, f func(*connection) error) error {
	c, err := s.connect(ctx, as)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// print writes v as JSON where that was asked for, else what text writes.
func (s *session) print(v any, text func(w io.Writer)) error {
	if !s.flags.JSON {
		text(s.Stdout)
		return nil
	}
	e := json.NewEncoder(s.Stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
