package engine

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"scriptsmanager/backend/config"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/environment"
	"scriptsmanager/backend/execution"
	"scriptsmanager/backend/port"
	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/setting"
	"scriptsmanager/backend/store"
)

func (e *Engine) openSettings(ctx context.Context) (err error) {
	e.settings, err = setting.Open(ctx, setting.Options{
		Path: e.options.Root.Config(), Environ: e.options.Environ, Store: e.store, Log: e.log, Changed: e.configured,
	})
	if err == nil {
		e.more.Set(logLevel(e.Config()))
	}
	return err
}

// configured hands a changed configuration to who took values of the one
// before. All others ask for it when they need it.
func (e *Engine) configured(before, after config.Config) {
	e.more.Set(logLevel(after))
	e.executions.SetRules(e.executionRules(after))
	e.ports.SetRules(portRules(after))
	e.accounts.SetThrottle(after.SignIn.FreeAttempts, time.Duration(after.SignIn.LongestWaitSecond)*time.Second)
	e.environments.SetBase(inherited(e.options.Environ, after))
	e.environments.SetSettings(environmentSettings(after))
	select {
	case e.repace <- struct{}{}:
	default: // it is told already
	}
	e.bus.Publish(domain.Event{Type: domain.EventSettingsChanged})
	if before.Security.EnableProjectSharing != after.Security.EnableProjectSharing {
		e.tellEveryoneShared()
	}
	if b, a := before.Environments, after.Environments; b.AutoDetect != a.AutoDetect || !slices.Equal(b.Folders, a.Folders) {
		go func() {
			if _, err := e.LookForEnvironments(context.Background()); err != nil {
				e.log.Warn("look for environments in changed folders", "error", err)
			}
		}()
	}
}

func logLevel(c config.Config) slog.Level {
	if c.Debug {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func (e *Engine) executionRules(c config.Config) execution.Rules {
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	return execution.Rules{
		Environ: inherited(e.options.Environ, c),
		Grace:   seconds(c.Limits.GraceSeconds), StartTimeout: seconds(c.Limits.StartSeconds),
		MaxInterfaces: c.WebInterface.MaxConcurrentInterfaces, MaxInterfacesUser: c.WebInterface.MaxInterfacesPerUser,
		Confinement: sandbox.Mode(c.Confinement), ClosedPorts: closedPorts(c),
		Limits: sandbox.Limits{
			Memory: int64(c.Limits.MemoryMegabytes) << 20, Processes: c.Limits.Processes,
			Time: seconds(c.Limits.ExecutionSeconds), CPUs: c.Limits.CPUs,
		},
		LogLimit: int64(c.Logs.MaxMegabytes) << 20, Idle: seconds(c.WebInterface.SessionTimeout),
	}
}

func portRules(c config.Config) port.Rules {
	w := c.WebInterface
	return port.Rules{Start: w.PortRange.Start, End: w.PortRange.End, Retries: w.PortCheckRetries, Unchecked: !w.PortAvailabilityCheck}
}

func environmentSettings(c config.Config) environment.Settings {
	return environment.Settings{
		Folders: c.Environments.Folders, Fallback: c.Environments.Fallback, OnlyFolders: !c.Environments.AutoDetect,
	}
}

// inherited is what scripts get of the engine's own environment: what is known
// to be harmless where they are confined, else all but what is ours.
func inherited(environ []string, c config.Config) []string {
	environ = withoutSecrets(environ)
	if sandbox.Mode(c.Confinement) == sandbox.Off {
		return environ
	}
	return sandbox.Environ(environ, c.ConfinementEnvironment)
}

// closedPorts are those of scripts' pages and of ours: no script looks into
// another one's page, which shows another person's data.
func closedPorts(c config.Config) [][2]int {
	closed := [][2]int{{c.WebInterface.PortRange.Start, c.WebInterface.PortRange.End}}
	if address, err := netip.ParseAddrPort(c.Serve.Listen); err == nil && address.Port() > 0 {
		closed = append(closed, [2]int{int(address.Port()), int(address.Port())})
	}
	return closed
}

// Config is the configuration in force.
func (e *Engine) Config() config.Config { return e.settings.Config() }

// Notices tells what is wrong in config.json and in the variables that override it.
func (e *Engine) Notices() []domain.Problem { return e.settings.Problems() }

// The configuration as people read and change it.
type (
	// SettingsView is the configuration with what there is to say of each key.
	SettingsView = setting.View
	// SettingsRequest is what is to be changed in it.
	SettingsRequest = setting.Request
	// SettingChange is one change that was made.
	SettingChange = store.SettingChange
	// SettingFilter chooses changes.
	SettingFilter = store.SettingFilter
)

// Settings gives the configuration as people read it.
func (e *Engine) Settings() SettingsView { return e.settings.View() }

// SetSettings changes keys of the configuration. It fails as setting.Settings.Set.
func (e *Engine) SetSettings(ctx context.Context, a Actor, r SettingsRequest) ([]SettingChange, error) {
	return e.settings.Set(ctx, a, r)
}

// SettingChanges gives what was changed, the newest first.
func (e *Engine) SettingChanges(ctx context.Context, f SettingFilter) ([]SettingChange, error) {
	return e.settings.Changes(ctx, f)
}

// TakeBackSetting undoes one change, or, with all, it and every one after it.
// It fails as setting.Settings.TakeBack.
func (e *Engine) TakeBackSetting(ctx context.Context, a Actor, id int64, all bool) ([]SettingChange, error) {
	return e.settings.TakeBack(ctx, a, id, all)
}

// RestoreSettings puts the configuration in force back into a file that is
// refused, and gives where that one is kept.
func (e *Engine) RestoreSettings(ctx context.Context, a Actor) (kept string, err error) {
	if kept, err = e.settings.Restore(ctx, a); err != nil {
		return "", err
	}
	return kept, e.store.Audit(ctx, a, "setting.restore", "setting:config.json", nil, map[string]any{"kept": kept})
}
