package archive

import (
	"io"
	"path/filepath"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// lookEvery is how many bytes are written between two looks at the room.
const lookEvery = 64 << 20

// hasRoom fails with CodeDiskFull where a disk has not so many bytes and the
// reserve beside. Path's folder is there. Where the room is not known, writing tells.
func hasRoom(path string, bytes int64, reserve uint64) error {
	free, _, err := platform.DiskUsage(filepath.Dir(path))
	if err == nil && free < uint64(bytes)+reserve { //nolint:gosec // not negative
		return domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(path))
	}
	return nil
}

// sparing writes as long as the reserve is left.
type sparing struct {
	io.Writer

	path    string
	reserve uint64
	since   int
}

func (s *sparing) Write(p []byte) (int, error) {
	if s.since += len(p); s.since >= lookEvery {
		s.since = 0
		if err := hasRoom(s.path, 0, s.reserve); err != nil {
			return 0, err
		}
	}
	return s.Writer.Write(p)
}
