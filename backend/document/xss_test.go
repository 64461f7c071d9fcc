package document

import (
	"strings"
	"testing"
)

// Each of testdata/xss.json would run or fetch something, or take a name of
// the page's own, where it reached a page as it is.
func TestNothingRuns(t *testing.T) { // DOC-5
	var attempts []string
	read(t, "testdata/xss.json", &attempts)
	if len(attempts) < 80 {
		t.Fatalf("%d attempts", len(attempts))
	}
	place := newPlace(t, map[string]string{"docs/x.png": png})
	all := strings.Join(attempts, "\n\n")
	for _, source := range append(attempts, all, "> "+strings.ReplaceAll(all, "\n", "\n> "), "- "+strings.ReplaceAll(all, "\n", "\n  ")) {
		for _, features := range []Features{AllFeatures(), {}} {
			d := Render([]byte(source), Options{Features: features, File: place.File, Resolver: place})
			if bad := dangerous(d.HTML); bad != "" {
				t.Errorf("%.200q gives %s:\n%.1000s", source, bad, d.HTML)
			}
		}
	}
}
