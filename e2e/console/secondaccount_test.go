//go:build e2e && linux

package console_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const second = 65533 // another account without rights

// probe is what a second account of the machine tries: whatever it reaches
// below the folders, the socket, the pages.
const probe = `
import json, os, socket, sys, urllib.error, urllib.request
order = json.load(sys.stdin)
found = []
def look(path):
    if os.path.islink(path):
        return
    for mode, word in ((os.R_OK, "read"), (os.W_OK, "write")):
        if os.access(path, mode):
            found.append(word + " " + path)
    if os.path.isdir(path):
        if os.access(path, os.X_OK):
            found.append("enter " + path)
        try:
            names = os.listdir(path)
        except OSError:
            # What cannot be listed may be entered by who knows the names.
            names = order["names"].get(path, [])
        for name in names:
            look(os.path.join(path, name))
for path in order["folders"]:
    look(path)
for path in order["sockets"]:
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(path)
        found.append("connect " + path)
    except OSError:
        pass
for top in ("/tmp", "/var/tmp", "/dev/shm", "/run"):
    for folder, folders, files in os.walk(top):
        if folder.count("/") > 4:
            folders[:] = []
        for name in files + folders:
            path = os.path.join(folder, name)
            try:
                mine = os.lstat(path).st_uid == order["owner"]
            except OSError:
                continue
            if mine and os.access(path, os.R_OK) and not any(path.startswith(p) for p in order["known"]):
                found.append("temporary " + path)
def http(method, url, body=None, headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return 0, str(e)
statuses = {"page": http("GET", order["page"])[0], "health": http("GET", order["serve"] + "health")[0]}
status, text = http("POST", order["serve"] + "api/session", b"")
token = json.loads(text)["token"]
for method, argument in (("Users.List", "{}"), ("Executions.List", '{"all_users":true}'), ("SystemLogs.Read", '{"file":"access"}'),
                         ("Setup.CreateAdministrator", '{"name":"evil","password":"correct horse 77","language":"en","theme":"light"}')):
    statuses[method] = http("POST", order["serve"] + "api/call/" + method, argument.encode(), {"Authorization": "Bearer " + token})[0]
print(json.dumps({"found": found, "statuses": statuses}))
`

// A second account of the machine reads nothing and reaches nothing, whatever
// the umask of the first one, and whether its root's folder is open or not.
func TestSecondAccountOfTheMachine(t *testing.T) { // SEC-4, SEC-1
	if os.Getuid() != 0 {
		t.Skip("acting as two accounts takes root")
	}
	for _, c := range []struct {
		umask string
		root  os.FileMode
	}{{"022", 0o700}, {"000", 0o755}} {
		t.Run("umask "+c.umask, func(t *testing.T) { secondAccount(t, c.umask, c.root) })
	}
}

func secondAccount(t *testing.T, umask string, rootMode os.FileMode) {
	public := publicFolder(t)
	in := rootIn(t, filepath.Join(public, "root"), nil)
	in.script("web", docstring("")+`
import argparse, os
from flask import Flask
parser = argparse.ArgumentParser()
parser.add_argument("--data-dir")
parser.add_argument("--port", type=int)
args, rest = parser.parse_known_args()
open(os.path.join(args.data_dir, "result.txt"), "w").write("private")
app = Flask(__name__)
@app.get("/")
def page():
    return "private"
app.run(host="127.0.0.1", port=args.port)
`)
	in.asOrdinaryUser(public)
	in.as = append([]string{"sh", "-c", "umask " + umask + `; exec "$@"`, "sh"}, in.as...)
	if out, err := exec.Command("chown", "-R", strconv.Itoa(ordinary), in.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Chmod(in.dir, rootMode); err != nil {
		t.Fatal(err)
	}
	in.setup()
	server, address := in.serve()
	run, page := in.front("tools/web")
	// Not asked for here: the guard refuses root, too.

	owner := struct {
		Socket string `json:"socket"`
	}{}
	if json.Unmarshal([]byte(in.owner()), &owner) != nil || owner.Socket == "" {
		t.Fatalf("no socket: %s", in.owner())
	}
	runFolder := filepath.Dir(owner.Socket)
	names := map[string][]string{}
	sockets := []string{owner.Socket}
	for _, top := range []string{in.dir, runFolder} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // it vanished meanwhile
			}
			names[filepath.Dir(path)] = append(names[filepath.Dir(path)], d.Name())
			if d.Type()&fs.ModeSocket != 0 {
				sockets = append(sockets, path)
			}
			// What the product makes is for its account alone; scripts' files have the mode that scripts give them.
			own := !strings.Contains(path, "/script_groups/") && !strings.Contains(path, "/caches/") && path != in.dir
			if info, err := d.Info(); err == nil && own && d.Type()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 &&
				strings.HasPrefix(path, filepath.Join(in.dir, "data")) {
				t.Errorf("%s has mode %o", path, info.Mode().Perm())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	order, err := json.Marshal(map[string]any{
		"folders": []string{filepath.Join(in.dir, "data"), filepath.Join(in.dir, "app"), filepath.Join(in.dir, "config.json"), filepath.Join(in.dir, "environments"), filepath.Join(in.dir, "backup"), runFolder, filepath.Dir(runFolder), in.home},
		"sockets": sockets, "names": names, "owner": ordinary, "known": []string{in.dir, filepath.Join(public, "bin")}, "page": page.URL, "serve": address,
	})
	if err != nil {
		t.Fatal(err)
	}
	id := strconv.Itoa(second)
	p := exec.Command("setpriv", "--reuid="+id, "--regid="+id, "--clear-groups", "/usr/bin/python3", "-c", probe)
	p.Stdin, p.Dir = strings.NewReader(string(order)), "/"
	out, err := p.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var result struct {
		Found    []string
		Statuses map[string]int
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, what := range result.Found {
		t.Errorf("a second account may %s", what)
	}
	want := map[string]int{"page": 403, "health": 200, "Users.List": 401, "Executions.List": 401, "SystemLogs.Read": 401}
	for what, status := range want {
		if result.Statuses[what] != status {
			t.Errorf("%s answers a second account with %d, want %d", what, result.Statuses[what], status)
		}
	}
	if s := result.Statuses["Setup.CreateAdministrator"]; s == 200 || s == 0 {
		t.Errorf("a second account makes an administrator: %d", s)
	}
	run.signal(sigint)
	if r := run.end(); r.code != exitOK {
		t.Errorf("the page: %v", r)
	}
	server.signal(sigint)
	if r := server.end(); r.code != exitOK {
		t.Errorf("serve: %v", r)
	}
}
