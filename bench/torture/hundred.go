package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"scriptsmanager/backend/domain"
)

// flaskPage answers with its execution's id; every second one is deaf to being
// asked to end.
const flaskPage = `"""ScriptsManager Metadata:
@description: one of many
"""
import argparse, os, signal
from flask import Flask
p = argparse.ArgumentParser(); p.add_argument("--port", type=int); a, _ = p.parse_known_args()
if DEAF: signal.signal(signal.SIGTERM, signal.SIG_IGN)
app = Flask(__name__)
app.route("/")(lambda: os.environ["SCRIPTSMANAGER_EXECUTION_ID"])
app.run(host="127.0.0.1", port=a.port)
`

// stopSlack is what stopping all may take beside the grace.
const stopSlack = 2 * time.Second

// hundred starts all at once, and stops all at once.
func hundred(t *trial, s *site) error {
	for i := range t.Count {
		deaf := "False"
		if i%2 == 1 {
			deaf = "True"
		}
		if err := s.script(fmt.Sprintf("p%03d", i), strings.Replace(flaskPage, "DEAF", deaf, 1)); err != nil {
			return err
		}
	}
	if err := s.setup(); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	stop := grab(s.random.Uint64())
	defer stop()
	began := time.Now()
	ids := make([]string, t.Count)
	errs := make([]error, t.Count)
	var asked sync.WaitGroup
	for i := range ids {
		asked.Go(func() {
			e, err := s.run(fmt.Sprintf("p%03d", i))
			ids[i], errs[i] = e.ID, err
		})
	}
	asked.Wait()
	for i, err := range errs {
		if err != nil {
			t.bad("refused", "p%03d: %v", i, err)
		}
	}
	right := 0
	for _, id := range ids {
		if id == "" {
			continue
		}
		var e domain.Execution
		err := await(15*time.Minute, func() (ok bool, err error) {
			e, err = s.execution(id)
			return !e.State.Live() || e.URL != "", err
		})
		if err != nil {
			return err
		}
		if !e.State.Live() {
			t.bad("failed", "%s: %s %v", e.ScriptID, e.Reason, e.Error)
			continue
		}
		if text, err := body(e.URL); err != nil || text != id {
			t.bad("page", "%s on %s: %.200q %v", e.ScriptID, e.URL, text, err)
			continue
		}
		right++
	}
	t.Figures = map[string]float64{"right_pages": float64(right), "all_ready_s": time.Since(began).Seconds()}
	stop()
	began = time.Now()
	if err := s.stopAll(false); err != nil {
		return err
	}
	took := time.Since(began)
	t.Figures["stop_all_s"] = took.Seconds()
	if took > grace+stopSlack {
		t.bad("slow", "stopping took %v", took)
	}
	return s.over(t, false)
}

// grab is a program that takes ports of the range at random, and answers on
// them, until stop.
func grab(seed uint64) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	for i := range 4 {
		random := rand.New(rand.NewPCG(seed, uint64(i))) //nolint:gosec // to be repeated by its seed
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", firstPort+random.IntN(lastPort-firstPort+1)))
				if err != nil {
					time.Sleep(time.Millisecond)
					continue
				}
				go answer(l)
				time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
				_ = l.Close()
			}
		})
	}
	return sync.OnceFunc(func() { close(done); all.Wait() })
}

func answer(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte("HTTP/1.0 200 OK\r\n\r\nsomebody else's page"))
		_ = conn.Close()
	}
}
