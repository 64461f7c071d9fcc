/** Scripts that tests put into groups of their own, with Python's standard library alone. */

/** The module docstring with a metadata header. */
export function header(lines: Record<string, string>): string {
  const text = Object.entries(lines).map(([key, value]) => `@${key}: ${value}\n`);
  return `"""A script of the tests.\n\nScriptsManager Metadata:\n${text.join('')}"""\n`;
}

const contract = `
import argparse, http.server, os, signal, sys, threading, time, urllib.parse
parser = argparse.ArgumentParser()
for name in ("data-dir", "user-level", "port", "project-id", "project-name", "theme", "language"):
    parser.add_argument("--" + name, required=True)
args, rest = parser.parse_known_args()
`;

/**
 * A script with a page. A request of /say?n=5 makes it write five numbered
 * lines to stdout and the same to stderr; the page has a script of its own that
 * tries to reach what is around it and writes down how far it came.
 */
export function pageScript(lines: Record<string, string>, code = ''): string {
  return `${header(lines)}${contract}${code}
counter = 0
turn = threading.Lock()
PAGE = """<!doctype html><html lang="en"><head><title>%s</title></head><body><main><h1>Page of %s</h1>
<p id="theme">%s</p><p id="language">%s</p><p id="parent"></p></main><script>
let reached = "nothing";
try { reached = "parent: " + window.parent.document.title; } catch (e) { reached = e.name; }
document.getElementById("parent").textContent = reached;
</script></body></html>""" % (args.project_name, args.project_name, args.theme, args.language)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global counter
        at = urllib.parse.urlparse(self.path)
        if at.path == "/say":
            n = int(urllib.parse.parse_qs(at.query)["n"][0])
            with turn:
                for _ in range(n):
                    counter += 1
                    print("line %05d out" % counter, flush=True)
                    print("line %05d err" % counter, file=sys.stderr, flush=True)
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(args.port)), Handler)
print("listening", flush=True)
server.serve_forever()
`;
}

/** A script without a page that runs the code given. */
export function task(lines: Record<string, string>, code: string): string {
  return `${header({ interface: 'none', ...lines })}\nimport os, sys, time\n${code}\n`;
}
