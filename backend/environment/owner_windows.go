package environment

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// owners tells who else may change files.
type owners struct{ wide []*windows.SID }

func newOwners() *owners {
	o := &owners{}
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid} {
		if sid, err := windows.CreateWellKnownSid(known); err == nil {
			o.wide = append(o.wide, sid)
		}
	}
	return o
}

// Rights to change a file, or what lies in a folder.
const changes = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER |
	windows.GENERIC_WRITE | windows.GENERIC_ALL

// writable tells whether everybody who can sign in may change what runs in an
// environment: its folder, its interpreter, its programs or its packages.
func (o *owners) writable(found Found) bool {
	paths := []string{found.Path, venvBin(found.Path)}
	if found.Python != "" {
		paths = append(paths, found.Python)
	}
	for _, p := range append(paths, packageFolders(found.Path)...) {
		if o.others(p) {
			return true
		}
	}
	return false
}

func (o *owners) others(path string) bool {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return false
	}
	acl, _, err := sd.DACL()
	if err != nil {
		return false
	}
	if acl == nil {
		return true // no list: everybody may do everything
	}
	for i := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(acl, i, &ace); err != nil || ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE ||
			ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&changes == 0 {
			continue
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)) // #nosec G103 -- the entry ends with the SID
		for _, w := range o.wide {
			if sid.Equals(w) {
				return true
			}
		}
	}
	return false
}
