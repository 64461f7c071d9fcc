// Package static holds the files of the brand that every window and every
// script shows: the word mark for light and for dark backgrounds. It promises
// that both are PNG files inside the program, so that a root without files of
// its own still has a logo. It does not choose between them and does not know
// a replaced logo.
package static

import "embed"

// Images holds images/SIDEL.png (for light backgrounds) and
// images/SIDEL_dark.png (for dark ones), 376×120 pixels, transparent, without a margin at the sides.
//
//go:embed images/SIDEL.png images/SIDEL_dark.png
var Images embed.FS

// BrandCSS is brand.css: the brand's colours as custom properties of CSS, for
// the pages of scripts.
//
//go:embed brand.css
var BrandCSS []byte
