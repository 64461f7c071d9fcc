package environment

import (
	"context"
	"io/fs"
	"path/filepath"

	"scriptsmanager/backend/domain"
)

// sizeOf adds up the files below a prefix, each once however many names it
// has there. It follows no links; what may not be read does not count.
func sizeOf(ctx context.Context, prefix string) int64 {
	size := int64(0)
	seen := map[fileKey]bool{}
	_ = filepath.WalkDir(prefix, func(_ string, entry fs.DirEntry, err error) error { // ends with ctx alone
		if ctx.Err() != nil {
			return fs.SkipAll
		}
		if err != nil || !entry.Type().IsRegular() {
			return nil //nolint:nilerr // the rest counts
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // it went this moment
		}
		if key, shared := keyOf(info); shared {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		size += info.Size()
		return nil
	})
	return size
}

// measure finds the sizes of the environments of which they are not known, and
// tells whether there was one. Python of the system is no folder of its own.
func (e *Environments) measure(ctx context.Context) bool {
	any := false
	for _, env := range e.List() {
		if env.Size != 0 || env.Kind == domain.EnvironmentSystem {
			continue
		}
		size := sizeOf(ctx, env.Path)
		if ctx.Err() != nil {
			return false
		}
		e.mu.Lock()
		// what was verified again meanwhile has changed, and is measured again
		if v, ok := e.verified[env.Path]; ok && size > 0 && v.env.VerifiedAt != nil && env.VerifiedAt != nil && v.env.VerifiedAt.Equal(*env.VerifiedAt) {
			v.env.Size = size
			e.verified[env.Path] = v
			any = true
		}
		e.mu.Unlock()
	}
	if any {
		e.arrange()
	}
	return any
}
