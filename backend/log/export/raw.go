package export

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
)

// copied is how much is copied between two looks at whether to go on.
const copied = 1 << 20

// raw writes what the script wrote, byte for byte; of one that still runs, up to
// now.
func (w *writer) raw() error {
	if len(w.spec.Items) == 1 {
		return w.copy(w.out, w.spec.Items[0])
	}
	z := zip.NewWriter(w.out)
	for _, item := range w.spec.Items {
		x := item.Execution
		f, err := z.CreateHeader(&zip.FileHeader{Name: entryName(item), Method: zip.Deflate, Modified: x.CreatedAt})
		if err != nil {
			return fmt.Errorf("add a log to a ZIP: %w", err)
		}
		if err := w.copy(f, item); err != nil {
			return err
		}
	}
	return z.Close()
}

// notInName is what names of files are kept free of.
var notInName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// FileName makes a script's name safe in the name of a file.
func FileName(name string) string { return strings.Trim(notInName.ReplaceAllString(name, "_"), "_") }

// entryName is the name of a log in a ZIP; with the execution's id it is there
// once.
func entryName(item Item) string {
	x := item.Execution
	return fmt.Sprintf("%s_%s_%s.log", FileName(x.Name), x.CreatedAt.Local().Format("20060102_150405"), x.ID)
}

// copy writes an execution's output; a log that is not there has none.
func (w *writer) copy(to io.Writer, item Item) (err error) {
	c, err := log.OpenContent(item.Base + format.LogSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	size, err := c.Size()
	if err != nil {
		return err
	}
	buffer := make([]byte, copied)
	for at := int64(0); at < size; {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		n, err := c.ReadAt(buffer[:min(copied, size-at)], at)
		if _, failed := to.Write(buffer[:n]); failed != nil {
			return failed
		}
		at += int64(n)
		if w.tell != nil {
			w.tell(w.done+item.Execution.Lines*at/size, w.total, item.Title)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 {
			break // cut meanwhile
		}
	}
	w.done += item.Execution.Lines
	return nil
}
