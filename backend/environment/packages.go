package environment

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// Packages lists what is installed in the environment with the prefix, by name. It
// starts no program: conda's packages are told by the names of their records,
// those of pip by the metadata in the folders of Python packages.
func (e *Environments) Packages(ctx context.Context, prefix string) ([]domain.EnvironmentPackage, error) {
	e.mu.Lock()
	f, ok := e.found[prefix]
	e.mu.Unlock()
	if !ok {
		return nil, domain.NewError(domain.CodeEnvironmentMissing, "environment", prefix)
	}
	return packagesOf(ctx, f)
}

// SharesPackages tells whether an environment is a venv in which the packages of
// the Python that it was made from can be imported, too (PEP 405).
func SharesPackages(env domain.Environment) bool {
	if env.Kind != domain.EnvironmentVenv {
		return false
	}
	b, err := readFile(filepath.Join(env.Path, "pyvenv.cfg"))
	return err == nil && sharesPackages(parseVenv(b))
}

func sharesPackages(venv map[string]string) bool {
	return strings.EqualFold(venv["include-system-site-packages"], "true")
}

func packagesOf(ctx context.Context, f Found) ([]domain.EnvironmentPackage, error) {
	packages := []domain.EnvironmentPackage{}
	byConda := map[string]string{} // version by the name that pip would use
	if f.Kind == domain.EnvironmentConda {
		var err error
		if packages, err = condaPackages(ctx, f.Path); err != nil {
			return nil, err
		}
		for _, p := range packages {
			byConda[pipName(p.Name)] = p.Version
		}
	}
	seen := map[string]bool{}
	for _, dir := range packageFolders(f.Path) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // it went this moment, or is not ours to read
		}
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p, byPip := pipPackage(filepath.Join(dir, entry.Name()))
			key := pipName(p.Name)
			version, conda := byConda[key]
			if !byPip || seen[key] || conda && version == p.Version {
				continue
			}
			seen[key] = true
			packages = append(packages, p)
		}
	}
	slices.SortFunc(packages, func(a, b domain.EnvironmentPackage) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Source, b.Source))
	})
	return packages, nil
}

// condaPackages reads the names of the records: name-version-build.json, in
// which only the name may have a dash. Where a package came from stands in the
// history, which is one file; in a record only where the history does not tell.
func condaPackages(ctx context.Context, prefix string) ([]domain.EnvironmentPackage, error) {
	meta := filepath.Join(prefix, "conda-meta")
	entries, err := os.ReadDir(meta)
	if err != nil {
		return nil, domain.NewError(domain.CodeFileUnreadable, "path", meta, "detail", err.Error()).Because(err)
	}
	b, _ := readFile(filepath.Join(meta, "history")) // unreadable is as empty
	channels := historyChannels(b)
	packages := []domain.EnvironmentPackage{}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("packages of %s: %w", prefix, err)
		}
		dist, ok := strings.CutSuffix(entry.Name(), ".json")
		if !ok {
			continue
		}
		p, ok := splitDist(dist)
		if !ok {
			continue
		}
		if p.Channel, ok = channels[dist]; !ok {
			p.Channel = channelName(recordChannel(filepath.Join(meta, entry.Name())))
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// splitDist takes a record's name apart, from the right.
func splitDist(dist string) (domain.EnvironmentPackage, bool) {
	build := strings.LastIndexByte(dist, '-')
	if build <= 0 {
		return domain.EnvironmentPackage{}, false
	}
	version := strings.LastIndexByte(dist[:build], '-')
	if version <= 0 || version+1 == build {
		return domain.EnvironmentPackage{}, false
	}
	return domain.EnvironmentPackage{
		Name: dist[:version], Version: dist[version+1 : build], Build: dist[build+1:], Source: domain.PackageConda,
	}, true
}

// historyChannels gives the channel of each package that was ever linked.
func historyChannels(b []byte) map[string]string {
	channels := map[string]string{}
	for line := range strings.Lines(string(b)) {
		dist, ok := strings.CutPrefix(strings.TrimSpace(line), "+")
		if !ok {
			continue
		}
		if i := strings.LastIndex(dist, "::"); i >= 0 {
			channels[dist[i+2:]] = channelName(dist[:i])
		}
	}
	return channels
}

var subdir = regexp.MustCompile(`/(noarch|(linux|osx|win|emscripten|wasi|freebsd|zos)-[a-z0-9_]+)/?$`)

// channelName is what conda shows for a channel: without the platform, the
// address of conda's own servers, and whatever proves who may read it.
func channelName(channel string) string {
	channel = strings.TrimSuffix(subdir.ReplaceAllString(channel, ""), "/")
	u, err := url.Parse(channel)
	if err != nil || u.Scheme == "" {
		return channel
	}
	u.User = nil
	if rest, ok := strings.CutPrefix(u.Path, "/t/"); ok { // conda's way to write a token
		_, rest, _ = strings.Cut(rest, "/")
		u.Path = "/" + rest
	}
	switch u.Host {
	case "conda.anaconda.org", "repo.anaconda.com":
		return strings.TrimPrefix(u.Path, "/")
	}
	return u.String()
}

// recordChannel reads the channel out of a record without reading all of it.
func recordChannel(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	return jsonChannel(bufio.NewReader(io.LimitReader(f, maxFile)))
}

func jsonChannel(r io.Reader) string {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return ""
		}
		if key == "channel" {
			var channel string
			_ = json.Unmarshal(value, &channel) // another type counts as none
			return channel
		}
	}
	return ""
}

