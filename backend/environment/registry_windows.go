package environment

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// registryPythons gives the folders of Python installations by PEP 514:
// Software\Python\<company>\<tag>\InstallPath.
func registryPythons() []string {
	var dirs []string
	for _, hive := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		for _, company := range subKeys(hive, `Software\Python`) {
			for _, tag := range subKeys(hive, `Software\Python\`+company) {
				if dir := stringValue(hive, `Software\Python\`+company+`\`+tag+`\InstallPath`, ""); dir != "" {
					dirs = append(dirs, filepath.Clean(dir))
				}
			}
		}
	}
	return dirs
}

// registryRoots gives conda installations by the keys of their uninstallers.
func registryRoots() []string {
	const uninstall = `Software\Microsoft\Windows\CurrentVersion\Uninstall`
	var dirs []string
	for _, hive := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		for _, name := range subKeys(hive, uninstall) {
			key := uninstall + `\` + name
			shown := strings.ToLower(stringValue(hive, key, "DisplayName"))
			if !strings.Contains(shown, "conda") && !strings.Contains(shown, "miniforge") && !strings.Contains(shown, "mamba") {
				continue
			}
			dir := stringValue(hive, key, "InstallLocation")
			if dir == "" {
				if program := strings.Trim(stringValue(hive, key, "UninstallString"), `"`); program != "" {
					dir = filepath.Dir(program)
				}
			}
			if dir != "" {
				dirs = append(dirs, filepath.Clean(strings.Trim(dir, `"`)))
			}
		}
	}
	return append(dirs, registryPythons()...) // conda installers write PEP 514 keys too
}

func subKeys(hive registry.Key, path string) []string {
	k, err := registry.OpenKey(hive, path, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil
	}
	defer k.Close()
	names, err := k.ReadSubKeyNames(-1)
	if err != nil {
		return nil
	}
	return names
}

func stringValue(hive registry.Key, path, name string) string {
	k, err := registry.OpenKey(hive, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer k.Close()
	value, _, err := k.GetStringValue(name)
	if err != nil {
		return ""
	}
	return value
}
