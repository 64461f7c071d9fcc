// Package served runs the built headless mode for measurements, and talks to
// it as a browser does. It measures nothing itself.
package served

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Name and password of the administrator that Setup makes.
const (
	name     = "bench"
	password = "measured password"
)

// Server is a running headless mode.
type Server struct {
	Cmd   *exec.Cmd
	url   string
	token string
}

// Setup makes the first administrator of a root with the programs in a folder.
func Setup(programs, root string) error {
	setup := exec.Command(filepath.Join(programs, "scriptsmanager"), "setup", "--admin", name, "--root", root)
	setup.Env = append(os.Environ(), "SCRIPTSMANAGER_ADMIN_PASSWORD="+password)
	if out, err := setup.CombinedOutput(); err != nil {
		return fmt.Errorf("setup: %w: %s", err, out)
	}
	return nil
}

// Start starts the headless mode on a root and waits for its address.
func Start(programs, root string) (*Server, error) {
	s := &Server{Cmd: exec.Command(filepath.Join(programs, "scriptsmanager"), "serve", "--root", root, "--listen", "127.0.0.1:0")}
	s.Cmd.Stderr = os.Stderr
	out, err := s.Cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.Cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve gave no address: %w", err), s.Stop())
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

// Stop asks it to end and waits for it.
func (s *Server) Stop() error {
	_ = s.Cmd.Process.Signal(syscall.SIGTERM)
	return s.Cmd.Wait()
}

// Kill kills it and waits until it is gone.
func (s *Server) Kill() {
	_ = s.Cmd.Process.Kill()
	_ = s.Cmd.Wait() // it was killed
}

func (s *Server) post(path string, body []byte, into any) error {
	q, err := http.NewRequest(http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+s.token)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, b)
	}
	return json.Unmarshal(b, into)
}

// Call calls a method of the door; into must be a pointer.
func (s *Server) Call(method string, argument, into any) error {
	b, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	return s.post("api/call/"+method, b, into)
}

// SignIn signs the administrator in, for the calls that follow.
func (s *Server) SignIn() error {
	var session struct {
		Token string `json:"token"`
	}
	if err := s.post("api/session", nil, &session); err != nil {
		return err
	}
	s.token = session.Token
	var ignored any
	return s.Call("Session.SignIn", map[string]string{"name": name, "password": password}, &ignored)
}