// pipPackage reads the metadata of one Python package: the folder
// name-version.dist-info (PEP 376, PEP 427), or the older egg-info, a folder
// or a file. It is false for all else, and for what conda says it installed.
func pipPackage(p string) (domain.EnvironmentPackage, bool) {
	stem, metadata := "", ""
	base := filepath.Base(p)
	switch {
	case strings.HasSuffix(base, ".dist-info"):
		stem, metadata = strings.TrimSuffix(base, ".dist-info"), filepath.Join(p, "METADATA")
		if b, err := readFile(filepath.Join(p, "INSTALLER")); err == nil && strings.TrimSpace(string(b)) == "conda" {
			return domain.EnvironmentPackage{}, false
		}
	case strings.HasSuffix(base, ".egg-info"):
		stem, metadata = strings.TrimSuffix(base, ".egg-info"), filepath.Join(p, "PKG-INFO")
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			metadata = p
		}
		stem = eggTag.ReplaceAllString(stem, "")
	default:
		return domain.EnvironmentPackage{}, false
	}
	if strings.HasPrefix(stem, "~") { // what pip could not take away
		return domain.EnvironmentPackage{}, false
	}
	name, version := stem, ""
	if i := strings.LastIndexByte(stem, '-'); i > 0 {
		name, version = stem[:i], stem[i+1:]
	}
	if f, err := os.Open(metadata); err == nil {
		n, v := parseMetadata(io.LimitReader(f, 64<<10))
		_ = f.Close() // was only read
		name, version = cmp.Or(n, name), cmp.Or(v, version)
	}
	if name == "" {
		return domain.EnvironmentPackage{}, false
	}
	return domain.EnvironmentPackage{Name: name, Version: version, Channel: "pypi", Source: domain.PackagePip}, true
}

var eggTag = regexp.MustCompile(`-py\d[\d.]*(-.*)?$`)

// parseMetadata reads name and version of a package's core metadata, which
// begins like the head of a mail.
func parseMetadata(r io.Reader) (name, version string) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		line := strings.TrimRight(s.Text(), "\r")
		if line == "" || name != "" && version != "" {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.ToValidUTF8(strings.TrimSpace(value), "\ufffd")
		switch strings.ToLower(key) {
		case "name":
			name = cmp.Or(name, value)
		case "version":
			version = cmp.Or(version, value)
		}
	}
	return name, version
}

var pipSeparators = regexp.MustCompile(`[-_.]+`)

// pipName is the form in which two spellings of a package's name are one (PEP 503).
func pipName(name string) string {
	return strings.ToLower(pipSeparators.ReplaceAllString(name, "-"))
}
