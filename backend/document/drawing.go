package document

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Bounds of a drawing (SVG). Within <img> nothing in it runs or is fetched, but
// it may repeat its parts in parts that repeat.
const (
	partsMost     = 200_000
	drawingDeep   = 500
	drawnMost     = 500_000 // parts, with all that are repeated
	styleRefsMost = 12      // distinct parts that style sheets lay on others
)

// part is an element of a drawing.
type part struct {
	weight   float64 // of itself
	kids     []int
	uses     []string // ids of what it draws once more
	paints   []string // ids of what is drawn for each part within it
	harmless bool     // gradients
	state    int      // 1: being counted, 2: counted
	total    float64
}

type drawing struct {
	parts  []part
	ids    map[string][]int
	styles strings.Builder
	pixels int // of the pictures in it
	bad    bool
}

var (
	styleURL     = regexp.MustCompile(`(?i)url\(\s*["']?\s*#([^"')\s]+)`)
	indirectURL  = regexp.MustCompile(`(?i)--[^:;{}]*:[^;{}]*url\(`)
	inherited    = regexp.MustCompile(`(?i)^\s*(fill|stroke|marker(-start|-mid|-end)?)\s*$`)
	rasterData   = regexp.MustCompile(`(?i)^data:image/(png|jpe?g|gif);base64,`)
	foreignParts = map[string]bool{"img": true, "iframe": true, "object": true, "embed": true, "video": true, "audio": true, "picture": true}
)

// drawable tells whether drawing an SVG file ends: how many parts are drawn is
// counted as a browser would, along all references.
func drawable(b []byte) bool {
	d := &drawing{ids: map[string][]int{}}
	if !d.read(b) {
		return false
	}
	sheets := d.styles.String()
	if strings.ContainsRune(sheets, '\\') || indirectURL.MatchString(sheets) || strings.Contains(strings.ToLower(sheets), "data:image") {
		return false
	}
	// What a style sheet lays on parts it may lay on each of them, also within
	// what it lays.
	factor, seen := 1.0, map[string]bool{}
	for _, m := range styleURL.FindAllStringSubmatch(sheets, -1) {
		if id := m[1]; !seen[id] {
			seen[id] = true
			if w := d.of([]string{id}); w > 0 {
				factor *= 1 + w
			}
		}
		if len(seen) > styleRefsMost && factor > 1 {
			return false
		}
	}
	return d.count(0)*factor <= drawnMost
}

func (d *drawing) read(b []byte) bool {
	x := xml.NewDecoder(bytes.NewReader(b))
	x.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "iso-8859-1", "windows-1252", "us-ascii", "ascii":
			return charmap.Windows1252.NewDecoder().Reader(input), nil
		}
		return nil, io.ErrUnexpectedEOF
	}
	var open []int
	sheet := 0
	for {
		token, err := x.RawToken()
		if errors.Is(err, io.EOF) {
			return len(open) == 0 && len(d.parts) > 0
		}
		if err != nil {
			return false
		}
		switch t := token.(type) {
		case xml.Directive:
			if bytes.ContainsAny(t, "[") { // entities
				return false
			}
		case xml.StartElement:
			if len(open) == 0 && (len(d.parts) > 0 || t.Name.Local != "svg") {
				return false
			}
			if len(d.parts) >= partsMost || len(open) >= drawingDeep {
				return false
			}
			at := d.add(t)
			if d.bad {
				return false
			}
			if len(open) > 0 {
				parent := open[len(open)-1]
				d.parts[parent].kids = append(d.parts[parent].kids, at)
			}
			open = append(open, at)
			if t.Name.Local == "style" {
				sheet = len(open)
			}
		case xml.EndElement:
			if len(open) == 0 {
				return false
			}
			if sheet == len(open) {
				sheet = 0
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if sheet > 0 {
				d.styles.Write(t)
			}
		}
	}
}

func (d *drawing) add(t xml.StartElement) int {
	at := len(d.parts)
	p := part{weight: 1, harmless: strings.HasSuffix(t.Name.Local, "Gradient")}
	d.bad = d.bad || foreignParts[strings.ToLower(t.Name.Local)]
	animation := t.Name.Local == "set" || strings.HasPrefix(t.Name.Local, "animate")
	for _, a := range t.Attr {
		switch name := a.Name.Local; {
		case name == "id":
			d.ids[a.Value] = append(d.ids[a.Value], at)
		case name == "href":
			d.href(&p, strings.TrimSpace(a.Value))
		case animation && (name == "attributeName" && strings.HasSuffix(strings.TrimSpace(a.Value), "href") || strings.Contains(a.Value, "url(")):
			d.bad = true
		case name == "d", name == "points":
			p.weight += float64(len(a.Value)) / 100 // corners, which may have marks
		case name == "style":
			for one := range strings.SplitSeq(a.Value, ";") {
				property, value, _ := strings.Cut(one, ":")
				d.refers(&p, property, value)
			}
			d.bad = d.bad || indirectURL.MatchString(a.Value)
		default:
			d.refers(&p, name, a.Value)
		}
	}
	d.parts = append(d.parts, p)
	return at
}

func (d *drawing) refers(p *part, property, value string) {
	if strings.ContainsRune(value, '\\') && strings.ContainsRune(value, '(') {
		d.bad = true
	}
	for _, m := range styleURL.FindAllStringSubmatch(value, -1) {
		if inherited.MatchString(property) {
			p.paints = append(p.paints, m[1])
		} else {
			p.uses = append(p.uses, m[1])
		}
	}
}

func (d *drawing) href(p *part, to string) {
	if id, ok := strings.CutPrefix(to, "#"); ok {
		p.uses = append(p.uses, id)
		if plain, err := url.PathUnescape(id); err == nil && plain != id {
			p.uses = append(p.uses, plain)
		}
		return
	}
	if !strings.HasPrefix(strings.ToLower(to), "data:") {
		return // not fetched
	}
	head := rasterData.FindString(to)
	if head == "" {
		d.bad = true
		return
	}
	plain := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, to[len(head):])
	c, _, err := image.DecodeConfig(base64.NewDecoder(base64.StdEncoding, strings.NewReader(plain)))
	d.pixels += c.Width * c.Height
	d.bad = d.bad || err != nil || d.pixels > pixelsMost
}

// count gives how many parts are drawn for one.
func (d *drawing) count(at int) float64 {
	p := &d.parts[at]
	switch p.state {
	case 1: // it draws itself
		return drawnMost + 1
	case 2:
		return p.total
	}
	p.state = 1
	sum := p.weight + d.of(p.uses)
	for _, kid := range p.kids {
		sum += d.count(kid)
	}
	p.total, p.state = sum*(1+d.of(p.paints)), 2
	return p.total
}

// of gives how many parts are drawn for what has these ids.
func (d *drawing) of(ids []string) float64 {
	sum := 0.0
	for _, id := range ids {
		for _, at := range d.ids[id] {
			if !d.parts[at].harmless {
				sum += d.count(at)
			}
		}
	}
	return sum
}
