package port

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// meterOf listens and gives a meter of the port that has looked once.
func meterOf(t *testing.T) (*Meter, net.Listener) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	m := NewMeter(ln.Addr().(*net.TCPAddr).Port)
	if used := ask(t, m); used {
		t.Error("used before it was looked at")
	}
	return m, ln
}

func ask(t *testing.T, m *Meter) bool {
	t.Helper()
	used, err := m.Used()
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// rests waits until nothing is seen any more: acknowledgements come late.
func rests(t *testing.T, m *Meter) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ask(t, m); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("never at rest")
		}
	}
}

func connect(t *testing.T, ln net.Listener) (client, server net.Conn) {
	t.Helper()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if server, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = client.Close(), server.Close() })
	return client, server
}

// say sends a byte and waits until it has come.
func say(t *testing.T, from, to net.Conn) {
	t.Helper()
	if _, err := from.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(to, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func TestMeter(t *testing.T) { // WIN-4
	m, ln := meterOf(t)
	client, server := connect(t, ln)
	if !ask(t, m) {
		t.Error("a new connection is no use")
	}
	rests(t, m)
	say(t, client, server)
	if !ask(t, m) {
		t.Error("a byte in is no use")
	}
	rests(t, m)
	say(t, server, client)
	if !ask(t, m) {
		t.Error("a byte out is no use")
	}
	rests(t, m)
	if ask(t, m) {
		t.Error("a connection that stands and rests is use")
	}
}

func TestMeterSeesWhatIsOverAlready(t *testing.T) { // WIN-4
	for name, closeFirst := range map[string]func(client, server net.Conn) (net.Conn, net.Conn){
		"script closes": func(c, s net.Conn) (net.Conn, net.Conn) { return s, c },
		"page closes":   func(c, s net.Conn) (net.Conn, net.Conn) { return c, s },
	} {
		t.Run(name, func(t *testing.T) {
			m, ln := meterOf(t)
			client, server := connect(t, ln)
			say(t, client, server)
			first, second := closeFirst(client, server)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := second.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if err := second.Close(); err != nil {
				t.Fatal(err)
			}
			if !ask(t, m) {
				t.Error("a request between two looks was not seen")
			}
			rests(t, m)
		})
	}
}

func TestProcConnections(t *testing.T) {
	_, ln := meterOf(t)
	connect(t, ln)
	flows, err := procConnections(ln.Addr().(*net.TCPAddr).Port)
	if err != nil {
		t.Fatal(err)
	}
	if len(flows) != 1 || !flows[0].blind || flows[0].over {
		t.Errorf("%+v", flows)
	}
}

func FuzzParseProcFlows(f *testing.F) {
	b, err := os.ReadFile("/proc/net/tcp6")
	if err == nil {
		f.Add(string(b), 5200)
	}
	f.Add("  0: 0100007F:1450 0100007F:9999 06 00000000:00000000 00:00000000 00000000     0        0 4711 1", 5200)
	f.Fuzz(func(t *testing.T, table string, port int) { parseProcFlows(table, port) })
}

func FuzzParseFlows(f *testing.F) {
	f.Add([]byte{16, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(append([]byte{92, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 76)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if flows, _, _ := parseFlows(b); len(flows) > len(b)/diagSize {
			t.Errorf("%d connections in %d bytes", len(flows), len(b))
		}
	})
}
