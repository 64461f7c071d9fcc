// Command torture kills, floods and crowds the built programs, and counts what
// must never be: lost lines, orphans, leaked ports, wrong pages, a damaged
// database. It writes what it did as JSON, with seed, counts, machine and
// commit, and fails where anything was counted. The same seed makes the same
// choices; the moments are the machine's own.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"scriptsmanager/bench/machine"
)

// trial is one promise, tried many times.
type trial struct {
	Name    string             `json:"name"`
	Must    string             `json:"must"`
	Full    int                `json:"full_count"` // what is to be tried before a release
	Count   int                `json:"count"`      // what was tried
	Bad     map[string]int     `json:"bad"`        // what must be 0, by kind
	Figures map[string]float64 `json:"figures,omitempty"`
	Seconds float64            `json:"seconds"`
	Error   string             `json:"error,omitempty"` // why it could not go on
	Notes   []string           `json:"notes,omitempty"` // the first things that were bad

	try func(t *trial, s *site) error
}

// maxNotes bounds how much is told of what is bad.
const maxNotes = 20

// bad counts something that must not be.
func (t *trial) bad(kind, format string, args ...any) {
	t.Bad[kind]++
	if len(t.Notes) < maxNotes {
		t.Notes = append(t.Notes, kind+": "+fmt.Sprintf(format, args...))
	}
}

func (t *trial) good() bool {
	for _, n := range t.Bad {
		if n > 0 {
			return false
		}
	}
	return t.Error == ""
}

type report struct {
	Time   time.Time `json:"time"`
	Commit string    `json:"commit"`
	System string    `json:"system"`
	CPU    string    `json:"cpu"`
	Cores  int       `json:"cores"`
	Seed   uint64    `json:"seed"`
	Scale  float64   `json:"scale"`
	Trials []*trial  `json:"trials"`
}

func trials() []*trial {
	return []*trial{
		{Name: "engine", Must: "engine killed at random points: no line lost, no orphan, no leaked port, the database whole", Full: 2000, try: killEngine},
		{Name: "shim", Must: "shim killed: no orphan after 5 s", Full: 500, try: killShim},
		{Name: "both", Must: "engine and shim killed: no orphan 5 s after the next start", Full: 500, try: killBoth},
		{Name: "tree", Must: "trees of double forks without environment: nothing left after stop", Full: 100, try: stopTrees},
		{Name: "hundred", Must: "so many pages at once beside a program that grabs ports: each its own page; all stopped in the grace and 2 s", Full: 100, try: hundred},
		{Name: "hostile", Must: "bombs, hogs and floods end or are capped; the engine stays under 150 MB and answers in 100 ms", Full: 1, try: hostile},
	}
}

func main() {
	programs := flag.String("programs", "bin", "folder of the built programs")
	output := flag.String("output", "", "file to write")
	commit := flag.String("commit", "", "what is tried")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all choices")
	scale := flag.Float64("scale", 1, "part of the full counts")
	only := flag.String("only", "", "names of trials, by commas; all else")
	flag.Parse()
	r := report{
		Time: time.Now().UTC(), Commit: *commit, System: runtime.GOOS + "/" + runtime.GOARCH, CPU: machine.CPU(),
		Cores: runtime.NumCPU(), Seed: *seed, Scale: *scale,
	}
	fmt.Printf("seed %d\n", r.Seed)
	good := true
	for i, t := range trials() {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), t.Name) {
			continue
		}
		t.Bad = map[string]int{}
		t.Count = max(1, int(float64(t.Full)**scale))
		began := time.Now()
		random := rand.New(rand.NewPCG(r.Seed, uint64(i))) //nolint:gosec // to be repeated by its seed
		if err := run(t, *programs, random); err != nil {
			t.Error = err.Error()
		}
		t.Seconds = time.Since(began).Seconds()
		r.Trials = append(r.Trials, t)
		good = good && t.good()
		fmt.Printf("%-8s %5d of %5d  %6.1f s  bad %v  %v %s\n", t.Name, t.Count, t.Full, t.Seconds, t.Bad, t.Figures, t.Error)
		for _, note := range t.Notes {
			fmt.Println("  ", note)
		}
	}
	if *output != "" {
		b, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(*output, append(b, '\n'), 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	if !good {
		os.Exit(1)
	}
}

// run tries it on a root of its own, and leaves nothing of that behind.
func run(t *trial, programs string, random *rand.Rand) error {
	s, err := newSite(context.Background(), programs, random)
	if err != nil {
		return err
	}
	defer s.remove()
	return t.try(t, s)
}
