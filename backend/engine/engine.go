// Package engine puts the product together: it owns a root, opens what lies in
// it, wires the capabilities that do not know each other, runs what runs all
// the time in a supervision tree, and ends all of it in order, in any state.
// It is what the doors (desktop, serve, command line) hold. It decides nothing
// about permission.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thejerf/suture/v4"

	sdk "scriptsmanager/app/backend/script_sdk"
	"scriptsmanager/backend/account"
	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/document"
	"scriptsmanager/backend/document/check"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/environment/imports"
	"scriptsmanager/backend/event"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/execution/guard"
	"scriptsmanager/backend/execution/module"
	"scriptsmanager/backend/i18n"
	"scriptsmanager/backend/platform"
	"scriptsmanager/backend/port"
	"scriptsmanager/backend/setting"
	"scriptsmanager/backend/store"
)

// Options is what an engine is made of.
type Options struct {
	Root     platform.Root
	Kind     string   // platform.OwnerDesktop, OwnerServe or OwnerCommand
	Program  string   // folder of the product's programs: the shim lies there
	Home     string   // the person's home folder
	Environ  []string // the environment that scripts inherit, before activation
	Samples  fs.FS    // groups that a new root is filled with
	Brand    fs.FS    // images that a new root is filled with
	BrandCSS []byte   // colours of scripts' pages, likewise
	Texts    *i18n.Texts
	Stderr   io.Writer

	// PasswordCost is bcrypt's; 0 is account's own. Tests take the least.
	PasswordCost int

	// Warnings is how people are warned before a limit of time ends something;
	// what it leaves out is as people are used to it.
	Warnings execution.Warnings
}

// Engine owns one root while it is open.
type Engine struct {
	options  Options
	refusals refusals
	lock     *platform.Lock
	runDir   string
	store    *store.Store
	log      *slog.Logger
	access   *slog.Logger
	logs     []io.Closer
	more     slog.LevelVar // what goes into application.log
	bus      *event.Bus

	settings *setting.Settings
	repace   chan struct{} // intervals have changed

	discovery    *discovery.Discovery
	editing      sync.Mutex // held while a change of metadata is kept and put in force
	environments *environment.Environments
	imports      *imports.Checker
	ports        *port.Leases
	accounts     *account.Accounts
	policy       atomic.Pointer[account.Policy] // what levels and permissions allow
	auditCopier  *audit.Copier
	permitting   sync.Mutex // held while permissions are set
	executions   *execution.Service
	keeper       *execution.Keeper // of what is always on; works unless this is the engine of a command
	usage        usage
	pages        *document.Renderer // of documents
	requirements requirements
	dataUse      dataUse
	scans        scans
	logIndex     logIndex
	viewers      viewers
	data         dataFolders
	dataWatch    dataWatch
	tables       dataTables
	shares       shares
	cleaning     sync.Mutex   // of logs: one at a time
	marking      sync.RWMutex // held while an execution is deleted: nobody bookmarks it then
	finder       *finder
	rest         projectRest
	uploads      backupUploads
	projecting   sync.RWMutex // held while a project is taken away: nothing is begun in it then
	sampling     sync.Mutex   // of sample groups: one at a time
	documents    *check.Checker
	writing      sync.Mutex // of documents: one at a time

	lookAfterJob time.Duration // see the constant
	keepFree     uint64        // of the disk, by backups and uploads of them

	cancel     context.CancelFunc
	supervisor <-chan error
	closeOnce  sync.Once
	closeErr   error
}

