package health

import "path/filepath"

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
