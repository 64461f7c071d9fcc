package document

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
)

func TestReadImage(t *testing.T) {
	wide := []byte(png)
	copy(wide[16:], "\x00\x01\x00\x00\x00\x01\x00\x00")
	binary.BigEndian.PutUint32(wide[29:], crc32.ChecksumIEEE(wide[12:29]))
	const webp = "RIFF\x20\x00\x00\x00WEBPVP8L\x10\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00"
	place := newPlace(t, map[string]string{
		"a.png": png, "b.jpg": png, "c.svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "d.svg": `<!DOCTYPE x [<!ENTITY a "b">]><svg>&a;</svg>`,
		"e.svg": doubling(`<use href="#%d"/><use href="#%d"/>`), "i.webp": webp, "f.html": "<html>", "g.png": string(wide), "docs/h.png": "",
	})
	large, err := place.Root.Create("large.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Truncate(200 << 20); err != nil {
		t.Fatal(err)
	}
	if err := large.Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"a.png": "image/png", "b.jpg": "document_image_type", "c.svg": "image/svg+xml", "d.svg": "document_drawing",
		"e.svg": "document_drawing", "i.webp": "document_image_pixels", "f.html": "document_image_type", "g.png": "document_image_pixels", "docs/h.png": "document_image_type",
		"large.png": "document_image_large", "gone.png": "not_found", "../a.png": "file_unreadable", "docs": "document_image_type",
	} {
		image, err := ReadImage(place.Root, file)
		got := image.Type
		if e := domain.AsError(err); e != nil {
			got = string(e.Code)
		}
		if got != want {
			t.Errorf("%s: got %q, %v, want %q", file, got, err, want)
		}
	}
}

// doubling makes a drawing of which each part draws the one before it twice.
func doubling(twice string) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:s="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><g id="0"><rect/></g>`)
	for i := range 40 {
		fmt.Fprintf(&b, `<g id="%d">`+twice+`</g>`, i+1, i, i)
	}
	return b.String() + `<use href="#40"/></svg>`
}

func TestDrawings(t *testing.T) { // DOC-5
	nested := func(kind string) string {
		var b strings.Builder
		b.WriteString(`<svg><` + kind + ` id="p0"><rect/></` + kind + `>`)
		for i := range 40 {
			fmt.Fprintf(&b, `<%s id="p%d"><g fill="url(#p%d)"><rect/><rect/></g></%s>`, kind, i+1, i, kind)
		}
		return b.String() + `<rect fill="url('#p40')"/></svg>`
	}
	for name, c := range map[string]struct {
		text string
		good bool
	}{
		"plain":                  {`<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>`, true},
		"in another encoding":    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><svg><title>\xe9</title></svg>", true},
		"a plot of 20,000 marks": {`<svg><defs><path id="m" d="M0 0"/></defs><g clip-path="url(#c)">` + strings.Repeat(`<use xlink:href="#m"/>`, 20_000) + `</g><clipPath id="c"><rect/></clipPath></svg>`, true},
		"a gradient by style":    {`<svg><style>.a{fill:url(#g)}</style><linearGradient id="g"><stop/></linearGradient>` + strings.Repeat(`<rect class="a"/>`, 5000) + `</svg>`, true},
		"a picture":              {`<svg><image href="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"/></svg>`, true},
		"uses":                   {doubling(`<use href="#%d"/><use href="#%d"/>`), false},
		"uses with a prefix":     {doubling(`<s:use xlink:href=" #%d"/><s:use xlink:href="#%d"/>`), false},
		"uses that are escaped":  {doubling(`<use href="#%%3%d"/><use href="#%d"/>`), false},
		"itself":                 {`<svg><g id="a"><use href="#a"/></g></svg>`, false},
		"patterns":               {nested("pattern"), false},
		"markers":                {nested("marker"), false},
		"by a style sheet":       {strings.Replace(nested("pattern"), "<svg>", "<svg><style>rect{fill:url(#p9)} g{mask:url( '#p8' )}</style>", 1), false},
		"escaped in a style":     {`<svg><style>rect{fill:url(\23 p)}</style></svg>`, false},
		"through a variable":     {`<svg><style>svg{--a: url(#p)}</style></svg>`, false},
		"set later":              {`<svg><use href="#a"><set attributeName="href" to="#b"/></use></svg>`, false},
		"a drawing within":       {`<svg><image href="data:image/svg+xml,&lt;svg/>"/></svg>`, false},
		"a page within":          {`<svg><foreignObject><iframe src="data:text/html,x"/></foreignObject></svg>`, false},
		"entities":               {`<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>`, false},
		"deep":                   {"<svg>" + strings.Repeat("<g>", 10_000) + strings.Repeat("</g>", 10_000) + "</svg>", false},
		"without end":            {"<svg><g>", false},
		"no drawing":             {"<html><svg/></html>", false},
	} {
		if got := drawable([]byte(c.text)); got != c.good {
			t.Errorf("%s: drawable is %t", name, got)
		}
	}
}
