//go:build e2e && linux

package console_test

import "strings"

// page is a script with a page that follows the contract by hand (SPEC SDK-4),
// with the standard library alone. Its module docstring has the header given;
// the code given runs before it listens and sees args.
func page(header, code string) string {
	return docstring(header) + `
import argparse, http.server, json, os, signal, socket, subprocess, sys, time
parser = argparse.ArgumentParser()
for name in ("data-dir", "user-level", "port", "project-id", "project-name", "theme", "language"):
    parser.add_argument("--" + name, required=True)
args, rest = parser.parse_known_args()
` + code + `
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("page of " + args.project_name + " in " + args.language).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, text, *values):
        print("request", self.path)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(args.port)), Handler)
print("listening on", args.port)
server.serve_forever()
`
}

// task is a script without a page.
func task(header, code string) string {
	return docstring("@interface: none\n"+header) + "\nimport json, os, signal, subprocess, sys, time\n" + code + "\n"
}

func docstring(header string) string {
	if header = strings.TrimSpace(header); header == "" {
		header = "@tags: test"
	}
	return "\"\"\"A script of the tests.\n\nScriptsManager Metadata:\n" + header + "\n\"\"\"\n"
}

// family starts children that a stop must reach, too: one that ignores
// SIGTERM and one in a session of its own. It notes their numbers in its data
// folder as pids.
const family = `
children = [
    subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"]),
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True),
]
with open(os.path.join(args.data_dir, "pids.new"), "w") as f:
    f.write(" ".join(str(c.pid) for c in children))
os.rename(os.path.join(args.data_dir, "pids.new"), os.path.join(args.data_dir, "pids"))
`

// stubborn ignores SIGTERM.
const stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"

// seen writes down what a script is given: its arguments, our variables of its
// environment and the file with its parameters.
const seen = `
folder = sys.argv[sys.argv.index("--data-dir") + 1]
path = os.environ.get("SCRIPTSMANAGER_PARAMETERS", "")
found = {
    "argv": sys.argv[1:],
    "environ": dict(os.environ),
    "cwd": os.getcwd(),
    "parameters": json.load(open(path)),
    "parameters_mode": oct(os.stat(path).st_mode & 0o777),
    "cmdline": open("/proc/self/cmdline", "rb").read().decode().split("\0")[:-1],
}
with open(os.path.join(folder, "seen.json.new"), "w") as f:
    json.dump(found, f)
os.rename(os.path.join(folder, "seen.json.new"), os.path.join(folder, "seen.json"))
`
