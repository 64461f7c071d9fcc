//go:build unix

package environment

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// owners tells who else may change files. It remembers folders, as most
// environments lie in the same ones.
type owners struct {
	uid    uint32
	groups map[uint32]bool // whether others than this person and root are in it
	above  map[string]bool // by folder: others may change what lies in it
	passwd []byte
	group  []byte
	read   bool
}

func newOwners() *owners {
	return &owners{
		uid:    uint32(os.Getuid()), // #nosec G115 -- a uid has 32 bits
		groups: map[uint32]bool{}, above: map[string]bool{},
	}
}

// writable tells whether people other than this person and root may change
// what runs in an environment: write its folders or its interpreter, or put
// another folder in the place of one above. In a sticky folder such as /tmp
// only a file's owner can do that.
func (o *owners) writable(found Found) bool {
	paths := []string{found.Path, venvBin(found.Path)}
	if found.Python != "" {
		paths = append(paths, found.Python)
		if real, err := filepath.EvalSymlinks(found.Python); err == nil {
			paths = append(paths, real)
		}
	}
	for _, p := range append(paths, packageFolders(found.Path)...) {
		info, err := os.Stat(p)
		if err == nil && o.others(info, false) || o.aboveOf(filepath.Dir(p)) {
			return true
		}
	}
	return false
}

// aboveOf looks at a folder and at those above it.
func (o *owners) aboveOf(dir string) bool {
	if known, ok := o.above[dir]; ok {
		return known
	}
	info, err := os.Stat(dir)
	open := err == nil && o.others(info, true)
	if parent := filepath.Dir(dir); !open && parent != dir {
		open = o.aboveOf(parent)
	}
	o.above[dir] = open
	return open
}

func (o *owners) others(info fs.FileInfo, above bool) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	if st.Uid != 0 && st.Uid != o.uid {
		return true
	}
	if above && info.Mode()&fs.ModeSticky != 0 {
		return false
	}
	mode := info.Mode().Perm()
	return mode&0o002 != 0 || mode&0o020 != 0 && o.shared(st.Gid)
}

// shared tells whether a group has other members. Many systems give each
// person a group of his own, and one without members for /usr/local. A group
// that the machine's own files do not list counts as shared.
func (o *owners) shared(gid uint32) bool {
	if gid == 0 {
		return false
	}
	if known, ok := o.groups[gid]; ok {
		return known
	}
	if !o.read {
		o.passwd, _ = readFile("/etc/passwd") // not there: nothing is known
		o.group, _ = readFile("/etc/group")
		o.read = true
	}
	shared := groupShared(o.passwd, o.group, gid, o.uid)
	o.groups[gid] = shared
	return shared
}

// groupShared reads passwd(5) and group(5).
func groupShared(passwd, group []byte, gid, uid uint32) bool {
	own := map[string]bool{"root": true}
	id := strconv.FormatUint(uint64(gid), 10)
	for line := range bytes.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(string(line)), ":")
		if len(f) < 4 {
			continue
		}
		mine := f[2] == strconv.FormatUint(uint64(uid), 10) || f[2] == "0"
		if mine {
			own[f[0]] = true
		} else if f[3] == id {
			return true
		}
	}
	for line := range bytes.Lines(group) {
		f := strings.Split(strings.TrimSpace(string(line)), ":")
		if len(f) < 4 || f[2] != id {
			continue
		}
		for member := range strings.SplitSeq(f[3], ",") {
			if member != "" && !own[member] {
				return true
			}
		}
		return false
	}
	return true
}
