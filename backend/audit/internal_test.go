package audit

import "context"

// Verify is Copier.Verify of what lies there, with nothing copied before; dir
// "" is without a copy.
func Verify(ctx context.Context, records Records, dir string, noted *Head) (Verified, error) {
	var files []file
	if dir != "" {
		files = snapshot(dir)
	}
	return verify(ctx, records, files, noted)
}
