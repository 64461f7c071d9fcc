package environment

import (
	"context"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/backend/domain"
)

// Windows' own codes, which package syscall does not name everywhere.
const (
	errorBadExeFormat   = syscall.Errno(193)
	errorOtherMachine   = syscall.Errno(216)
	statusDLLNotFound   = 0xC0000135
	statusEntryNotFound = 0xC0000139
	statusInvalidImage  = 0xC000007B
)

// notStarted says why the interpreter could not even be started.
func notStarted(python string, err error) *domain.EnvironmentProblem {
	detail := err.Error()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return domain.NewEnvironmentProblem(domain.ProblemNoPermission, detail, "python", python)
	case badFormat(err):
		if architecture := machineOf(python); architecture != "" {
			return domain.NewEnvironmentProblem(domain.ProblemWrongArchitecture, detail, "python", python, "architecture", architecture)
		}
		return domain.NewEnvironmentProblem(domain.ProblemNotPython, detail, "python", python)
	case errors.Is(err, fs.ErrNotExist):
		if !exists(python) {
			return missingPython(python) // removed this moment
		}
		// The file is there: what is missing is the program that loads it.
		if loader := loaderOf(python); loader != "" && !exists(loader) {
			return domain.NewEnvironmentProblem(domain.ProblemMissingLibrary, detail, "python", python, "library", loader)
		}
	}
	return domain.NewEnvironmentProblem(domain.ProblemPythonFailed, detail, "python", python)
}

func badFormat(err error) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	if runtime.GOOS == "windows" {
		return errno == errorBadExeFormat || errno == errorOtherMachine
	}
	return errno == syscall.ENOEXEC
}

// machineOf gives the processor or system that a program file was made for,
// "" where it is no whole program file at all.
func machineOf(path string) string {
	if f, err := elf.Open(path); err == nil {
		defer func() { _ = f.Close() }()
		return strings.ToLower(strings.TrimPrefix(f.Machine.String(), "EM_"))
	}
	if f, err := pe.Open(path); err == nil {
		defer func() { _ = f.Close() }()
		switch f.Machine {
		case pe.IMAGE_FILE_MACHINE_AMD64:
			return "Windows x86_64"
		case pe.IMAGE_FILE_MACHINE_ARM64:
			return "Windows arm64"
		case pe.IMAGE_FILE_MACHINE_I386:
			return "Windows i386"
		}
		return "Windows"
	}
	if f, err := macho.Open(path); err == nil {
		defer func() { _ = f.Close() }()
		return "macOS " + strings.ToLower(strings.TrimPrefix(f.Cpu.String(), "Cpu"))
	}
	if f, err := macho.OpenFat(path); err == nil {
		defer func() { _ = f.Close() }()
		return "macOS"
	}
	return ""
}

// loaderOf gives the program that loads another: the dynamic loader of a
// binary, the interpreter of a script.
func loaderOf(path string) string {
	if f, err := elf.Open(path); err == nil {
		defer func() { _ = f.Close() }()
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP && p.Filesz < 4096 {
				b := make([]byte, p.Filesz)
				if _, err := p.ReadAt(b, 0); err == nil {
					return strings.TrimRight(string(b), "\x00")
				}
			}
		}
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, 512)
	n, _ := f.Read(b) // a file that cannot be read names no loader
	return shebang(b[:n])
}

// shebang gives the program that a script's first line names, or "".
func shebang(b []byte) string {
	rest, ok := strings.CutPrefix(string(b), "#!")
	if !ok {
		return ""
	}
	line, _, _ := strings.Cut(rest, "\n")
	program, _, _ := strings.Cut(strings.TrimLeft(strings.TrimRight(line, "\r"), " \t"), " ")
	return program
}

// What the loaders of glibc, musl and macOS say, and Python where a module of
// its own cannot be loaded.
var (
	libraryMissing = []*regexp.Regexp{
		regexp.MustCompile(`error while loading shared libraries: ([^\s:]+): cannot open shared object file`),
		regexp.MustCompile(`Error loading shared library ([^\s:]+):`),
		regexp.MustCompile(`Library not loaded: (\S+)`),
		regexp.MustCompile(`ImportError: ([^\s:]+): cannot open shared object file`),
	}
	libraryTooOld  = regexp.MustCompile(`(\S+): version .([^'\x60\s]+)' not found`)
	libraryForeign = regexp.MustCompile(`error while loading shared libraries: [^\s:]+: wrong ELF class: (ELFCLASS\d+)|Exec format error|cannot execute binary file`)
	noStandard     = regexp.MustCompile(`No module named '?encodings|Could not find platform (in)?dependent libraries <(exec_)?prefix>`)
)

// missingLibrary gives the library that a loader did not find, by its words.
func missingLibrary(said string) string {
	for _, r := range libraryMissing {
		if m := r.FindStringSubmatch(said); m != nil {
			return m[1]
		}
	}
	if m := libraryTooOld.FindStringSubmatch(said); m != nil {
		return m[1] + " (" + m[2] + ")"
	}
	return ""
}

// ended says what is wrong with an interpreter that gave no good answer: code
// is its exit code, said the end of what it printed.
func ended(python string, code int, said string) *domain.EnvironmentProblem {
	problem := func(code string, pairs ...any) *domain.EnvironmentProblem {
		return domain.NewEnvironmentProblem(code, said, append([]any{"python", python}, pairs...)...)
	}
	if library := missingLibrary(said); library != "" {
		return problem(domain.ProblemMissingLibrary, "library", library)
	}
	switch {
	case uint32(code) == statusDLLNotFound || uint32(code) == statusEntryNotFound: // #nosec G115 -- the same 32 bits
		return problem(domain.ProblemMissingLibrary, "library", "DLL")
	case uint32(code) == statusInvalidImage || libraryForeign.MatchString(said): // #nosec G115 -- the same 32 bits
		architecture := machineOf(python)
		if m := libraryForeign.FindStringSubmatch(said); m != nil && m[1] != "" {
			architecture = m[1]
		}
		if architecture == "" {
			architecture = "?"
		}
		return problem(domain.ProblemWrongArchitecture, "architecture", architecture)
	case noStandard.MatchString(said):
		return problem(domain.ProblemStandardLibrary)
	case code == 0:
		return problem(domain.ProblemNotPython)
	}
	return problem(domain.ProblemPythonFailed)
}

func noAnswer(python string, limit time.Duration) *domain.EnvironmentProblem {
	return domain.NewEnvironmentProblem(domain.ProblemNoAnswer, "", "python", python, "seconds", int(limit/time.Second))
}

// timedOut tells a limit of our own from the caller's end.
func timedOut(ctx, parent context.Context) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded) && parent.Err() == nil
}
