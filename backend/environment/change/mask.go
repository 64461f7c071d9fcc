package change

import "regexp"

var (
	userinfo = regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\s]+@`)
	tokens   = regexp.MustCompile(`(/t/)[^/\s]+`)
)

// Mask takes the secrets out of the addresses in a text: user and password,
// and the tokens that channels carry in their path.
func Mask(text string) string {
	return tokens.ReplaceAllString(userinfo.ReplaceAllString(text, "${1}***@"), "${1}***")
}
