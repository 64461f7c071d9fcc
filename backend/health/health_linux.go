package health

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

const webkitLibrary = "libwebkit2gtk-4.1.so.0"

func window(in Input) []Finding {
	dirs := []string{"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"}
	multiarch, err := filepath.Glob("/usr/lib/*-linux-gnu*")
	if err == nil {
		dirs = append(dirs, multiarch...)
	}
	if p := library(webkitLibrary, in.LibraryPath, []string{"/etc/ld.so.conf"}, dirs); p != "" {
		return finding("webkit", OK, map[string]any{"path": p})
	}
	return variant("webkit", lacking(in), "missing", map[string]any{"library": webkitLibrary})
}

func display(in Input) []Finding {
	shown := in.Wayland
	if shown == "" {
		shown = in.Display
	}
	if shown == "" {
		return variant("display", lacking(in), "missing", nil)
	}
	return finding("display", OK, map[string]any{"display": shown})
}

// confinementOffer gives what the kernel offers to confine scripts with.
func confinementOffer() (name string, abi int) {
	// landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return "landlock", 0
	}
	return "landlock", int(version)
}
