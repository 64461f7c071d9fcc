package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"scriptsmanager/backend/domain"
)

const folderMode = 0o700

// Root is the folder that holds one installation's scripts and data.
type Root struct {
	Dir string // absolute
}

// Groups is the only folder where scripts are looked for.
func (r Root) Groups() string { return filepath.Join(r.Dir, "app", "backend", "script_groups") }

// Data holds everything that the product writes, except backups.
func (r Root) Data() string { return filepath.Join(r.Dir, "data") }

// Database is the file with the truth.
func (r Root) Database() string { return filepath.Join(r.Data(), "scriptsmanager.db") }

// LogIndex is the file that tells where words stand in logs. It is made anew
// where it is gone.
func (r Root) LogIndex() string { return filepath.Join(r.Data(), "log_index.db") }

// Config is the configuration file; it need not exist.
func (r Root) Config() string { return filepath.Join(r.Dir, "config.json") }

// ExecutionLogs holds a folder per user, in it one per day.
func (r Root) ExecutionLogs() string { return filepath.Join(r.Data(), "logs", "executions") }

// Exports is where files lie that were exported for people to fetch.
func (r Root) Exports() string { return filepath.Join(r.Data(), "exports") }

// SystemLogs holds the product's own logs.
func (r Root) SystemLogs() string { return filepath.Join(r.Data(), "logs", "system") }

// AuditLogs holds the audit as text.
func (r Root) AuditLogs() string { return filepath.Join(r.Data(), "logs", "audit") }

// ScriptData holds what scripts get as --data-dir.
func (r Root) ScriptData() string { return filepath.Join(r.Data(), "script_groups") }

// Uploads is where files grow until they are whole.
func (r Root) Uploads() string { return filepath.Join(r.Data(), "uploads") }

// Caches holds what scripts may keep from one execution to the next and can do
// without: fonts that were found, compiled code.
func (r Root) Caches() string { return filepath.Join(r.Data(), "caches") }

// ProjectBackups holds the zips of single projects.
func (r Root) ProjectBackups() string { return filepath.Join(r.Data(), "backups") }

// FindRoot says where the root is: flag (from --root), else env (the value of
// SCRIPTSMANAGER_ROOT), else exeDir (the program's folder) where that holds
// app/backend/script_groups, else the user's data folder. Nothing is created;
// the result is absolute.
func FindRoot(flag, env, exeDir string) (string, error) {
	for _, dir := range []string{flag, env} {
		if dir != "" {
			abs, err := filepath.Abs(dir)
			if err != nil {
				return "", fmt.Errorf("make root %q absolute: %w", dir, err)
			}
			return abs, nil
		}
	}
	if exeDir != "" {
		if info, err := os.Stat(Root{exeDir}.Groups()); err == nil && info.IsDir() {
			abs, err := filepath.Abs(exeDir)
			if err != nil {
				return "", fmt.Errorf("make root %q absolute: %w", exeDir, err)
			}
			return abs, nil
		}
	}
	dir, err := userDataFolder()
	if err != nil {
		return "", domain.NewError(domain.CodeRootNotWritable, "root", "~", "reason", err.Error()).Because(err)
	}
	return dir, nil
}

// Prepare makes the root's folders (mode 700 where they are new) and proves
// that files can be written there. It fails with CodeRootNotWritable,
// CodeRootNetwork (SQLite's locks and shared memory do not hold on a network
// file system) or CodeDiskFull.
func Prepare(root string) (Root, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return Root{}, fmt.Errorf("make root %q absolute: %w", root, err)
	}
	r := Root{Dir: abs}
	if err := os.MkdirAll(abs, folderMode); err != nil {
		return Root{}, rootError(abs, err)
	}
	if name, network, err := networkFileSystem(abs); err != nil {
		return Root{}, rootError(abs, err)
	} else if network {
		return Root{}, domain.NewError(domain.CodeRootNetwork, "root", abs, "filesystem", name)
	}
	for _, dir := range []string{
		r.Groups(), r.Data(), r.ScriptData(), r.ExecutionLogs(), r.SystemLogs(), r.AuditLogs(), r.ProjectBackups(),
	} {
		if err := os.MkdirAll(dir, folderMode); err != nil {
			return Root{}, rootError(abs, err)
		}
	}
	for _, dir := range []string{abs, r.Data()} {
		if err := tryWrite(dir); err != nil {
			return Root{}, rootError(abs, err)
		}
	}
	return r, nil
}

// tryWrite writes a page and removes it: permission bits do not tell about
// read-only mounts, quotas or a full disk.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".write-test-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

func rootError(root string, err error) error {
	if IsDiskFull(err) {
		return domain.NewError(domain.CodeDiskFull, "path", root).Because(err)
	}
	return domain.NewError(domain.CodeRootNotWritable, "root", root, "reason", err.Error()).Because(err)
}
