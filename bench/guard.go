package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/backend/execution/guard"
	"scriptsmanager/backend/execution/module"
)

// requestsEach is how many requests are one round.
const requestsEach = 100

// guardedPages measures what the guard of loopback adds to a request: the same
// page with it and without it, asked in turns, a new connection each time.
func guardedPages(count int) (results []result, err error) {
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	script, record := filepath.Join(dir, "page.py"), filepath.Join(dir, guard.RecordFile)
	if err := os.WriteFile(script, []byte(flaskScript), 0o600); err != nil {
		return nil, err
	}
	if err := guard.Create(record); err != nil {
		return nil, err
	}
	files := filepath.Join(dir, "guard")
	if err := module.Install(guard.Modules(), files); err != nil {
		return nil, err
	}
	settings := guard.Settings(files, record, os.Environ())
	var ports [2]int
	for i, environ := range [][]string{append(os.Environ(), settings...), os.Environ()} {
		port, stop, err := startPage(script, environ)
		if err != nil {
			return nil, err
		}
		defer stop()
		ports[i] = port
	}
	if status, err := ask(ports[0], "evil.example"); err != nil || !strings.Contains(status, "403") {
		return nil, errors.Join(fmt.Errorf("the guard does not stand: %q", status), err)
	}
	var times [2][]float64
	for round := range count + 1 {
		for i, port := range ports {
			began := time.Now()
			for range requestsEach {
				status, err := ask(port, "127.0.0.1:"+strconv.Itoa(port))
				if err != nil || !strings.Contains(status, "200") {
					return nil, errors.Join(fmt.Errorf("own request: %q", status), err)
				}
			}
			if round > 0 { // the first warms both
				times[i] = append(times[i], milliseconds(time.Since(began))/requestsEach)
			}
		}
	}
	r := compare("a request to a guarded page, over one that is not", "2 ms more or less", "ms", times[0], times[1])
	r.Note = fmt.Sprintf("%.2f ms more", r.Ours-r.Peer)
	return []result{r}, nil
}

// startPage runs a script on a free port until stop.
func startPage(script string, environ []string) (port int, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	if _, number, err := net.SplitHostPort(l.Addr().String()); err != nil {
		return 0, nil, err
	} else if port, err = strconv.Atoi(number); err != nil {
		return 0, nil, err
	}
	if err := l.Close(); err != nil {
		return 0, nil, err
	}
	python := "python3"
	if system := "/usr/bin/python3"; exists(system) { // where Debian's Flask is
		python = system
	}
	cmd := exec.Command(python, "-u", script, "--port", strconv.Itoa(port))
	cmd.Env = environ
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err = ask(port, "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			return port, stop, nil
		}
		if time.Now().After(deadline) {
			stop()
			return 0, nil, err
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ask sends one request on a connection of its own and gives the status line.
func ask(port int, host string) (string, error) {
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+strconv.Itoa(port), time.Minute)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
		return "", err
	}
	r := bufio.NewReader(c)
	status, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, r)
	return strings.TrimSpace(status), err
}