// Open takes the root, opens its database and reads its configuration; nothing
// runs yet. It fails with CodeRootOwned, CodeRootNotWritable, CodeRootNetwork,
// CodeDatabaseNewer or CodeDiskFull.
func Open(ctx context.Context, o Options) (_ *Engine, err error) {
	e := &Engine{options: o, bus: event.NewBus(), lookAfterJob: lookAfterJob, keepFree: spaceKept, repace: make(chan struct{}, 1), dataWatch: dataWatch{wake: make(chan func() bool, 1)}, finder: newFinder(), documents: check.NewChecker()}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.release())
		}
	}()
	if e.lock, err = platform.LockRoot(o.Root, o.Kind); err != nil {
		return nil, err
	}
	if e.runDir, err = platform.RunFolder(o.Root); err != nil {
		return nil, err
	}
	if err := e.openLog(); err != nil {
		return nil, err
	}
	if err := e.fill(); err != nil {
		return nil, err
	}
	if e.store, err = store.Open(ctx, o.Root.Database()); err != nil {
		return nil, err
	}
	if err := e.openSettings(ctx); err != nil {
		return nil, err
	}
	e.auditCopier = audit.NewCopier(e.store, o.Root.AuditLogs())
	if err := e.readPermissions(ctx); err != nil {
		return nil, err
	}
	e.accounts, err = account.New(e.store, account.Options{
		Cost:         o.PasswordCost,
		FreeAttempts: e.Config().SignIn.FreeAttempts, LongestWait: time.Duration(e.Config().SignIn.LongestWaitSecond) * time.Second,
	})
	if err != nil {
		return nil, err
	}
	e.wire()
	if err := module.Install(guard.Modules(), e.guardFolder()); err != nil {
		return nil, err
	}
	if err := module.Install(sdk.Files, e.helperFolder()); err != nil {
		return nil, err
	}
	if err := guard.SetFrames(e.guardFolder(), nil); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Engine) wire() {
	c, o := e.Config(), e.options
	former := platform.FormerRunFolders(o.Root)
	e.discovery = discovery.New(o.Root.Groups(), e.log)
	e.environments = environment.New(e.environmentOptions(), e.store, e.log)
	e.imports = imports.New()
	e.pages = document.NewRenderer(documentsAtOnce)
	e.ports = port.New(portRules(c), e.store, e.log)
	e.executions = execution.New(execution.Config{
		ShimProgram: e.ShimProgram(), RunFolder: e.runDir, FormerRunFolders: former, Logo: e.Logo(), BrandCSS: e.brandCSS(),
		Home: o.Home, Protected: append([]string{o.Root.Dir, e.runDir}, former...), Environments: e.VenvFolder(),
		Warnings: o.Warnings, NewMeter: func(number int) execution.Meter { return port.NewMeter(number) },
		GuardFolder: e.guardFolder(), Helper: sdk.Files, HelperFolder: e.helperFolder(), Guarded: e.guarded, JobEnded: e.jobEnded, MayStart: e.mayStart,
		Rules: e.executionRules(c),
	}, e.store, environmentsOf{e.environments}, portsOf{e.ports, e.store}, foldersOf{o.Root, e}, logsOf{},
		e.bus.Publish, e.log)
	e.keeper = execution.NewKeeper(keeping{e}, execution.SystemClock{}, e.log)
}

// CloseToScripts keeps scripts from connecting to a port that we listen on.
func (e *Engine) CloseToScripts(port int) { e.executions.CloseToScripts(port) }

// Start brings everything into the state in which people may use it: scripts
// are discovered and executions of before are put right when it returns; the
// environments are verified soon after.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.loadEdits(ctx); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	if err := e.Rescan(ctx); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	if err := e.settleHandOver(ctx); err != nil {
		e.log.Error("settle a hand-over that was cut off; tried again at the next start", "error", err)
	}
	corrected, err := e.executions.Recover(ctx, e.knownScript(ctx))
	e.recordCorrections(ctx, corrected)
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	e.sweepDrafts()
	e.sweepProjectJobs(ctx)
	e.sweepBackupUploads()
	e.removeProjects(ctx)
	e.sweepUploads()
	e.environments.Recall(ctx)
	if e.options.Kind != platform.OwnerCommand {
		e.executions.KeepReady()
	}
	e.removeOldCaches(time.Now())
	e.removeLeftFiles(ctx)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	tree := suture.New("engine", suture.Spec{EventHook: func(ev suture.Event) {
		e.log.Error("a service of the engine failed", "event", ev.String())
	}})
	tree.Add(&watcher{e})
	tree.Add(&verifier{e})
	if e.options.Kind != platform.OwnerCommand {
		tree.Add(&alwaysOn{e})
	}
	tree.Add(&reconciler{e})
	tree.Add(e.settings)
	tree.Add(e.auditCopier)
	if e.options.Kind != platform.OwnerCommand {
		tree.Add(&indexer{e})
		tree.Add(&scriptFinder{e})
		tree.Add(&cleaner{e})
		tree.Add(&projectSaver{e})
		tree.Add(&dataFollower{e})
	}
	e.supervisor = tree.ServeBackground(run)
	return nil
}

func (e *Engine) knownScript(ctx context.Context) func(domain.ScriptID) (domain.Script, bool) {
	return func(id domain.ScriptID) (domain.Script, bool) {
		script, err := e.store.Script(ctx, id)
		return script, err == nil
	}
}

// Quiet stops what ends with the engine, while its clients still hear of it.
func (e *Engine) Quiet(ctx context.Context, reason domain.Reason) {
	if err := e.closeExecutions(ctx, reason); err != nil {
		e.log.Warn("some executions did not end", "error", err)
	}
}

// closeExecutions leaves them to the next engine where this one was only that
// of a command: what another command or window runs must not end with it.
func (e *Engine) closeExecutions(ctx context.Context, reason domain.Reason) error {
	if e.options.Kind == platform.OwnerCommand {
		return e.executions.HandOver(ctx)
	}
	return e.executions.Close(ctx, reason)
}

