package shim_test

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"scriptsmanager/backend/sandbox"
	"scriptsmanager/backend/shim"
)

// What the start of a shim costs: from Start until the program could run, side
// by side with starting the same program bare. Limit: 8 ms more in the median.
func BenchmarkStart(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		for range b.N {
			if err := exec.Command("/bin/true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("shim", func(b *testing.B) {
		var toExec, toStart []time.Duration
		for range b.N {
			b.StopTimer()
			spec := specOf(b, "/bin/date", "+%s%N")
			b.StartTimer()
			begin := time.Now()
			s, err := shim.Start(context.Background(), program, spec)
			if err != nil {
				b.Fatal(err)
			}
			toStart = append(toStart, time.Since(begin))
			b.StopTimer()
			within(b, s)
			ns, err := strconv.ParseInt(strings.TrimSpace(output(b, spec)), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			toExec = append(toExec, time.Unix(0, ns).Sub(begin))
			b.StartTimer()
		}
		b.ReportMetric(float64(median(toExec).Microseconds()), "µs-to-program")
		b.ReportMetric(float64(median(toStart).Microseconds()), "µs-to-connected")
	})
	b.Run("bare date", func(b *testing.B) {
		var toExec []time.Duration
		for range b.N {
			begin := time.Now()
			out, err := exec.Command("/bin/date", "+%s%N").Output()
			if err != nil {
				b.Fatal(err)
			}
			ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			toExec = append(toExec, time.Unix(0, ns).Sub(begin))
		}
		b.ReportMetric(float64(median(toExec).Microseconds()), "µs-to-program")
	})
}

// What confinement costs a launch: from Start until the program runs, side by
// side. Limit: 5 ms more in the median.
func BenchmarkConfinement(b *testing.B) {
	var none, full []time.Duration
	launch := func(into *[]time.Duration, confined bool) {
		spec := specOf(b, "/bin/date", "+%s%N")
		began := time.Now()
		if confined {
			spec.Confine = sandbox.Policy{Mode: sandbox.Prefer, Bind: []int{5200}}
			spec.Confine.Grants(sandbox.Wish{
				Python: python, Prefix: "/usr", Home: "/root", Data: spec.Dir, Private: spec.Dir, Protected: []string{spec.Dir + "/root"},
			})
		}
		within(b, start(b, spec))
		ns, err := strconv.ParseInt(strings.TrimSpace(output(b, spec)), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		*into = append(*into, time.Unix(0, ns).Sub(began))
	}
	for range b.N {
		launch(&none, false)
		launch(&full, true)
	}
	b.ReportMetric(float64(median(none).Microseconds()), "µs-none")
	b.ReportMetric(float64(median(full).Microseconds()), "µs-full")
	b.ReportMetric(float64((median(full) - median(none)).Microseconds()), "µs-more")
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// Throughput of the capture.
func BenchmarkCapture(b *testing.B) {
	const size = 256 << 20
	b.SetBytes(size)
	for range b.N {
		spec := specOf(b, "/bin/dd", "if=/dev/zero", "bs=64k", "count="+strconv.Itoa(size>>16), "status=none")
		within(b, start(b, spec))
	}
}
