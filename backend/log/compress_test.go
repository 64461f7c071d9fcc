package log_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/log"
	"scriptsmanager/backend/log/format"
)

// random gives runs of lines that are cut anywhere.
func randomRuns(n int) []run {
	random := rand.New(rand.NewPCG(1, 2))
	runs := make([]run, n)
	for i := range runs {
		var b bytes.Buffer
		for range random.IntN(40) {
			fmt.Fprintf(&b, "line of run %d: %x\n", i, random.Uint64()>>random.IntN(60))
		}
		b.WriteString("open")
		kind := format.Stdout
		if random.IntN(5) == 0 {
			kind = format.Stderr
		}
		runs[i] = run{kind, b.String()}
	}
	return runs
}

// LOG-8: a compressed log is read as before, and by other programs.
func TestCompress(t *testing.T) {
	base := filepath.Join(t.TempDir(), "execution_1")
	write(t, base, true, randomRuns(3000)...)
	raw, e := os.ReadFile(base + format.LogSuffix)
	if e != nil {
		t.Fatal(e)
	}
	changed := log.Changed(base)
	plain := open(t, base)
	before := log.Size(base)
	saved, e := log.Compress(context.Background(), base)
	if e != nil || saved <= 0 || log.Size(base) != before-saved || saved < before/2 {
		t.Errorf("%d of %d bytes saved, %v", saved, before, e)
	}
	packed := open(t, base)
	if packed.Lines() != plain.Lines() {
		t.Errorf("%d lines, before %d", packed.Lines(), plain.Lines())
	}
	for from := int64(1); from <= plain.Lines(); from += 7919 {
		want, e1 := plain.Read(from, 300)
		got, e2 := packed.Read(from, 300)
		if e1 != nil || e2 != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("from %d: other lines; %v, %v", from, e1, e2)
		}
	}
	if !log.Changed(base).Equal(changed) {
		t.Error("it looks as if it had been written now")
	}
	content, e := log.OpenContent(base + format.LogSuffix)
	if e != nil {
		t.Fatal(e)
	}
	t.Cleanup(func() { _ = content.Close() })
	if size, e := content.Size(); e != nil || size != int64(len(raw)) {
		t.Errorf("%d bytes, want %d; %v", size, len(raw), e)
	}
	if out, e := exec.Command("zstdcat", base+format.LogSuffix+log.Compressed).Output(); e != nil || !bytes.Equal(out, raw) {
		t.Errorf("zstdcat gives %d bytes of %d; %v", len(out), len(raw), e)
	}
	if _, e := log.Compress(context.Background(), base); e != nil {
		t.Errorf("again: %v", e)
	}
	if e := log.Remove(base); e != nil || log.Size(base) != 0 {
		t.Errorf("%d bytes are left, %v", log.Size(base), e)
	}
}

// Cut off anywhere, a compression leaves the log as it was or as it is to be.
func TestCompressionCutOff(t *testing.T) {
	base := filepath.Join(t.TempDir(), "execution_1")
	write(t, base, true, randomRuns(300)...)
	want, e := open(t, base).Read(1, 100)
	if e != nil {
		t.Fatal(e)
	}
	same := func(when string) {
		t.Helper()
		if got, e := open(t, base).Read(1, 100); e != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: other lines, %v", when, e)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, e := log.Compress(ended, base); !errors.Is(e, context.Canceled) {
		t.Errorf("cancelled: %v", e)
	}
	same("cancelled")
	plain := map[string][]byte{}
	for _, suffix := range []string{format.IndexSuffix, format.LogSuffix} {
		if plain[suffix], e = os.ReadFile(base + suffix); e != nil {
			t.Fatal(e)
		}
	}
	if _, e := log.Compress(context.Background(), base); e != nil {
		t.Fatal(e)
	}
	same("done")
	// The end before a file is taken away: both are there.
	for _, suffix := range []string{format.LogSuffix, format.IndexSuffix} {
		if e := os.WriteFile(base+suffix, plain[suffix], 0o600); e != nil {
			t.Fatal(e)
		}
		same("both of " + suffix)
	}
	// The end before a file is whole: what is half is nobody's.
	if e := os.WriteFile(base+format.LogSuffix+log.Compressed, []byte("half"), 0o600); e != nil {
		t.Fatal(e)
	}
	same("a half one beside it")
	if _, e := log.Compress(context.Background(), base); e != nil {
		t.Fatal(e)
	}
	same("done again")
}

