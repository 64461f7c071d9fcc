// Package discoverytest makes trees of groups and scripts as real ones look,
// for tests and benchmarks of discovery and of what stores its results. The
// product does not import it.
package discoverytest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Tree makes that many groups in dir with scripts scripts in all: headers in
// four languages with parameters, followed by a body of some kilobytes, and a
// metadata.json for each group.
func Tree(dir string, groups, scripts int) error {
	body := strings.Repeat("def step(x):\n    return x * 2  # one step of the calculation\n\n\n", 60)
	for g := range groups {
		path := filepath.Join(dir, fmt.Sprintf("group_%03d", g))
		if err := os.MkdirAll(path, 0o700); err != nil {
			return fmt.Errorf("make group: %w", err)
		}
		meta := fmt.Sprintf(`{
  "name": {"en": "Group %d", "es": "Grupo %d"},
  "description": "Calculations of group %d",
  "icon": "calculator",
  "required_level": "operator",
  "category": "thermal",
  "conda_environment": "base",
  "auto_discovery": true,
  "execution_timeout": 300
}
`, g, g, g)
		if err := os.WriteFile(filepath.Join(path, "metadata.json"), []byte(meta), 0o600); err != nil {
			return fmt.Errorf("write metadata: %w", err)
		}
		for s := g; s < scripts; s += groups {
			file := filepath.Join(path, fmt.Sprintf("script_%05d.py", s))
			if err := os.WriteFile(file, []byte(header(s)+body), 0o600); err != nil {
				return fmt.Errorf("write script: %w", err)
			}
		}
	}
	return nil
}

func header(n int) string {
	return fmt.Sprintf(`#!/usr/bin/env python3
"""
ScriptsManager Metadata:
@display_name: Calculation %d
@description: Computes the heat that flows through wall %d
@description_es: Calcula el calor que atraviesa la pared %d
@description_it: Calcola il calore che attraversa la parete %d
@description_fr: Calcule la chaleur qui traverse la paroi %d
@description_long: docs/script_%05d.md
@required_level: operator
@category: thermal
@tags: heat, wall, thermal
@parameters: [
  {"name": "thickness", "type": "number", "min": 0.001, "max": 10, "default": 0.2,
   "description": {"en": "Thickness in metres", "es": "Espesor en metros"}},
  {"name": "material", "type": "select", "options": ["steel", "brick [old]", "wood"], "default": "steel"}
]
@execution_timeout: 600
@flask_port: %d
"""
import argparse

`, n, n, n, n, n, n, 5200+n%200)
}