// Close stops scripts with a page, leaves the others to their shims, and
// closes the root. It waits at most until ctx ends. Further calls give what
// the first gave.
func (e *Engine) Close(ctx context.Context, reason domain.Reason) error {
	e.closeOnce.Do(func() {
		err := e.closeExecutions(ctx, reason)
		if e.cancel != nil {
			e.cancel()
			if stopped := <-e.supervisor; stopped != nil && !errors.Is(stopped, context.Canceled) {
				err = errors.Join(err, fmt.Errorf("stop the engine's services: %w", stopped))
			}
		}
		e.closeErr = errors.Join(err, e.release())
	})
	return e.closeErr
}

// release closes what Open opened, in the opposite order.
func (e *Engine) release() error {
	var errs []error
	e.dataUse.stop()
	if e.ports != nil {
		errs = append(errs, e.ports.Close())
	}
	e.uploads.close()
	errs = append(errs, e.logIndex.close(), e.data.close())
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	for _, c := range e.logs {
		errs = append(errs, c.Close())
	}
	if e.lock != nil {
		e.removeRunFolder()
		errs = append(errs, e.lock.Unlock())
	}
	return errors.Join(errs...)
}

// fill puts sample groups into a new root, and brand images where there are
// none. A root that has a database is not new: whoever emptied its groups
// meant it.
func (e *Engine) fill() error {
	samples := e.options.Samples
	if _, err := os.Stat(e.options.Root.Database()); err == nil {
		samples = nil
	}
	e.sweepSamples()
	if err := fillFolder(e.options.Root.Groups(), samples); err != nil {
		return fmt.Errorf("put sample groups into the root: %w", err)
	}
	if err := fillFolder(e.brandFolder(), e.options.Brand); err != nil {
		return fmt.Errorf("put images into the root: %w", err)
	}
	if _, err := os.Stat(e.brandCSS()); errors.Is(err, fs.ErrNotExist) && e.options.BrandCSS != nil {
		if err := os.MkdirAll(filepath.Dir(e.brandCSS()), 0o700); err != nil {
			return err
		}
		if err := platform.WriteFile(e.brandCSS(), e.options.BrandCSS, 0o644); err != nil {
			return fmt.Errorf("put colours into the root: %w", err)
		}
	}
	return nil
}

// draftPrefix begins the names of folders that are being filled.
const draftPrefix = ".new-"

// fillFolder copies files into a folder that is missing or empty. It is built
// beside its place and moved there whole, so that a crash leaves nothing half
// filled behind.
func fillFolder(dir string, from fs.FS) error {
	parent := filepath.Dir(dir)
	// What a crash left; nobody else fills, since the root is ours.
	drafts, _ := filepath.Glob(filepath.Join(parent, draftPrefix+"*"))
	for _, draft := range drafts {
		if err := os.RemoveAll(draft); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 || from == nil {
		return nil
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(parent, draftPrefix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(draft) }()
	if err := copyTree(draft, from); err != nil {
		if platform.IsDiskFull(err) {
			return domain.NewError(domain.CodeDiskFull, "path", dir).Because(err)
		}
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(draft, dir)
}

func copyTree(dir string, from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if filepath.Ext(name) == ".go" {
			return nil // the embedding file itself
		}
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600)
	})
}

// Lock is the hold on the root, to describe its owner.
func (e *Engine) Lock() *platform.Lock { return e.lock }

// RunDir is the short private folder for sockets.
func (e *Engine) RunDir() string { return e.runDir }

// Root is the folder that the engine owns.
func (e *Engine) Root() platform.Root { return e.options.Root }

// Log is the engine's own log.
func (e *Engine) Log() *slog.Logger { return e.log }

// AccessLog is the log of calls by HTTP.
func (e *Engine) AccessLog() *slog.Logger { return e.access }

// Events is the bus.
func (e *Engine) Events() *event.Bus { return e.bus }

// DefaultLanguage is the installation's language for who is not signed in.
func (e *Engine) DefaultLanguage() domain.Language {
	if l := domain.Language(e.Config().Documentation.DefaultLanguage); l.Valid() {
		return l
	}
	return domain.English
}

func (e *Engine) brandFolder() string {
	return filepath.Join(e.options.Root.Dir, "app", "static", "images")
}

// brandCSS is the path of the brand's colours for pages of scripts, which an
// administrator may replace.
func (e *Engine) brandCSS() string {
	return filepath.Join(e.options.Root.Dir, "app", "static", "brand.css")
}

// Logo is the path of the logo, which an administrator may replace.
func (e *Engine) Logo() string { return filepath.Join(e.brandFolder(), "SIDEL.png") }

// BrandFolder is where the logo and its variants lie.
func (e *Engine) BrandFolder() string { return e.brandFolder() }
