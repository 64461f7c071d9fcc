// Command bench measures what the product promises about speed and size, each
// quantity beside what it is held against in the same run, alternating, and
// writes medians, ratios and counts as JSON. It judges nothing: machines are
// noisy, ratios of medians are what to read.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"scriptsmanager/bench/machine"
)

// result is one measured quantity.
type result struct {
	Name  string  `json:"name"`
	Aim   string  `json:"aim"`
	Unit  string  `json:"unit"`
	Count int     `json:"count"`
	Ours  float64 `json:"ours_median"`
	Peer  float64 `json:"peer_median,omitempty"`
	Ratio float64 `json:"ratio,omitempty"`
	Min   float64 `json:"ours_min"`
	Max   float64 `json:"ours_max"`
	Note  string  `json:"note,omitempty"`
}

type report struct {
	Time    time.Time `json:"time"`
	Commit  string    `json:"commit"`
	CPU     string    `json:"cpu"`
	Cores   int       `json:"cores"`
	System  string    `json:"system"`
	Load    string    `json:"load_at_start"`
	Results []result  `json:"results"`
	Failed  []string  `json:"failed"`
}

func main() {
	programs := flag.String("programs", "bin", "folder of the built programs")
	empty := flag.String("empty", "", "an empty Wails program")
	commit := flag.String("commit", "", "what is measured")
	output := flag.String("output", "", "file to write")
	only := flag.String("only", "", "the one part to measure: limits (of the machine), discovery, environments, launch, confinement, guard, window, viewer, capture, search, find, list or logviewer")
	count := flag.Int("count", 15, "rounds of each quantity")
	produced := flag.Int("produce", 0, "write so many lines of 100 bytes, and the time that this took to the file of -output; measures nothing")
	flag.Parse()
	if *produced > 0 {
		if err := produce(*produced, *output); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	r := report{
		Time: time.Now().UTC(), Commit: *commit, CPU: machine.CPU(), Cores: runtime.NumCPU(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Load: machine.Load(), Results: []result{}, Failed: []string{},
	}
	ctx := context.Background()
	for _, m := range []struct {
		name    string
		measure func() ([]result, error)
	}{
		{"limits", func() ([]result, error) { return limits(min(*count, 5)) }},
		{"discovery", func() ([]result, error) { return discoveries(ctx, *count) }},
		{"environments", func() ([]result, error) { return environments(ctx, *count) }},
		{"launch", func() ([]result, error) { return launches(*programs, *count) }},
		{"confinement", func() ([]result, error) { return confinements(*programs, *count) }},
		{"guard", func() ([]result, error) { return guardedPages(*count) }},
		{"window", func() ([]result, error) { return windows(*programs, *empty, min(*count, 7)) }},
		{"viewer", func() ([]result, error) { return viewers(*programs, *count) }},
		{"capture", func() ([]result, error) { return captures(ctx, *programs, min(*count, 9)) }},
		{"search", func() ([]result, error) { return searches(ctx, *count) }},
		{"find", func() ([]result, error) { return finds(*count) }},
		{"list", func() ([]result, error) { return lists(ctx, *count) }},
		{"logviewer", func() ([]result, error) { return logViewers(ctx, *programs, *count) }},
	} {
		if *only != "" && *only != m.name {
			continue
		}
		results, err := m.measure()
		r.Results = append(r.Results, results...)
		if err != nil {
			r.Failed = append(r.Failed, fmt.Sprintf("%s: %v", m.name, err))
		}
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(*output, append(b, '\n'), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Println(string(b))
	if len(r.Failed) > 0 {
		os.Exit(1)
	}
}

// compare makes a result of two lists of values, in the same unit.
func compare(name, aim, unit string, ours, peer []float64) result {
	r := result{
		Name: name, Aim: aim, Unit: unit, Count: len(ours),
		Ours: median(ours), Min: slices.Min(ours), Max: slices.Max(ours),
	}
	if len(peer) > 0 {
		r.Peer = median(peer)
		r.Ratio = r.Ours / r.Peer
	}
	return r
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
