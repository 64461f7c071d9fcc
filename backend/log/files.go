package log

import (
	"os"

	"scriptsmanager/backend/log/format"
)

// UseSuffix ends the name of the file with what an execution used over time.
const UseSuffix = ".use.jsonl"

// suffixes end the names of all files of a log.
func suffixes() []string {
	return []string{format.LogSuffix, format.IndexSuffix, format.DebugSuffix, UseSuffix}
}

// Size gives the bytes of all files of a log; what is not there has none.
func Size(base string) (bytes int64) {
	for _, suffix := range suffixes() {
		if info, err := os.Stat(base + suffix); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}
