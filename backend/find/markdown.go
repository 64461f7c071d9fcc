package find

import (
	"regexp"
	"strings"
)

var (
	linkTarget = regexp.MustCompile(`\]\([^()\n]{0,500}\)`)
	lineMarks  = regexp.MustCompile(`^\s*(?:[#>]+|[-*+]|\d{1,3}[.)])\s+`)
	tableRule  = regexp.MustCompile(`^[\s|:=-]+$`)
	signs      = strings.NewReplacer("**", "", "__", "", "`", "", "|", " ", "[", "", "![", "", "\\", "")
)

// Plain gives the text of Markdown as far as a search needs it: most of the
// marks are gone, and so are the addresses of links.
func Plain(markdown string) string {
	var b strings.Builder
	b.Grow(len(markdown))
	for line := range strings.Lines(markdown) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") || tableRule.MatchString(trimmed) {
			continue
		}
		line = lineMarks.ReplaceAllString(line, "")
		if strings.Contains(line, "](") {
			line = linkTarget.ReplaceAllString(line, "")
		}
		b.WriteString(strings.TrimSpace(signs.Replace(line)))
		b.WriteByte('\n')
	}
	return b.String()
}
