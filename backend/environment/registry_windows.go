package environment

import (
	"path/filepath"

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
			if dir := uninstalled(stringValue(hive, key, "DisplayName"), stringValue(hive, key, "InstallLocation"), stringValue(hive, key, "UninstallString")); dir != "" {
				dirs = append(dirs, filepath.Clean(dir))
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
