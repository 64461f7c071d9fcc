package project

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

const (
	maximumName = 100 // as the column
	examples    = "examples/default"
	folderMode  = 0o700
	fileMode    = 0o600
)

// CheckName gives the name as it is to be stored. It fails with CodeNameInvalid.
func CheckName(name string) (string, error) {
	n := norm.NFC.String(strings.TrimSpace(name))
	if n == "" || !utf8.ValidString(n) || utf8.RuneCountInString(n) > maximumName || strings.ContainsFunc(n, unicode.IsControl) {
		return "", domain.NewError(domain.CodeNameInvalid, "name", strings.ToValidUTF8(name, "\uFFFD"))
	}
	return n, nil
}

// DescriptionMaximum is how long a project's description may be, in characters:
// it goes into the audit with each change.
const DescriptionMaximum = 2000

// CheckDescription fails with CodeInvalid, field "description".
func CheckDescription(text string) error {
	if utf8.RuneCountInString(text) > DescriptionMaximum {
		return domain.NewError(domain.CodeInvalid).With("description", domain.NewError(domain.CodeDescriptionLong, "maximum", DescriptionMaximum))
	}
	return nil
}

// DataDir says where a user's files of a project lie for the scripts of a
// group: script_groups/group_<group>/user_<user>/project_<project>, prefixes
// not doubled. The folders are as the store gives them; nothing is made.
func DataDir(root platform.Root, userFolder, projectFolder, groupID string) string {
	return FolderIn(root, GroupFolder(groupID), userFolder, projectFolder)
}

// groupFolder makes a group's id safe; where that changes it, "a b" and "a.b"
// must not fall on the same folder.
func groupFolder(id string) string {
	safe := platform.SafeName(id)
	if safe != id {
		sum := sha256.Sum256([]byte(id))
		safe += "-" + hex.EncodeToString(sum[:4])
	}
	return safe
}

// Prepare gives the data folder and makes it at its first use, with what lies
// in the group's examples/default/. Links there are left out. It fails with
// CodeDiskFull. An execution never sees a folder half filled.
func Prepare(ctx context.Context, root platform.Root, userFolder, projectFolder, groupID string) (string, error) {
	dir := DataDir(root, userFolder, projectFolder, groupID)
	if err := prepare(ctx, root, dir, groupID); err != nil {
		if platform.IsDiskFull(err) {
			return "", domain.NewError(domain.CodeDiskFull, "path", dir).Because(err)
		}
		return "", fmt.Errorf("prepare data folder %s: %w", dir, err)
	}
	return dir, nil
}

func prepare(ctx context.Context, root platform.Root, dir, groupID string) (err error) {
	if isFolder(dir) {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, folderMode); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(parent, ".new-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(fresh))
		}
	}()
	if err := copyExamples(ctx, filepath.Join(root.Groups(), groupID), fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		if isFolder(dir) { // another execution was faster
			return os.RemoveAll(fresh)
		}
		return err
	}
	return nil
}

func isFolder(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir()
}

func copyExamples(ctx context.Context, groupDir, to string) error {
	from, err := os.OpenRoot(groupDir)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	for _, part := range []string{path.Dir(examples), examples} {
		info, err := from.Lstat(part)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
	}
	target, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }()
	return fs.WalkDir(from.FS(), examples, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		relative := strings.TrimPrefix(strings.TrimPrefix(name, examples), "/")
		switch {
		case relative == "":
			return nil
		case d.IsDir():
			return target.Mkdir(relative, folderMode)
		case d.Type().IsRegular():
			return copyFile(from, name, target, relative)
		default: // links, devices, sockets
			return nil
		}
	})
}

func copyFile(from *os.Root, name string, to *os.Root, relative string) error {
	in, err := from.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := to.OpenFile(relative, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
