package files

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
)

// Dialect is how a table is written. The zero value is no dialect.
type Dialect struct {
	Delimiter string `json:"delimiter"` // one of , ; tab |
	Quote     string `json:"quote"`     // " or ', or "" for none
	Header    bool   `json:"header"`    // the first row has the names of the columns
}

const (
	delimiters = ",;\t|"
	// tableWidth and tableCell bound what one row gives: a line of a megabyte
	// without a delimiter is no table, and must do no harm.
	tableWidth = 1000
	tableCell  = 4 << 10
	// tableStep is how many rows lie between two places that are remembered.
	tableStep     = 256
	byteOrderMark = "\xef\xbb\xbf"
	// tableMost is how much of a file is looked through for rows.
	tableMost = 4 << 30
)

// GuessDialect tells how a table is written by its beginning: the delimiter by
// which most rows have equally many cells, more than one. It never fails.
func GuessDialect(text string) Dialect {
	quote := `"`
	if startsCell(text, '\'') && !startsCell(text, '"') {
		quote = "'"
	}
	best, bestScore := Dialect{}, -1
	for _, delimiter := range delimiters {
		d := Dialect{Delimiter: string(delimiter), Quote: quote}
		if s := score(text, d); s > bestScore {
			best, bestScore = d, s
		}
	}
	best.Header = hasHeader(text, best)
	return best
}

// startsCell tells whether a character stands where a cell begins.
func startsCell(text string, quote byte) bool {
	for i := range len(text) {
		if text[i] == quote && (i == 0 || strings.IndexByte(delimiters+"\n", text[i-1]) >= 0) {
			return true
		}
	}
	return false
}

// score counts the rows that have as many cells as most have, times the cells.
func score(text string, d Dialect) int {
	rows := sample(text, d)
	counts := map[int]int{}
	for _, row := range rows {
		counts[len(row)]++
	}
	best := 0
	for cells, n := range counts {
		if cells > 1 {
			best = max(best, 1000*n/len(rows)*2+min(cells, 50))
		}
	}
	return best
}

func sample(text string, d Dialect) [][]string {
	rows := [][]string{}
	data := []byte(text)
	for len(data) > 0 && len(rows) < 100 {
		row, n := readRow(data, d, true)
		if n == len(data) && len(rows) > 0 && data[n-1] != '\n' {
			break // it may be cut
		}
		data = data[n:]
		if len(row) > 1 || row[0] != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// hasHeader tells whether the first row names the columns: none of it is a
// number or empty, and some row below has a number.
func hasHeader(text string, d Dialect) bool {
	rows := sample(text, d)
	if len(rows) < 2 || slices.ContainsFunc(rows[0], func(c string) bool { return c == "" || numeric(c) }) {
		return false
	}
	return slices.ContainsFunc(rows[1:], func(row []string) bool { return slices.ContainsFunc(row, numeric) })
}

// numeric tells of numbers as people write them in any of our languages.
func numeric(cell string) bool {
	cell = strings.TrimSpace(cell)
	seen := false
	for _, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			seen = true
		case strings.ContainsRune("+-.,eE %'", r):
		default:
			return false
		}
	}
	return seen
}

// readRow reads the row that data begins with and gives how many bytes it has,
// with its line end. In a quoted cell delimiters and line ends are text, and
// two quotes are one. last: there is no more data behind.
func readRow(data []byte, d Dialect, last bool) (row []string, n int) {
	var cell []byte
	quoted, begun := false, false
	flush := func() {
		if len(row) < tableWidth {
			row = append(row, string(cell))
		}
		cell, begun = cell[:0], false
	}
	add := func(c byte) {
		if len(cell) < tableCell {
			cell = append(cell, c)
		}
		begun = true
	}
	for n < len(data) {
		c := data[n]
		n++
		switch {
		case quoted && c == d.Quote[0]:
			if n < len(data) && data[n] == c {
				add(c)
				n++
			} else {
				quoted = false
			}
		case quoted:
			add(c)
		case d.Quote != "" && c == d.Quote[0] && !begun:
			quoted, begun = true, true
		case c == d.Delimiter[0]:
			flush()
		case c == '\n':
			flush()
			return row, n
		case c == '\r' && (n == len(data) || data[n] == '\n'):
			// the first half of a line end
		case c == '\r':
			flush()
			return row, n
		default:
			add(c)
		}
	}
	if last {
		flush()
	}
	return row, n
}

// Table is where the rows of a file stand: every so many rows a place.
type Table struct {
	Rows    int64
	Partial bool // there are more than were looked for
	starts  []int64
	dialect Dialect
}

