package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"scriptsmanager/bench/machine"
)

// firstMessage is what a script's window is told first, as the main window's
// process does it; its window is named viewerTitle.
const (
	viewerTitle  = "bench viewer"
	firstMessage = `{"settings":{"texts":{},"language":"en","theme":"light"},` +
		`"execution":{"id":"e1","state":"running","phase":"starting","has_page":true},"said":{"title":"` + viewerTitle + `","name":"bench"}}` + "\n"
)

// viewers measures a script's window: until it is seen, from the start of its
// process beside one that was started before and waits; what that one takes
// of memory; and how soon its end is seen, however it comes. It needs a
// display, xprop, xdotool and wmctrl.
func viewers(programs string, count int) ([]result, error) {
	if os.Getenv("DISPLAY") == "" {
		return nil, errors.New("no display")
	}
	dir, err := os.MkdirTemp("", "sm-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, err := filepath.Abs(filepath.Join(programs, "scriptsmanager-desktop"))
	if err != nil {
		return nil, err
	}
	var cold, spare, waiting, whole, hidden, killed, closed []float64
	for i := range 2*count + 1 {
		watch, err := watchWindows()
		if err != nil {
			return nil, err
		}
		began := time.Now()
		v, err := startViewer(program, filepath.Join(dir, "window"))
		if err != nil {
			return nil, errors.Join(err, watch.end())
		}
		early := i%2 == 0
		if early {
			memory, err := v.settled()
			if err != nil {
				return nil, errors.Join(err, v.end(), watch.end())
			}
			if i > 0 {
				waiting = append(waiting, memory)
			}
			began = time.Now()
		}
		var shown float64
		if _, err = io.WriteString(v.in, firstMessage); err == nil {
			shown, err = watch.until(viewerTitle, began)
		}
		if err = errors.Join(err, watch.end()); err != nil {
			return nil, errors.Join(err, v.end())
		}
		memory, err := treeMemory(v.cmd.Process.Pid)
		if err != nil {
			return nil, errors.Join(err, v.end())
		}
		again, err := showHidden(viewerTitle)
		if err != nil {
			return nil, errors.Join(err, v.end())
		}
		if i > 0 {
			whole, hidden = append(whole, memory), append(hidden, again)
		}
		ending := "close"
		if early {
			ending = "kill"
		}
		ended, err := v.endBy(ending)
		if err != nil {
			return nil, errors.Join(err, v.end())
		}
		switch {
		case i == 0: // it warms the disk
		case early:
			spare, killed = append(spare, shown), append(killed, ended)
		default:
			cold, closed = append(cold, shown), append(closed, ended)
		}
	}
	return []result{
		compare("script's window shown, its process started before, over started then", "under 100 ms", "ms", spare, cold),
		compare("memory of a process that waits for a window to show (PSS)", "worth its time", "MB", waiting, nil),
		compare("a window that was made before and hidden, shown (with xdotool's own time)", "what a whole spare window would give", "ms", hidden, nil),
		compare("memory of a window with its web view's processes (PSS)", "", "MB", whole, nil),
		compare("a killed window is seen by its main process", "50 ms or less", "ms", killed, nil),
		compare("a window's close button is seen by its main process (with wmctrl's own time)", "50 ms or less", "ms", closed, nil),
	}, nil
}

type viewerRun struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startViewer(program, dir string) (*viewerRun, error) {
	cmd := exec.Command(program, "viewer", dir)
	cmd.Env = append(cmd.Environ(), "XDG_DATA_HOME="+filepath.Join(dir, "data"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	v := &viewerRun{cmd: cmd, in: in, out: bufio.NewReader(out)}
	return v, cmd.Start()
}

// settled waits until the process does nothing any more, and gives its memory
// in MB.
func (v *viewerRun) settled() (float64, error) {
	idle := 0
	for last, end := "", time.Now().Add(time.Minute); idle < 5; time.Sleep(100 * time.Millisecond) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", v.cmd.Process.Pid))
		if err != nil || time.Now().After(end) {
			return 0, fmt.Errorf("the window's process does not settle: %w", err)
		}
		if string(b) == last {
			idle++
		} else {
			idle = 0
		}
		last = string(b)
	}
	bytes, err := machine.Memory(v.cmd.Process.Pid)
	return float64(bytes) / 1e6, err
}

// windowWatch tells of new windows as the window manager lists them.
type windowWatch struct {
	spy   *exec.Cmd
	lines *bufio.Scanner
}

func watchWindows() (*windowWatch, error) {
	spy := exec.Command("xprop", "-root", "-spy", "_NET_CLIENT_LIST")
	out, err := spy.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := spy.Start(); err != nil {
		return nil, err
	}
	w := &windowWatch{spy: spy, lines: bufio.NewScanner(out)}
	if !w.lines.Scan() || !listed(w.lines.Text()) { // what is there now
		return nil, errors.Join(errNoList, w.end())
	}
	return w, nil
}

var errNoList = errors.New("no window manager lists the display's windows: start one, such as openbox")

// listed tells whether what xprop says first is a list of windows.
func listed(said string) bool { return strings.HasPrefix(said, "_NET_CLIENT_LIST(WINDOW)") }

// until gives the milliseconds from began until there is a window of a title.
func (w *windowWatch) until(title string, began time.Time) (float64, error) {
	late := time.AfterFunc(time.Minute, func() { _ = w.spy.Process.Kill() })
	defer late.Stop()
	for w.lines.Scan() {
		for at := time.Now(); time.Since(at) < 200*time.Millisecond; {
			out, err := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
			if err == nil && strings.TrimSpace(string(out)) != "" {
				return milliseconds(at.Sub(began)), nil
			}
		}
	}
	return 0, errors.New("no window in a minute")
}

func (w *windowWatch) end() error {
	_ = w.spy.Process.Kill()
	_ = w.spy.Wait() // it was killed
	return nil
}

// showHidden takes a window away, and gives the milliseconds until it is there
// again.
func showHidden(title string) (float64, error) {
	if out, err := exec.Command("xdotool", "search", "--name", "^"+title+"$", "windowunmap", "--sync").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("hide the window: %w: %s", err, out)
	}
	watch, err := watchWindows()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	out, err := exec.Command("xdotool", "search", "--name", "^"+title+"$", "windowmap").CombinedOutput()
	if err != nil {
		return 0, errors.Join(fmt.Errorf("show the window: %w: %s", err, out), watch.end())
	}
	took, err := watch.until(title, began)
	return took, errors.Join(err, watch.end())
}

// treeMemory is what a process and all below it have of the memory, in MB.
func treeMemory(pid int) (float64, error) {
	bytes, err := machine.Memory(pid)
	if err != nil {
		return 0, err
	}
	sum := float64(bytes) / 1e6
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(b)) {
			below, err := strconv.Atoi(child)
			if err != nil {
				return 0, err
			}
			more, err := treeMemory(below)
			if err != nil {
				continue // it has ended
			}
			sum += more
		}
	}
	return sum, nil
}

// endBy ends the window, and gives the milliseconds until its main process
// sees so: its word that a person closed it, or the end of its output.
func (v *viewerRun) endBy(how string) (float64, error) {
	began := time.Now()
	var err error
	if how == "kill" {
		err = v.cmd.Process.Signal(syscall.SIGKILL)
	} else {
		err = exec.Command("wmctrl", "-F", "-c", viewerTitle).Run()
	}
	for err == nil {
		var line string
		line, err = v.out.ReadString('\n')
		if strings.Contains(line, `"closed"`) {
			break
		}
	}
	took := milliseconds(time.Since(began))
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return took, v.end()
}

// end waits for the process's end, and helps where it does not come.
func (v *viewerRun) end() error {
	_ = v.in.Close()
	timer := time.AfterFunc(10*time.Second, func() { _ = v.cmd.Process.Kill() })
	defer timer.Stop()
	_ = v.cmd.Wait() // a killed one fails by intention
	return nil
}
