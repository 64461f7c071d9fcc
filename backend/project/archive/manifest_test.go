package archive_test

import (
	"runtime"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/project/archive"
)

// A manifest that is made to be large takes neither the memory nor the time of
// who looks at it.
func TestManifestThatIsHuge(t *testing.T) { // SEC-5
	const head = `{"format":"scriptsmanager-project","format_version":1,`
	many := strings.TrimSuffix(strings.Repeat("{},", 2_000_000), ",")
	for _, c := range []struct {
		what, text string
		limits     archive.Limits
		code       domain.Code
	}{
		{"files", head + `"files":[` + many + `]}`, archive.OwnLimits(), domain.CodeBackupInvalid},
		{"folders", head + `"folders":[` + many + `]}`, archive.OwnLimits(), domain.CodeBackupInvalid},
		{"left out", head + `"left_out":[` + many + `]}`, archive.OwnLimits(), domain.CodeBackupInvalid},
		{"the same list again and again", head + strings.Repeat(`"files":[{}],`, 1000) + `"bytes":0}`, archive.OwnLimits(), domain.CodeBackupInvalid},
		{"packed too well", head + `"left_out":[],"bytes":` + strings.Repeat(" ", 2<<20) + `0}`, archive.ForeignLimits(), domain.CodeBackupBomb},
		{"long", head + `"description":"` + strings.Repeat("x", 65<<20) + `"}`, archive.ForeignLimits(), domain.CodeBackupBomb},
	} {
		path := byHand(t, member{name: "data/group_a/", text: ""}, member{name: "manifest.json", text: c.text})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		z, err := archive.Open(path, c.limits)
		runtime.ReadMemStats(&after)
		if err == nil {
			check(t, z.Close())
		}
		if !domain.HasCode(err, c.code) {
			t.Errorf("%s: %v", c.what, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
			t.Errorf("%s: took %d MB", c.what, took>>20)
		}
	}
}
