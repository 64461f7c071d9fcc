package export_test

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/export"
	"scriptsmanager/backend/log/format"
)

var made = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// run is what one read got.
type run struct {
	kind format.Kind
	text string
}

// item makes an execution with a log.
func item(t testing.TB, id string, runs ...run) export.Item {
	t.Helper()
	base := filepath.Join(t.TempDir(), "execution_"+id)
	w, err := format.Create(base)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range runs {
		if _, err := w.Write(r.kind, made.Add(time.Duration(i)*time.Millisecond).UnixNano(), []byte(r.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Finish(made.UnixNano()), w.Close()); err != nil {
		t.Fatal(err)
	}
	debug := `{"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"start","pid":7}` + "\n"
	if err := os.WriteFile(base+format.DebugSuffix, []byte(debug), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, code := made.Add(2500*time.Millisecond), 0
	return export.Item{
		Base: base, Title: "Pumpe für Öl – 泵", PythonVersion: "3.11.2", State: "completed", Reason: "ended by itself",
		Execution: domain.Execution{
			ID: id, Name: "Pump", ScriptID: "plant/pump", UserID: 5, User: "ana", ProjectID: 12, Project: "default", State: domain.StateCompleted,
			Command: []string{"/usr/bin/python3", "-u", "/scripts/plant/pump.py"}, Environment: "analysis", Port: 5203, ExitCode: &code,
			Parameters: map[string]any{"flow": 3.5}, CreatedAt: made, StartedAt: &made, EndedAt: &ended, DurationMS: 2500, Lines: w.Lines(),
		},
	}
}

func words() export.Words {
	return export.Words{
		Execution: "Ejecución", Script: "Script", User: "Usuario", Project: "Proyecto", State: "Estado", Created: "Inicio", Ended: "Fin",
		Duration: "Duración", ExitCode: "Código", Environment: "Entorno", Parameters: "Parámetros", Output: "Salida",
		Page: "Página {{page}} de {{pages}}", Left: "{{lines}} líneas no están aquí", NoOutput: "Sin salida", Removed: "Se eliminó", Cut: "Faltan {{lines}}",
	}
}

func exported(t testing.TB, format string, items ...export.Item) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "deep", "out."+format)
	done, err := export.Run(context.Background(), export.Spec{
		Format: format, Output: path, Items: items, Words: words(), Brand: "ScriptsManager", Logo: "../../../app/static/images/SIDEL.png", Made: made, Zone: "UTC",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || int64(len(b)) != done.Bytes {
		t.Fatalf("%d bytes, told %d, %v", len(b), done.Bytes, err)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("a part is left")
	}
	return string(b)
}

func sample(t testing.TB, id string) export.Item {
	return item(t, id,
		run{format.Stdout, "first \x1b[31mred\x1b[0m\n10 %\r50 %\r100 %\n"},
		run{format.Stderr, "=SUM(A1) \"quoted\"\nopen "},
		run{format.Stdout, "-5.25\n"},
		run{format.Stderr, "end é\x00\n"})
}

func TestText(t *testing.T) {
	got := exported(t, export.TXT, sample(t, "e1"))
	for _, want := range []string{
		"Pumpe für Öl – 泵\n================\n", "Ejecución:  e1\n", "Duración:   2.5s\n", "Parámetros: {\"flow\":3.5}\n", "Entorno:    analysis (Python 3.11.2)\n",
		"2026-03-01 12:00:00.000  stdout  first red\n", "2026-03-01 12:00:00.000  stdout  100 %\n", "2026-03-01 12:00:00.003  stderr  open end é\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := exported(t, export.TXT, item(t, "e2")); !strings.HasSuffix(got, "Sin salida\n") {
		t.Errorf("without output: %q", got)
	}
}

// Lines are whole, however long, but on paper.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 200<<10) + " end"
	one := item(t, "e1", run{format.Stdout, long[:100_000]}, run{format.Stdout, long[100_000:] + "\nnext\n"})
	for _, f := range []string{export.TXT, export.JSON, export.CSV} {
		if got := exported(t, f, one); !strings.Contains(got, long) || !strings.Contains(got, "next") || strings.Contains(got, "…") {
			t.Errorf("%s: the line is not whole in %d bytes", f, len(got))
		}
	}
}

// A log that was removed or cut is not one without output.
func TestMissingOutput(t *testing.T) {
	gone, cut := sample(t, "e1"), item(t, "e2", run{format.Stdout, "one\ntwo\nthree\n"})
	for _, suffix := range []string{format.LogSuffix, format.IndexSuffix} {
		if err := os.Remove(gone.Base + suffix); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(cut.Base+format.LogSuffix, 4); err != nil {
		t.Fatal(err)
	}
	for _, f := range export.Formats() {
		path := filepath.Join(t.TempDir(), "out")
		done, err := export.Run(context.Background(), export.Spec{
			Format: f, Output: path, Items: []export.Item{gone, cut, sample(t, "e3"), item(t, "e4")}, Words: words(), Made: made, Zone: "UTC",
		}, nil)
		if err != nil || done.Incomplete != 2 {
			t.Errorf("%s: %d incomplete, %v", f, done.Incomplete, err)
		}
		if f != export.TXT {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(b); strings.Count(got, "Se eliminó\n") != 1 || strings.Count(got, "stdout  one\nFaltan 2\n") != 1 || strings.Count(got, "Sin salida\n") != 1 {
			t.Errorf("%s", got)
		}
	}
	live := gone
	live.Execution.State = domain.StateRunning
	if got := exported(t, export.TXT, live); !strings.HasSuffix(got, "Sin salida\n") {
		t.Errorf("one that runs: %q", got)
	}
}

// The customer's record, field by field.
func TestJSON(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(exported(t, export.JSON, sample(t, "e1"))), &got); err != nil {
		t.Fatal(err)
	}
	output := got["output"].(map[string]any)
	want := "first \x1b[31mred\x1b[0m\n10 %\r50 %\r100 %\n-5.25"
	if output["stdout"] != want || output["stderr"] != "=SUM(A1) \"quoted\"\nopen end é\x00" || !strings.Contains(output["debug"].(string), `"msg":"start"`) {
		t.Errorf("%q", output)
	}
	delete(got, "output")
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"duration_seconds":2.5,"environment":{"conda_env":"analysis","flask_port":5203,"python_version":"3.11.2"},"execution_end":"2026-03-01T12:00:02.5Z",` +
		`"execution_id":"e1","execution_start":"2026-03-01T12:00:00Z","exit_code":0,"parameters":{"flow":3.5},"project_id":12,"project_name":"default",` +
		`"script_id":"plant/pump","script_name":"pump.py","session_info":{"browser_session":"","interface_url":"","real_time_viewers":0},"status":"completed",` +
		`"user_id":5,"username":"ana"}`; string(b) != want {
		t.Errorf("%s\nwant\n%s", b, want)
	}
	var many []map[string]any
	if err := json.Unmarshal([]byte(exported(t, export.JSON, sample(t, "e1"), sample(t, "e2"))), &many); err != nil || len(many) != 2 || many[1]["execution_id"] != "e2" {
		t.Errorf("%v, %v", many, err)
	}
}

func TestCSV(t *testing.T) {
	got := exported(t, export.CSV, sample(t, "e1"), sample(t, "e2"))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 11 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []string{
		"execution_id|script|username|project_name|line|time|stream|text",
		"e1|plant/pump|ana|default|1|2026-03-01T12:00:00.000Z|stdout|first red",
		"e1|plant/pump|ana|default|2|2026-03-01T12:00:00.000Z|stdout|100 %",
		"e1|plant/pump|ana|default|3|2026-03-01T12:00:00.001Z|stderr|'=SUM(A1) \"quoted\"", // no formula
		"e1|plant/pump|ana|default|4|2026-03-01T12:00:00.002Z|stdout|-5.25",
	} {
		if got := strings.Join(rows[i], "|"); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

// Byte for byte, whatever the bytes are, of compressed logs as well.
func TestRaw(t *testing.T) {
	bytes := "a\x00\xff\xfe\x1b[31m\r\nno end"
	one, other := item(t, "e1", run{format.Stdout, bytes}), item(t, "e2", run{format.Stderr, "x\n"})
	if got := exported(t, export.RAW, one); got != bytes {
		t.Errorf("%q", got)
	}
	if _, err := log.Compress(context.Background(), one.Base); err != nil {
		t.Fatal(err)
	}
	gone := item(t, "e3")
	gone.Base += "x"
	text := exported(t, export.RAW, one, other, gone)
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name[:5]+f.Name[len(f.Name)-7:]] = string(b)
	}
	if len(got) != 3 || got["Pump__e1.log"] != bytes || got["Pump__e2.log"] != "x\n" || got["Pump__e3.log"] != "" {
		t.Errorf("%q", got)
	}
}

// What poppler reads of it is what was written.
func TestPDF(t *testing.T) {
	long := item(t, "e2", run{format.Stdout, strings.Repeat("x", 500) + "\n"})
	var runs []run
	for i := range 25_000 {
		runs = append(runs, run{format.Stdout, fmt.Sprintf("row %d of many ✓ 泵 😀\n", i)})
	}
	many := item(t, "e3", runs...)
	dir := t.TempDir()
	path := filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(path, []byte(exported(t, export.PDF, sample(t, "e1"), long, many)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	pages := strings.Count(text, "\f")
	for _, want := range []string{
		"Pumpe für Öl", "Parámetros", "first red", "100 %", "open end é", fmt.Sprintf("Página 1 de %d", pages), fmt.Sprintf("Página %d de %d", pages, pages),
		"row 0 of many ✓ \uFFFD \uFFFD", "row 9999 of many", "5000 líneas no están aquí", "row 24999 of many",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	for _, not := range []string{"row 10000 of", "row 14999 of", "row 12000 of"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in it", not)
		}
	}
	if n := strings.Count(text, "x"); n < 500 {
		t.Errorf("%d of 500 letters of a long line", n)
	}
}

// A bad logo, one that is not there, and one that is.
func TestLogo(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(bad, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int64{}
	for name, logo := range map[string]string{"none": "", "bad": bad, "gone": bad + "x.png", "good": "../../../app/static/images/SIDEL.png"} {
		path := filepath.Join(t.TempDir(), "out.pdf")
		done, err := export.Run(context.Background(), export.Spec{
			Format: export.PDF, Output: path, Items: []export.Item{sample(t, "e1")}, Words: words(), Brand: "B", Logo: logo, Made: made, Zone: "UTC",
		}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sizes[name] = done.Bytes
	}
	if sizes["bad"] != sizes["none"] || sizes["gone"] != sizes["none"] || sizes["good"] <= sizes["none"] {
		t.Errorf("%v", sizes)
	}
}

// Stopped, or where a log is damaged, there is no file; one that was there stays.
func TestNothingHalf(t *testing.T) {
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	path := filepath.Join(t.TempDir(), "out.txt")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range export.Formats() {
		if _, err := export.Run(stopped, export.Spec{Format: f, Output: path, Items: []export.Item{sample(t, "e1")}, Made: made}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", f, err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "before" {
		t.Errorf("%q, %v", b, err)
	}
	left, err := filepath.Glob(path + ".*")
	if err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
	gone := sample(t, "e1")
	gone.Base += "x"
	if got := exported(t, export.TXT, gone); !strings.HasSuffix(got, "\n") {
		t.Errorf("without a log: %q", got)
	}
}
