package platform_test

import (
	"net"
	"net/netip"
	"os"
	"testing"

	"scriptsmanager/backend/platform"
)

func TestConnectionUID(t *testing.T) { // USR-1: who is at the other end of a browser's connection
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	client, server := netip.MustParseAddrPort(c.LocalAddr().String()), netip.MustParseAddrPort(l.Addr().String())
	if uid, ok := platform.ConnectionUID(client, server); !ok || uid != os.Getuid() {
		t.Errorf("own connection: uid %d, known %v", uid, ok)
	}
	if _, ok := platform.ConnectionUID(netip.AddrPortFrom(client.Addr(), 1), server); ok {
		t.Error("a connection that does not exist has an owner")
	}
}