// A log that is removed while it is compressed is gone.
func TestRemovedWhileCompressed(t *testing.T) {
	base := filepath.Join(t.TempDir(), "execution_1")
	if e := os.WriteFile(base+format.LogSuffix, bytes.Repeat([]byte("some words of a log\n"), 2<<20), 0o600); e != nil {
		t.Fatal(e)
	}
	done := make(chan error, 1)
	go func() { _, e := log.Compress(context.Background(), base); done <- e }()
	for begun := false; !begun; time.Sleep(time.Millisecond) {
		_, e := os.Stat(base + format.LogSuffix + log.Compressed + ".new")
		begun = e == nil || log.IsCompressed(base)
	}
	if e := log.Remove(base); e != nil {
		t.Fatal(e)
	}
	<-done // whatever it says
	if left, e := filepath.Glob(base + "*"); e != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, e)
	}
}

// Without its index a compressed log is read all the same, and damage is told.
func TestCompressedAndDamaged(t *testing.T) {
	base := filepath.Join(t.TempDir(), "execution_1")
	write(t, base, true, randomRuns(300)...)
	lines := open(t, base).Lines()
	if _, e := log.Compress(context.Background(), base); e != nil {
		t.Fatal(e)
	}
	index, e := os.ReadFile(base + format.IndexSuffix + log.Compressed)
	if e != nil {
		t.Fatal(e)
	}
	flipped := bytes.Clone(index)
	flipped[len(index)/3] ^= 0xff
	for name, bad := range map[string][]byte{"cut": index[:len(index)/2], "flipped": flipped, "empty": {}} {
		if e := os.WriteFile(base+format.IndexSuffix+log.Compressed, bad, 0o600); e != nil {
			t.Fatal(e)
		}
		if got := open(t, base).Lines(); got < lines-2 || got > lines {
			t.Errorf("index %s: %d lines, before %d", name, got, lines)
		}
	}
	if e := os.Remove(base + format.IndexSuffix + log.Compressed); e != nil {
		t.Fatal(e)
	}
	if got := open(t, base).Lines(); got < lines-2 || got > lines {
		t.Errorf("%d lines without the index, with it %d", got, lines)
	}
	path := base + format.LogSuffix + log.Compressed
	whole, e := os.ReadFile(path)
	if e != nil {
		t.Fatal(e)
	}
	for name, bad := range map[string][]byte{
		"cut": whole[:len(whole)/2], "empty": {}, "rubbish": bytes.Repeat([]byte("x"), 1000),
		"a flipped byte": append(append(bytes.Clone(whole[:100]), ^whole[100]), whole[101:]...),
	} {
		if e := os.WriteFile(path, bad, 0o600); e != nil {
			t.Fatal(e)
		}
		r, e := log.Open(base)
		if e == nil {
			_, e = r.Read(1, 10)
			_ = r.Close()
		}
		if !domain.HasCode(e, domain.CodeLogDamaged) {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func FuzzCompressed(f *testing.F) {
	base := filepath.Join(f.TempDir(), "execution_1")
	write(f, base, true, randomRuns(3)...)
	if _, e := log.Compress(context.Background(), base); e != nil {
		f.Fatal(e)
	}
	whole, e := os.ReadFile(base + format.LogSuffix + log.Compressed)
	if e != nil {
		f.Fatal(e)
	}
	dir := f.TempDir()
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) {
		base := filepath.Join(dir, fmt.Sprint("execution_", os.Getpid()))
		if e := os.WriteFile(base+format.LogSuffix+log.Compressed, b, 0o600); e != nil {
			t.Fatal(e)
		}
		r, e := log.Open(base)
		if e != nil {
			return
		}
		defer func() { _ = r.Close() }()
		_, _ = r.Read(1, 100)
	})
}
