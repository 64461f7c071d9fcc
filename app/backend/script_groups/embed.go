// Package samples holds the sample script groups that a new root is filled
// with. It promises the files exactly as they stand in this folder, each group
// with its metadata, documentation, examples and scripts. It does not copy
// them: whoever fills a root does.
package samples

import "embed"

// Groups holds one folder per sample group, by its folder name
// (thermal_analysis, fluid_systems, production, data_analysis, system), without compiled Python files.
//
//go:embed thermal_analysis/*.py thermal_analysis/metadata.json thermal_analysis/docs/*.md thermal_analysis/examples thermal_analysis/scripts/*.json
//go:embed fluid_systems/*.py fluid_systems/metadata.json fluid_systems/docs/*.md fluid_systems/examples fluid_systems/scripts/*.json
//go:embed production/*.py production/metadata.json production/docs/*.md production/examples production/scripts/*.json
//go:embed data_analysis/*.py data_analysis/metadata.json data_analysis/docs/*.md data_analysis/examples data_analysis/scripts/*.json
//go:embed system/*.py system/metadata.json system/docs/*.md system/examples system/scripts/*.json
var Groups embed.FS
