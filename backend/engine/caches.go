package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// cacheTag tells tools that copy folders to leave this one out
// (https://bford.info/cachedir/).
const cacheTag = "Signature: 8a477f597d28d172789f06886806bc55\n" +
	"# What scripts of ScriptsManager can do without. It may be deleted while none runs.\n"

// cacheKept is for how long a cache that nobody uses stays.
const cacheKept = 90 * 24 * time.Hour

// Cache makes the folder in which a user's executions of a script keep what
// they can do without.
func (f foldersOf) Cache(userFolder string, script domain.ScriptID) (string, error) {
	dir := filepath.Join(f.root.Caches(), platform.Prefixed("user_", userFolder), cacheName(script))
	now := time.Now()
	err := os.Chtimes(dir, now, now) // by which is seen that it is used
	if err == nil {
		return dir, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("use the cache of %s: %w", script, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a cache for %s: %w", script, err)
	}
	tag := filepath.Join(f.root.Caches(), "CACHEDIR.TAG")
	if _, err := os.Lstat(tag); err != nil {
		if err := os.WriteFile(tag, []byte(cacheTag), 0o600); err != nil {
			return "", fmt.Errorf("mark the caches as such: %w", err)
		}
	}
	return dir, nil
}

// cacheName is safe in a path; a part of the checksum keeps those apart that
// look the same then.
func cacheName(script domain.ScriptID) string {
	sum := sha256.Sum256([]byte(script))
	return platform.SafeName(script) + "-" + hex.EncodeToString(sum[:6])
}

// removeOldCaches takes away caches that have not been used for long; not those
// of scripts that run.
func (e *Engine) removeOldCaches(now time.Time) {
	used := map[string]bool{}
	for _, x := range e.executions.AllLive() {
		used[cacheName(x.ScriptID)] = true
	}
	found, _ := filepath.Glob(filepath.Join(e.options.Root.Caches(), "user_*", "*")) // the pattern is good
	for _, dir := range found {
		info, err := os.Lstat(dir)
		if err != nil || now.Sub(info.ModTime()) < cacheKept || used[filepath.Base(dir)] {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			e.log.Warn("remove a cache that nobody uses", "folder", dir, "error", err)
		}
	}
}
