package port

import (
	"net"
	"os"
	"slices"
	"testing"
)

func TestDiagAgreesWithProc(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	p := ln.Addr().(*net.TCPAddr).Port
	fromDiag, err := sockets(p, tcpListen)
	if err != nil {
		t.Fatal(err)
	}
	fromProc, err := procSockets(p, tcpListen)
	if err != nil {
		t.Fatal(err)
	}
	if len(fromDiag) != 1 || !slices.Equal(fromDiag, fromProc) {
		t.Errorf("sock_diag %v, /proc %v", fromDiag, fromProc)
	}
}

func FuzzParseProcNet(f *testing.F) {
	b, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b), 5200)
	f.Add("  0: 0100007F:1450 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", 5200)
	f.Fuzz(func(t *testing.T, table string, port int) { parseProcNet(table, port, tcpListen) })
}

func FuzzParseDiag(f *testing.F) {
	f.Add([]byte{16, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 5200)
	f.Fuzz(func(t *testing.T, b []byte, port int) { parseDiag(b, port) })
}
