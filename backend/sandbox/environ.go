package sandbox

import (
	"runtime"
	"slices"
	"strings"
)

// What a script gets of the variables that the application was started with.
// All else is left out: it may hold a secret of another program, point to
// sockets that lead out of the confinement (DISPLAY, DBUS_…, SSH_AUTH_SOCK,
// XDG_RUNTIME_DIR), or bend the interpreter (LD_PRELOAD, LD_LIBRARY_PATH,
// PYTHONPATH), which only an environment's activation may do.
var (
	passed = map[string]bool{
		// programs and the person
		"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "SHELL": true, "TERM": true,
		// language and time
		"LANG": true, "LANGUAGE": true, "TZ": true, "TZDIR": true,
		// where conda and venvs find their parts
		"CONDA_ENVS_PATH": true, "CONDA_ENVS_DIRS": true, "CONDA_PKGS_DIRS": true, "MAMBA_EXE": true, "MAMBA_ROOT_PREFIX": true,
		// the way to the network
		"HTTP_PROXY": true, "HTTPS_PROXY": true, "FTP_PROXY": true, "ALL_PROXY": true, "NO_PROXY": true,
		// whom to trust there
		"SSL_CERT_FILE": true, "SSL_CERT_DIR": true, "REQUESTS_CA_BUNDLE": true, "CURL_CA_BUNDLE": true, "PIP_CERT": true,
		// licence servers, besides *_LICENSE_FILE
		"LM_LICENSE_FILE": true, "FLEXLM_TIMEOUT": true,
		// how many threads, which graphics card
		"NVIDIA_VISIBLE_DEVICES": true,
	}
	passedPrefix = []string{"LC_", "CUDA", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_NUM_THREADS"}
	passedSuffix = []string{"_LICENSE_FILE", "_LICENSE_SERVER", "_LICENSE"}
	// What programs on Windows cannot do without.
	passedWindows = map[string]bool{
		"SYSTEMROOT": true, "SYSTEMDRIVE": true, "WINDIR": true, "COMSPEC": true, "PATHEXT": true, "TEMP": true, "TMP": true,
		"USERPROFILE": true, "HOMEDRIVE": true, "HOMEPATH": true, "USERNAME": true, "USERDOMAIN": true, "COMPUTERNAME": true,
		"APPDATA": true, "LOCALAPPDATA": true, "PROGRAMDATA": true, "ALLUSERSPROFILE": true, "PUBLIC": true,
		"PROGRAMFILES": true, "PROGRAMFILES(X86)": true, "PROGRAMW6432": true, "COMMONPROGRAMFILES": true,
		"COMMONPROGRAMFILES(X86)": true, "COMMONPROGRAMW6432": true, "NUMBER_OF_PROCESSORS": true,
		"PROCESSOR_ARCHITECTURE": true, "PROCESSOR_IDENTIFIER": true, "OS": true,
	}
)

// Environ gives those of the variables that a script may have; more names some
// besides those known here, "NAME*" all that begin so.
func Environ(all, more []string) []string {
	var some []string
	for _, kv := range all {
		if name, _, ok := strings.Cut(kv, "="); ok && (allowed(name) || named(name, more)) {
			some = append(some, kv)
		}
	}
	return some
}

func named(name string, more []string) bool {
	fold := func(s string) string {
		if runtime.GOOS == "windows" {
			return strings.ToUpper(s)
		}
		return s
	}
	return slices.ContainsFunc(more, func(wanted string) bool {
		if start, ok := strings.CutSuffix(wanted, "*"); ok {
			return strings.HasPrefix(fold(name), fold(start))
		}
		return fold(name) == fold(wanted)
	})
}

func allowed(name string) bool {
	upper := strings.ToUpper(name)
	if runtime.GOOS == "windows" && passedWindows[upper] {
		return true
	}
	// Proxies are written small as often; all else counts as it is written.
	if passed[name] || strings.HasSuffix(name, "_proxy") && passed[upper] {
		return true
	}
	if runtime.GOOS == "windows" && passed[upper] {
		return true
	}
	for _, prefix := range passedPrefix {
		if strings.HasPrefix(upper, prefix) {
			return true
		}
	}
	for _, suffix := range passedSuffix {
		if strings.HasSuffix(upper, suffix) {
			return true
		}
	}
	return false
}
