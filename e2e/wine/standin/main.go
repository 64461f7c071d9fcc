//go:build windows

// Standin takes the place of programs that a test under Wine has not got: built as python.exe it is
// an interpreter that answers ScriptsManager's question and does what a script's lines "# standin:"
// say; as control.exe it kills programs by name, for which a program of Windows is needed.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf16"
	"unsafe"
)

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 1 && args[0] == "hold":
		hold()
	case len(args) == 2 && args[0] == "kill":
		os.Exit(kill(args[1]))
	case slices.Contains(args, "-c"):
		self, err := os.Executable()
		if err != nil {
			fail(err)
		}
		// As ScriptsManager's question has an interpreter answer.
		fmt.Printf("\n@scriptsmanager {\"version\": \"3.12.1\", \"prefix\": %q, \"executable\": %q, \"flask\": \"3.0.0\"}\n",
			filepath.Dir(filepath.Dir(self)), self)
	case len(args) > 1 && args[0] == "-u":
		os.Exit(script(args[1], args[2:]))
	default:
		fail(fmt.Errorf("not understood: %q", args))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(9)
}

// script does what the lines of the file say: "print N", "child", "page", "exit N".
func script(path string, args []string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	breaks := make(chan os.Signal, 1)
	signal.Notify(breaks, os.Interrupt) // CTRL_BREAK
	child := ""
	for line := range strings.Lines(string(text)) {
		order, ok := strings.CutPrefix(strings.TrimSpace(line), "# standin: ")
		if !ok {
			continue
		}
		what, number, _ := strings.Cut(order, " ")
		n, _ := strconv.Atoi(number) // those without a number need none
		switch what {
		case "print":
			for i := range n {
				fmt.Printf("line %d of %d é\n", i+1, n)
				fmt.Fprintf(os.Stderr, "warning %d of %d\n", i+1, n)
			}
		case "child":
			child = descend()
		case "page":
			page(args, child)
			<-breaks // which do not come in Wine: a stop kills it after the grace
			return 0
		case "exit":
			return n
		}
	}
	return 0
}

// descend starts a process that lives on, and gives the address at which it is heard.
func descend() string {
	self, err := os.Executable()
	if err != nil {
		fail(err)
	}
	cmd := exec.Command(self, "hold")
	out, err := cmd.StdoutPipe()
	if err != nil {
		fail(err)
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	address := make([]byte, 100)
	n, err := out.Read(address)
	if err != nil {
		fail(err)
	}
	return strings.TrimSpace(string(address[:n]))
}

// hold can be heard at the address that it prints, whatever it is asked, until it is killed.
func hold() {
	signal.Ignore(os.Interrupt)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println(l.Addr())
	for {
		if c, err := l.Accept(); err == nil {
			_ = c.Close()
		}
	}
}

func page(args []string, child string) {
	i := slices.Index(args, "--port")
	if i < 0 || i+1 == len(args) {
		fail(fmt.Errorf("no --port in %q", args))
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+args[i+1])
	if err != nil {
		fail(err)
	}
	own(l)
	go func() {
		fail(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "page, child %s, arguments %q", child, args)
		})))
	}()
}

// own has this process be known as the one that listens: in Wine a socket belongs to its server
// alone until the program has asked what there is to read from it.
func own(l net.Listener) {
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			const bytesToRead = 0x4004667f // FIONREAD
			var n, size uint32
			// What it answers for a socket that listens is of no interest.
			_ = syscall.WSAIoctl(syscall.Handle(fd), bytesToRead, nil, 0, (*byte)(unsafe.Pointer(&n)), 4, &size, nil, 0)
		})
	}
	if err != nil {
		fail(err)
	}
}

// kill ends all processes of a program's name, at once.
func kill(name string) int {
	snapshot, err := syscall.CreateToolhelp32Snapshot(syscall.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		fail(err)
	}
	entry := syscall.ProcessEntry32{Size: uint32(unsafe.Sizeof(syscall.ProcessEntry32{}))}
	killed := 0
	for err = syscall.Process32First(snapshot, &entry); err == nil; err = syscall.Process32Next(snapshot, &entry) {
		exe := string(utf16.Decode(entry.ExeFile[:]))
		exe, _, _ = strings.Cut(exe, "\x00")
		if !strings.EqualFold(exe, name) {
			continue
		}
		if p, err := os.FindProcess(int(entry.ProcessID)); err == nil && p.Kill() == nil {
			killed++
		}
	}
	if killed == 0 {
		fail(fmt.Errorf("no process of %s", name))
	}
	return 0
}
