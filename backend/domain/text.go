package domain

import "encoding/json"

// Language is one of the four languages of the product.
type Language string

// The languages; English is the fallback.
const (
	English Language = "en"
	Spanish Language = "es"
	Italian Language = "it"
	French  Language = "fr"
)

// Languages lists the languages in the order in which they are offered.
func Languages() []Language { return []Language{English, Spanish, Italian, French} }

// Valid tells whether l is one of the four languages.
func (l Language) Valid() bool {
	return l == English || l == Spanish || l == Italian || l == French
}

// Theme is how the interface looks; ThemeSystem follows the desktop and is
// settled to light or dark before a script sees it.
type Theme string

// The themes.
const (
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
	ThemeSystem Theme = "system"
)

// Valid tells whether t is one of the three themes.
func (t Theme) Valid() bool { return t == ThemeLight || t == ThemeDark || t == ThemeSystem }

// Settled is t as a script is told it, which knows no system's: dark or light.
func (t Theme) Settled() Theme {
	if t == ThemeDark {
		return ThemeDark
	}
	return ThemeLight
}

// Text is a text by language. In JSON it may also be a plain string, which
// then stands for English.
type Text map[Language]string

// In gives the text in the language, else in English, else in any language
// that there is, else "".
func (t Text) In(l Language) string {
	if s := t[l]; s != "" {
		return s
	}
	for _, other := range Languages() {
		if s := t[other]; s != "" {
			return s
		}
	}
	return ""
}

// UnmarshalJSON accepts a string or an object by language; null changes nothing.
func (t *Text) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = Text{English: s}
		return nil
	}
	var m map[Language]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*t = m
	return nil
}
