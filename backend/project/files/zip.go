package files

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"scriptsmanager/backend/platform"
)

// Zip writes what lies at the paths as one zip, as it goes. Names in it begin
// where the paths end. What is neither a file nor a folder stays out; left gets
// its path. It fails as each, and with what w gives.
func (f *Folder) Zip(ctx context.Context, w io.Writer, paths []string, left func(path string)) error {
	z := zip.NewWriter(w)
	for _, path := range paths {
		folder, _ := cut(path)
		err := f.each(ctx, path, func(at string, dir *os.Root, name string, info fs.FileInfo) error {
			inner := strings.TrimPrefix(strings.TrimPrefix(at, folder), "/")
			switch {
			case info.IsDir():
				_, err := z.CreateHeader(&zip.FileHeader{Name: inner + "/", Modified: info.ModTime()})
				return err
			case info.Mode().IsRegular():
				return zipFile(ctx, z, inner, dir, name, info, at, left)
			default:
				left(at)
				return nil
			}
		})
		if err != nil {
			return fmt.Errorf("zip %s: %w", path, err)
		}
	}
	return z.Close()
}

func zipFile(ctx context.Context, z *zip.Writer, inner string, dir *os.Root, name string, info fs.FileInfo, at string, left func(string)) error {
	file, err := platform.OpenPlainIn(dir, name)
	if err != nil {
		left(at) // it went, or may not be read
		return nil
	}
	defer func() { _ = file.Close() }()
	part, err := z.CreateHeader(&zip.FileHeader{Name: inner, Modified: info.ModTime(), Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.Copy(part, &cancellable{ctx, file})
	return err
}

// cancellable is a reader that ends with a context.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// ZipName is what a zip of the paths is called.
func ZipName(paths []string, otherwise string) string {
	if len(paths) == 1 && paths[0] != "" {
		_, name := cut(paths[0])
		return name + ".zip"
	}
	return otherwise + ".zip"
}
