package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// exportMost is how large a zip of logs may become: an answer has to fit into
// what a connection takes. It is far more than full files are, compressed.
const exportMost = 20 << 20

// ExportSystemLog gives a system log as it is, with those before it as a zip
// where there are any, and records who took it. It gives the file's name, too.
func (e *Engine) ExportSystemLog(ctx context.Context, a Actor, name string) (string, []byte, error) {
	f, err := e.openSystemLog(name)
	if err != nil {
		return "", nil, err
	}
	var today []byte
	begun := ""
	if f != nil {
		if today, begun, err = wholeLog(f); err != nil {
			return "", nil, err
		}
	}
	paths, err := filepath.Glob(filepath.Join(e.options.Root.SystemLogs(), name+"-*.log"))
	if err != nil {
		return "", nil, err
	}
	slices.Sort(paths)
	slices.Reverse(paths) // the newest first, by the time in their names
	file, data := name+".log", today
	if len(paths) > 0 {
		file = name + "-logs.zip"
		if data, err = zipSystemLogs(name, today, begun, paths); err != nil {
			return "", nil, err
		}
	}
	return file, data, e.store.Audit(ctx, a, "system_log.export", "log:"+name, nil, nil)
}

// zipSystemLogs packs a log and those before it. One that became an earlier one
// since it was opened is not packed twice; what had no room is named.
func zipSystemLogs(name string, today []byte, begun string, paths []string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(as string, text []byte) error {
		return errors.Join(putIn(z, &zip.FileHeader{Name: as, Method: zip.Deflate}, text), z.Flush())
	}
	if err := put(name+".log", today); err != nil {
		return nil, err
	}
	var left []string
	for _, path := range paths {
		if b.Len() > exportMost {
			left = append(left, filepath.Base(path))
			continue
		}
		text, first, err := earlierLog(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && begun != "" && first == begun {
			continue // it was the oldest; or it is the one that was opened
		}
		if err == nil {
			err = put(filepath.Base(path), text)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(left) > 0 {
		if err := put("left_out.txt", []byte(strings.Join(left, "\n")+"\n")); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func earlierLog(path string) (text []byte, begun string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	return wholeLog(f)
}

// wholeLog reads a log, tells it from others, and closes it.
func wholeLog(f *os.File) (text []byte, begun string, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	begun = begunWith(f)
	text, err = io.ReadAll(io.LimitReader(f, systemLogLook))
	return text, begun, err
}
