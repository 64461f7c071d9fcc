package export

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansmono"
	"golang.org/x/image/font/sfnt"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
)

const (
	// pdfLines is how many lines of an execution a PDF takes: half of them from
	// its beginning, half from its end. More than that nobody reads on paper. Of
	// many executions it takes fewer of each, pdfMost in all where that is not
	// less than pdfLeast of each: it is put together in memory.
	pdfLines, pdfMost, pdfLeast = 20_000, 60_000, 20

	// A4, in millimetres and points.
	pageWidth, pageHeight = 210.0, 297.0
	margin, top, bottom   = 15.0, 24.0, 16.0
	linePitch, lineSize   = 3.4, 7.5
	logoHeight            = 8.0
)

// document is a PDF that is being made.
type document struct {
	*writer
	pdf     *fpdf.Fpdf
	glyphs  *sfnt.Font
	buffer  sfnt.Buffer
	known   map[rune]bool // which the font has
	columns int           // of a line of output
	logo    bool
	title   string
}

// pdf writes pages with the logo, the facts and the lines of each execution.
func (w *writer) pdf() error {
	glyphs, err := sfnt.Parse(dejavusansmono.TTF)
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	p := fpdf.New("P", "mm", "A4", "")
	p.AddUTF8FontFromBytes("text", "", dejavusans.TTF)
	p.AddUTF8FontFromBytes("mono", "", dejavusansmono.TTF)
	p.SetMargins(margin, top, margin)
	p.SetAutoPageBreak(false, bottom)
	p.SetCreationDate(w.spec.Made)
	p.SetModificationDate(w.spec.Made)
	p.SetProducer(w.spec.Brand, true)
	w.longest = log.MaxText // what is longer nobody reads on paper
	d := &document{writer: w, pdf: p, glyphs: glyphs, known: map[rune]bool{}}
	d.loadLogo()
	p.SetFont("mono", "", lineSize)
	d.columns = int((pageWidth - 2*margin) / p.GetStringWidth("m"))
	for _, item := range w.spec.Items {
		if err := d.execution(item); err != nil {
			return err
		}
	}
	d.footers()
	return errors.Join(p.Error(), p.Output(w.out))
}

func (d *document) loadLogo() {
	kind := strings.TrimPrefix(strings.ToLower(filepath.Ext(d.spec.Logo)), ".")
	if kind != "png" && kind != "jpg" && kind != "jpeg" {
		return
	}
	b, err := os.ReadFile(d.spec.Logo)
	if err != nil {
		return
	}
	// A picture that cannot be drawn must not cost the document.
	trial := fpdf.New("P", "mm", "A4", "")
	trial.RegisterImageOptionsReader("logo", fpdf.ImageOptions{ImageType: kind}, bytes.NewReader(b))
	if trial.Error() != nil {
		return
	}
	d.pdf.RegisterImageOptionsReader("logo", fpdf.ImageOptions{ImageType: kind}, bytes.NewReader(b))
	d.logo = true
}

// page begins a page with its head.
func (d *document) page() {
	p := d.pdf
	p.AddPage()
	if d.logo {
		p.ImageOptions("logo", margin, 9, 0, logoHeight, false, fpdf.ImageOptions{}, 0, "")
	}
	p.SetFont("text", "", 9)
	p.SetTextColor(90, 90, 90)
	p.SetXY(pageWidth/2, 9)
	p.CellFormat(pageWidth/2-margin, logoHeight, d.fit(d.title, pageWidth/2-margin), "", 0, "R", false, 0, "")
	p.SetDrawColor(200, 200, 200)
	p.Line(margin, 9+logoHeight+2, pageWidth-margin, 9+logoHeight+2)
	p.SetXY(margin, top)
	p.SetTextColor(20, 20, 20)
}

// footers writes the foot of all pages, when it is known how many there are.
func (d *document) footers() {
	p, pages := d.pdf, d.pdf.PageCount()
	for n := 1; n <= pages; n++ {
		p.SetPage(n)
		p.SetFont("text", "", 8)
		p.SetTextColor(90, 90, 90)
		p.SetXY(margin, pageHeight-bottom+4)
		p.CellFormat(90, 5, d.spec.Brand+" · "+d.clock(&d.spec.Made, toSeconds), "", 0, "L", false, 0, "")
		p.SetXY(pageWidth-margin-90, pageHeight-bottom+4)
		p.CellFormat(90, 5, strings.NewReplacer("{{page}}", strconv.Itoa(n), "{{pages}}", strconv.Itoa(pages)).Replace(d.spec.Words.Page), "", 0, "R", false, 0, "")
	}
}

// room begins a new page where there is none for so many millimetres.
func (d *document) room(height float64) {
	if d.pdf.GetY()+height > pageHeight-bottom {
		d.page()
	}
}

// execution writes one execution, from a new page on.
func (d *document) execution(item Item) error {
	d.title = d.drawn(item.Title)
	d.page()
	p := d.pdf
	p.SetFont("text", "", 15)
	p.CellFormat(0, 9, d.fit(d.title, pageWidth-2*margin), "", 1, "L", false, 0, "")
	p.Ln(2)
	for _, f := range d.facts(item) {
		p.SetFont("text", "", 9)
		for i, part := range p.SplitText(d.drawn(f[1]), pageWidth-2*margin-38) {
			d.room(5)
			p.SetFont("text", "", 9)
			p.SetTextColor(90, 90, 90)
			name := ""
			if i == 0 {
				name = d.drawn(f[0])
			}
			p.CellFormat(38, 5, name, "", 0, "L", false, 0, "")
			p.SetTextColor(20, 20, 20)
			p.CellFormat(0, 5, part, "", 1, "L", false, 0, "")
		}
	}
	p.Ln(3)
	d.room(12)
	p.SetFont("text", "", 11)
	p.CellFormat(0, 7, d.drawn(d.spec.Words.Output), "", 1, "L", false, 0, "")
	written := false
	write := func(most int) func(domain.LogLine) (bool, error) {
		return func(line domain.LogLine) (bool, error) {
			written = true
			d.line(line)
			most--
			return most > 0, p.Error()
		}
	}
	lines := item.Execution.Lines
	most := max(pdfLeast, min(pdfLines, int64(pdfMost/len(d.spec.Items))))
	first := most
	if lines > most {
		first = most / 2
	}
	if err := d.lines(item, 1, write(int(first))); err != nil {
		return err
	}
	if lines > most {
		d.note(strings.ReplaceAll(d.spec.Words.Left, "{{lines}}", strconv.FormatInt(lines-most, 10)))
		if err := d.lines(item, lines-most/2+1, write(int(most))); err != nil {
			return err
		}
	}
	switch {
	case item.missing != "":
		d.note(item.missing)
	case !written:
		d.note(d.spec.Words.NoOutput)
	}
	return p.Error()
}

// line writes a line of output, on as many lines of paper as it takes.
func (d *document) line(line domain.LogLine) {
	p := d.pdf
	clock := strings.Repeat(" ", len("15:04:05.000"))
	if !line.Time.IsZero() {
		clock = line.Time.In(d.zone).Format("15:04:05.000")
	}
	text := strings.ReplaceAll(d.drawn(shown(whole(line))), "\t", "    ")
	width := d.columns - len(clock) - 2
	for rest := []rune(text); ; {
		n := min(width, len(rest))
		d.room(linePitch)
		p.SetFont("mono", "", lineSize)
		p.SetTextColor(130, 130, 130)
		p.SetX(margin)
		p.CellFormat(p.GetStringWidth(clock+"  "), linePitch, clock, "", 0, "L", false, 0, "")
		p.SetTextColor(20, 20, 20)
		if line.Stream == domain.Stderr {
			p.SetTextColor(176, 0, 32)
		}
		p.CellFormat(0, linePitch, string(rest[:n]), "", 1, "L", false, 0, "")
		if rest = rest[n:]; len(rest) == 0 {
			return
		}
		clock = strings.Repeat(" ", len(clock))
	}
}

// note writes a line of ours between those of the script.
func (d *document) note(text string) {
	d.room(7)
	d.pdf.SetFont("text", "", 9)
	d.pdf.SetTextColor(90, 90, 90)
	d.pdf.CellFormat(0, 7, d.drawn(text), "", 1, "L", false, 0, "")
}

// fit shortens a text to a width in the font that is set.
func (d *document) fit(text string, width float64) string {
	runes := []rune(text)
	if d.pdf.GetStringWidth(text) <= width {
		return text
	}
	for len(runes) > 0 && d.pdf.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// drawn puts a mark in place of what the font has no glyph for.
func (d *document) drawn(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return r
		}
		has, asked := d.known[r]
		if !asked {
			glyph, err := d.glyphs.GlyphIndex(&d.buffer, r)
			has = err == nil && glyph != 0 && r <= 0xFFFF
			d.known[r] = has
		}
		if !has {
			return '\uFFFD'
		}
		return r
	}, text)
}