// checkDialect fails with CodeFieldInvalid.
func checkDialect(d Dialect) error {
	if len(d.Delimiter) != 1 || !strings.Contains(delimiters, d.Delimiter) {
		return domain.NewError(domain.CodeFieldInvalid, "name", "delimiter", "value", d.Delimiter)
	}
	if d.Quote != "" && d.Quote != `"` && d.Quote != "'" {
		return domain.NewError(domain.CodeFieldInvalid, "name", "quote", "value", d.Quote)
	}
	return nil
}

// IndexTable finds the rows of a file that is one byte a character or UTF-8. It
// fails with CodeFieldInvalid.
func IndexTable(ctx context.Context, file *os.File, d Dialect) (*Table, error) {
	if err := checkDialect(d); err != nil {
		return nil, err
	}
	t := &Table{dialect: d, starts: []int64{0}}
	// A row ends at a line end outside of quotes. Of quotes only those that
	// begin a cell count, as in readRow.
	var quote byte
	if d.Quote != "" {
		quote = d.Quote[0]
	}
	delimiter := d.Delimiter[0]
	buffer := make([]byte, 1<<20)
	var mark [3]byte
	if n, _ := file.ReadAt(mark[:], 0); n == len(mark) && string(mark[:]) == byteOrderMark {
		t.starts[0] = int64(n)
	}
	offset, rowStart := t.starts[0], t.starts[0]
	quoted, closed, begun, wasReturn := false, false, false, false
	end := func(next int64) {
		t.Rows++
		rowStart = next
		if t.Rows%tableStep == 0 {
			t.starts = append(t.starts, next)
		}
		begun = false
	}
	for offset < tableMost {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := file.ReadAt(buffer, offset)
		chunk := buffer[:n]
		for i := 0; i < n; i++ {
			c := chunk[i]
			if wasReturn { // a line end of its own, unless the line feed follows
				wasReturn = false
				if c != '\n' {
					end(offset + int64(i))
				}
			}
			switch {
			case quoted:
				j := bytes.IndexByte(chunk[i:], quote)
				if j < 0 {
					i = n
					continue
				}
				i += j
				quoted, closed = false, true
				continue
			case c == quote && quote != 0 && (!begun || closed): // two quotes are one, and the cell goes on
				quoted, begun = true, true
			case c == delimiter:
				begun = false
			case c == '\n':
				end(offset + int64(i) + 1)
			case c == '\r':
				wasReturn = true
			default:
				begun = true
				// In the middle of a cell a quote is text.
				for i+1 < n && chunk[i+1] != delimiter && chunk[i+1] != '\n' && chunk[i+1] != '\r' {
					i++
				}
			}
			closed = false
		}
		offset += int64(n)
		if err == io.EOF {
			if offset > rowStart {
				t.Rows++
			}
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look for rows: %w", err)
		}
	}
	t.Partial = true
	return t, nil
}

// Read gives rows from one on: fewer than count where they are long.
func (t *Table) Read(file *os.File, encoding string, from int64, count int) ([][]string, error) {
	rows := [][]string{}
	if from < 0 || from >= t.Rows {
		return rows, nil
	}
	at := t.starts[from/tableStep]
	skip := from % tableStep
	count = int(min(int64(count), t.Rows-from))
	const (
		most     = 4 << 20  // of one answer: as JSON it may be six times as long
		readMost = 64 << 20 // for one answer
	)
	r := &rowReader{file: file, at: at, dialect: t.dialect}
	for given, read := 0, 0; len(rows) < count && read < readMost; {
		row, n, err := r.next()
		if err != nil || n == 0 {
			return rows, err
		}
		if skip > 0 {
			skip--
			continue
		}
		read += n
		for _, cell := range row {
			given += len(cell)
		}
		if given > most && len(rows) > 0 {
			return rows, nil
		}
		for i := range row {
			row[i] = Decode([]byte(row[i]), encoding)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// rowReader reads row after row.
type rowReader struct {
	file    *os.File
	at      int64
	dialect Dialect
	data    []byte
	end     bool
}

func (r *rowReader) next() (row []string, n int, err error) {
	for size := 256 << 10; ; size *= 4 {
		row, n = readRow(r.data, r.dialect, r.end)
		// A row that ends with the data may go on behind it, be it by the second
		// half of a line end.
		if r.end || (n > 0 && n < len(r.data)) || len(r.data) > 16<<20 {
			r.data = r.data[n:]
			if len(row) == 0 {
				n = 0
			}
			return row, n, nil
		}
		more := make([]byte, size)
		got, err := r.file.ReadAt(more, r.at)
		r.at += int64(got)
		r.data = append(slices.Clone(r.data), more[:got]...)
		if err == io.EOF {
			r.end = true
		} else if err != nil {
			return nil, 0, fmt.Errorf("read rows: %w", err)
		}
	}
}
