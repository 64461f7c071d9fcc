package environment

import "strings"

// uninstalled gives the conda installation that an entry of Windows' list of
// installed programs is about, by its name, its folder and the command that
// takes it away; "" where it is another program.
func uninstalled(shown, folder, command string) string {
	shown = strings.ToLower(shown)
	if !strings.Contains(shown, "conda") && !strings.Contains(shown, "miniforge") && !strings.Contains(shown, "mamba") {
		return ""
	}
	if folder = strings.Trim(strings.TrimSpace(folder), `"`); folder != "" {
		return folder
	}
	// "C:\Users\A B\miniconda3\Uninstall-Miniconda3.exe" /S, also without quotes
	program := strings.TrimSpace(command)
	if rest, quoted := strings.CutPrefix(program, `"`); quoted {
		program, _, _ = strings.Cut(rest, `"`)
	} else if end := strings.Index(strings.ToLower(program), ".exe"); end >= 0 {
		program = program[:end]
	}
	if end := strings.LastIndexAny(program, `\/`); end > 0 {
		return program[:end]
	}
	return ""
}
