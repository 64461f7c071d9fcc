package document

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"scriptsmanager/backend/domain"
)

// readMost bounds what is read of a document: a little more than is shown, so
// that it is seen that it goes on.
const readMost = 10 << 20

// Source is a script's document as it stands in its file.
type Source struct {
	Language domain.Language
	File     string // relative to the group's folder, with slashes
	Text     []byte
	Info     fs.FileInfo
}

// Find reads the document in the first of the languages in which there is one.
// It fails with CodeNotFound, CodeFileUnreadable where the file is a folder, a
// device or a link out of the group, and CodeDocumentLarge.
func Find(root *os.Root, files domain.Text, scriptID domain.ScriptID, languages ...domain.Language) (Source, error) {
	var tried []domain.Language
	for _, l := range languages {
		file := files[l]
		if file == "" || slices.Contains(tried, l) {
			continue
		}
		tried = append(tried, l)
		s, err := Read(root, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		s.Language = l
		return s, err
	}
	return Source{}, domain.NewError(domain.CodeNotFound, "what", "document", "name", scriptID)
}

// Read reads a document by its path in the group's folder. It fails with
// fs.ErrNotExist and as Find does.
func Read(root *os.Root, file string) (Source, error) {
	b, info, err := readFile(root, file, readMost)
	var large *tooLarge
	switch {
	case errors.As(err, &large):
		return Source{}, domain.NewError(domain.CodeDocumentLarge, "path", file, "size", megabytes(large.size), "most", readMost>>20).Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return Source{}, err
	case err != nil:
		return Source{}, domain.NewError(domain.CodeFileUnreadable, "path", file, "detail", err.Error()).Because(err)
	}
	return Source{File: filepath.ToSlash(file), Text: b, Info: info}, nil
}

type tooLarge struct{ size int64 }

func (t *tooLarge) Error() string { return fmt.Sprintf("%d bytes are too many", t.size) }

func readFile(root *os.Root, file string, most int64) ([]byte, fs.FileInfo, error) {
	file = filepath.FromSlash(file)
	// Looked at first: opening a named pipe would wait for its other end.
	info, err := root.Stat(file)
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, nil, fmt.Errorf("%s is a folder", file)
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s is not a file", file)
	case info.Size() > most:
		return nil, nil, &tooLarge{info.Size()}
	}
	f, err := root.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most { // it grew meanwhile
		err = &tooLarge{int64(len(b))}
	}
	return b, info, err
}

// megabytes rounds up, so that what is too much never looks as if it were not.
func megabytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }
