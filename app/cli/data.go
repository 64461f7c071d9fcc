package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scriptsmanager/app"
	"scriptsmanager/app/door"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/files"
)

// dataCmds are the files of projects.
type dataCmds struct {
	Usage  dataUsageCmd  `cmd:"" help:"Tell what people and projects take on the disk, as it was measured last."`
	List   dataListCmd   `cmd:"" help:"List the files of a project, or the groups that it has files for."`
	Get    dataGetCmd    `cmd:"" help:"Fetch a file, or a folder as a zip."`
	Put    dataPutCmd    `cmd:"" help:"Put files into a project."`
	Remove dataRemoveCmd `cmd:"" aliases:"rm" help:"Remove files and folders of a project for good."`
}

// dataPlaceFlags say which files are meant.
type dataPlaceFlags struct {
	Project string `help:"The project's name; else the default one." placeholder:"NAME"`
	Owner   string `help:"The project is this person's, who shares it." placeholder:"USER"`
	Group   string `help:"The group of scripts; else the path begins with it." placeholder:"GROUP"`
	As      string `help:"Act with this user's rights, in this user's projects." placeholder:"USER"`
}

// place is the project's id, the group and the path in it.
type dataPlace struct {
	project int64
	group   string
	path    string
}

func (f dataPlaceFlags) place(ctx context.Context, c *connection, name string) (dataPlace, error) {
	project, err := f.project(ctx, c)
	return f.in(project, name), err
}

func (f dataPlaceFlags) project(ctx context.Context, c *connection) (id int64, err error) {
	if f.Owner != "" {
		return sharedProject(ctx, c, f.Owner, f.Project)
	}
	var projects []domain.Project
	if err := door.Call(ctx, c, "Projects.List", nil, &projects); err != nil {
		return 0, err
	}
	for _, one := range projects {
		if (f.Project == "" && one.IsDefault) || (f.Project != "" && strings.EqualFold(one.Name, f.Project)) {
			id = one.ID
		}
	}
	if id == 0 {
		return 0, domain.NewError(domain.CodeNotFound, "what", "project", "name", f.Project)
	}
	return id, nil
}

// in is the place of a name in a project.
func (f dataPlaceFlags) in(project int64, name string) dataPlace {
	p := dataPlace{project: project, group: f.Group, path: strings.Trim(name, "/")}
	if p.group == "" {
		p.group, p.path, _ = strings.Cut(p.path, "/")
	}
	return p
}

type dataListCmd struct {
	dataPlaceFlags

	Path      string `arg:"" optional:"" help:"GROUP, GROUP/FOLDER or, with --group, FOLDER."`
	Recursive bool   `short:"r" help:"With all that is below."`
}

// dataLine is one entry of a list.
type dataLine struct {
	domain.DataEntry

	Path string `json:"path"`
}

// Run lists files.
func (r dataListCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		p, err := r.place(ctx, c, r.Path)
		if err != nil {
			return err
		}
		if p.group == "" {
			return s.listDataGroups(ctx, c, p.project)
		}
		lines := []dataLine{}
		if err := collectData(ctx, c, p, r.Recursive, &lines); err != nil {
			return err
		}
		return s.print(lines, func(w io.Writer) {
			rows := make([][]string, len(lines))
			for i, l := range lines {
				name, size := l.Path, ""
				switch l.Kind {
				case domain.DataFolder:
					name += "/"
				case domain.DataLink:
					name += " -> " + l.Target
				case domain.DataFile:
					size = strconv.FormatInt(l.Size, 10)
				default:
				}
				rows[i] = []string{name, string(l.Kind), size, l.ModifiedAt.Local().Format(time.DateTime)}
			}
			table(w, []string{"PATH", "KIND", "BYTES", "MODIFIED"}, rows)
		})
	})
}

func (s *session) listDataGroups(ctx context.Context, c *connection, project int64) error {
	var found app.DataGroups
	if err := door.Call(ctx, c, "Data.Groups", app.DataProjectRequest{ProjectID: project}, &found); err != nil {
		return err
	}
	return s.print(found.Groups, func(w io.Writer) {
		rows := make([][]string, len(found.Groups))
		for i, g := range found.Groups {
			rows[i] = []string{g.GroupID, g.Name.In(s.lang), yes(g.Used)}
		}
		table(w, []string{"GROUP", "NAME", "USED"}, rows)
	})
}

func collectData(ctx context.Context, c *connection, p dataPlace, recursive bool, lines *[]dataLine) error {
	for from := 0; ; {
		var page app.DataFolderView
		err := door.Call(ctx, c, "Data.List", app.DataFolderRequest{ProjectID: p.project, GroupID: p.group, Path: p.path, From: from}, &page)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			at := path.Join(p.path, e.Name)
			*lines = append(*lines, dataLine{e, at})
			if recursive && e.Kind == domain.DataFolder {
				if err := collectData(ctx, c, dataPlace{p.project, p.group, at}, true, lines); err != nil {
					return err
				}
			}
		}
		if from += len(page.Entries); len(page.Entries) == 0 || from >= page.Total {
			return nil
		}
	}
}

type dataGetCmd struct {
	dataPlaceFlags

	Path   string `arg:"" help:"GROUP/PATH or, with --group, PATH. A folder comes as a zip."`
	Output string `short:"o" help:"The file to write, - for the standard output; else a file of that name here. What is there is replaced." placeholder:"FILE"`
}

// Run fetches a file.
func (r dataGetCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		p, err := r.place(ctx, c, r.Path)
		if err != nil {
			return err
		}
		var t app.DataTransfer
		if err := door.Call(ctx, c, "Data.Download", app.DataPathsRequest{ProjectID: p.project, GroupID: p.group, Paths: []string{p.path}}, &t); err != nil {
			return err
		}
		if r.Output == "-" {
			_, left, err := receive(ctx, c, t.ID, s.Stdout)
			s.tellLeft(left)
			return err
		}
		output := r.Output
		if output == "" {
			output = t.Name
			if _, err := files.CheckName(output); err != nil {
				return errors.Join(err, door.Call(ctx, c, "Data.TransferEnd", app.DataTransferRequest{ID: t.ID}, nil))
			}
		} else if info, err := os.Stat(output); err == nil && info.IsDir() {
			output = filepath.Join(output, t.Name)
		}
		var size int64
		var left []string
		_, err = written(output, func(w io.Writer) (err error) {
			size, left, err = receive(ctx, c, t.ID, w)
			return err
		})
		if err != nil {
			return err
		}
		s.tellLeft(left)
		return s.print(map[string]any{"path": output, "bytes": size, "left": left}, func(w io.Writer) { _, _ = fmt.Fprintln(w, output) })
	})
}

// tellLeft says what a zip lacks.
func (s *session) tellLeft(left []string) {
	for _, path := range left {
		_, _ = fmt.Fprintln(s.Stderr, "scriptsmanager: "+s.Texts.Text(s.lang, "cli.data.left", map[string]any{"name": oneLine(path)}))
	}
}

func receive(ctx context.Context, c *connection, id string, w io.Writer) (size int64, left []string, err error) {
	for {
		var part app.DataDownloaded
		if err := door.Call(ctx, c, "Data.DownloadPart", app.DataTransferRequest{ID: id}, &part); err != nil {
			return size, nil, err
		}
		n, err := w.Write(part.Data)
		size += int64(n)
		if err != nil {
			return size, nil, err
		}
		if part.End {
			return size, part.Left, nil
		}
	}
}

type dataPutCmd struct {
	dataPlaceFlags

	Files   []string `arg:"" name:"file" help:"The files to put, - for the standard input; at the end where to: GROUP, GROUP/FOLDER (with a slash behind it) or, of one file, GROUP/PATH."`
	Replace bool     `help:"Replace what has the same name."`
}

// Run puts files into a project.
func (r dataPutCmd) Run(ctx context.Context, s *session) error {
	sources, to := r.Files, ""
	if r.Group == "" || len(sources) > 1 {
		sources, to = r.Files[:len(r.Files)-1], r.Files[len(r.Files)-1]
	}
	if len(sources) == 0 {
		return domain.NewError(domain.CodeUsage, "detail", "data put FILE… GROUP/PATH")
	}
	return s.with(ctx, r.As, func(c *connection) error {
		p, err := r.place(ctx, c, to)
		if err != nil {
			return err
		}
		folder := p.path == "" || strings.HasSuffix(to, "/") || len(sources) > 1
		if !folder {
			var found app.DataFileView
			err := door.Call(ctx, c, "Data.Look", app.DataFileRequest{ProjectID: p.project, GroupID: p.group, Path: p.path}, &found)
			folder = err == nil && found.Entry.Kind == domain.DataFolder
		}
		put := []app.DataUploaded{}
		for _, source := range sources {
			at := p
			if folder {
				at.path = path.Join(p.path, filepath.Base(source))
			}
			done, err := s.putFile(ctx, c, source, at, r.Replace)
			if err != nil {
				return err
			}
			put = append(put, done)
		}
		return s.print(put, func(w io.Writer) {
			for _, one := range put {
				_, _ = fmt.Fprintln(w, oneLine(p.group+"/"+one.Path))
			}
		})
	})
}

// sentPart is how much of a file one call sends.
const sentPart = 1 << 20

func (s *session) putFile(ctx context.Context, c *connection, source string, at dataPlace, replace bool) (done app.DataUploaded, err error) {
	file, size, clean, err := s.source(source)
	if err != nil {
		return done, err
	}
	defer clean()
	existing := ""
	if replace {
		existing = "replace"
	}
	var t app.DataTransfer
	err = door.Call(ctx, c, "Data.Upload", app.DataUploadRequest{ProjectID: at.project, GroupID: at.group, Path: at.path, Size: size, Existing: existing}, &t)
	if err != nil {
		return done, err
	}
	buffer := make([]byte, sentPart)
	for sent := int64(0); sent < size; {
		n, err := io.ReadFull(file, buffer[:min(int64(len(buffer)), size-sent)])
		if err != nil {
			return done, errors.Join(fmt.Errorf("read %s: %w", source, err), door.Call(ctx, c, "Data.TransferEnd", app.DataTransferRequest{ID: t.ID}, nil))
		}
		var received app.DataReceived
		if err := door.Call(ctx, c, "Data.UploadPart", app.DataPartRequest{ID: t.ID, Offset: sent, Data: buffer[:n]}, &received); err != nil {
			return done, err
		}
		sent = received.Size
	}
	err = door.Call(ctx, c, "Data.UploadEnd", app.DataUploadEndRequest{ID: t.ID}, &done)
	return done, err
}

// source opens what is to be put; the standard input goes through a file first,
// since its size must be known.
func (s *session) source(name string) (file *os.File, size int64, clean func(), err error) {
	unreadable := func(err error) error {
		return domain.NewError(domain.CodeFileUnreadable, "path", name, "detail", err.Error()).Because(err)
	}
	if name == "-" {
		if file, err = os.CreateTemp("", "scriptsmanager-*"); err != nil {
			return nil, 0, nil, err
		}
		clean = func() {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
		if size, err = io.Copy(file, s.Stdin); err == nil {
			_, err = file.Seek(0, io.SeekStart)
		}
		if err != nil {
			clean()
			return nil, 0, nil, unreadable(err)
		}
		return file, size, clean, nil
	}
	info, err := os.Stat(name) // before: opening a named pipe would wait
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("no file")
	}
	if err == nil {
		file, err = os.Open(name)
	}
	if err != nil {
		return nil, 0, nil, unreadable(err)
	}
	return file, info.Size(), func() { _ = file.Close() }, nil
}

type dataRemoveCmd struct {
	dataPlaceFlags

	Paths     []string `arg:"" name:"path" help:"GROUP/PATH or, with --group, PATH."`
	Recursive bool     `short:"r" help:"Remove folders with all that is in them."`
}

// Run removes files.
func (r dataRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, r.As, func(c *connection) error {
		project, err := r.project(ctx, c)
		if err != nil {
			return err
		}
		total := files.Count{}
		for _, name := range r.Paths {
			p := r.in(project, name)
			if p.path == "" {
				return domain.NewError(domain.CodeUsageForm, "given", name, "form", "GROUP/PATH")
			}
			var count files.Count
			if err := door.Call(ctx, c, "Data.Weigh", app.DataPathsRequest{ProjectID: p.project, GroupID: p.group, Paths: []string{p.path}}, &count); err != nil {
				return err
			}
			if count.Folders > 0 && !r.Recursive {
				return domain.NewError(domain.CodeFileFolder, "name", p.path)
			}
			err = door.Call(ctx, c, "Data.Delete", app.DataDeleteRequest{ProjectID: p.project, GroupID: p.group, Paths: []string{p.path}, Files: count.Files}, &count)
			if err != nil {
				return err
			}
			total.Files += count.Files
			total.Folders += count.Folders
			total.Bytes += count.Bytes
		}
		return s.print(total, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, s.Texts.Text(s.lang, "cli.data.removed", map[string]any{"count": total.Files, "count_text": fmt.Sprint(total.Files), "bytes": total.Bytes}))
		})
	})
}
