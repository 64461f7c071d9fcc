package discovery_test

import (
	"log/slog"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/discovery"
	"scriptsmanager/backend/discovery/discoverytest"
)

const benchGroups, benchScripts = 200, 10_000

func benchTree(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if err := discoverytest.Tree(dir, benchGroups, benchScripts); err != nil {
		b.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // past the tick in which a file is read again
	return dir
}

func scanAll(b *testing.B, d *discovery.Discovery) {
	b.Helper()
	result, err := d.Scan(b.Context())
	if err != nil || len(result.Scripts) != benchScripts || len(result.Groups) != benchGroups {
		b.Fatalf("%d scripts, %d groups, %v", len(result.Scripts), len(result.Groups), err)
	}
}

// Limit: 100 ms, and less than twice BenchmarkPeer.
func BenchmarkScan10000(b *testing.B) {
	dir := benchTree(b)
	b.ReportAllocs()
	for b.Loop() {
		scanAll(b, discovery.New(dir, slog.New(slog.DiscardHandler)))
	}
}

// Limit: 20 ms, and a fifth of BenchmarkPeer twice.
func BenchmarkRescan(b *testing.B) {
	dir := benchTree(b)
	d := discovery.New(dir, slog.New(slog.DiscardHandler))
	scanAll(b, d)
	b.ReportAllocs()
	for b.Loop() {
		scanAll(b, d)
	}
}

// BenchmarkPeer is a Python program that only reads and splits the headers,
// by its own clock, without the start of the interpreter.
func BenchmarkPeer(b *testing.B) {
	dir := benchTree(b)
	var total float64
	for b.Loop() {
		out, err := exec.CommandContext(b.Context(), "python3", "testdata/peer.py", dir).Output()
		if err != nil {
			b.Fatal(err)
		}
		parts := strings.Fields(string(out))
		if len(parts) != 3 || parts[0] != strconv.Itoa(benchScripts) {
			b.Fatalf("peer says %q", out)
		}
		ms, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			b.Fatal(err)
		}
		total += ms
	}
	b.ReportMetric(total/float64(b.N)*1e6, "ns/op")
}
