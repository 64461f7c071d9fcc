//go:build !windows

package environment

func registryPythons() []string { return nil }
func registryRoots() []string   { return nil }
