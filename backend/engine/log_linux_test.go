package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSystemLogsStaySmall(t *testing.T) {
	n := newInstallation(t, nil, "")
	line := strings.Repeat("x", 1<<18)
	const mebibytes = 75
	for range mebibytes << 20 / len(line) {
		n.engine.Log().Info("much", "line", line)
	}
	dir := n.root.SystemLogs()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for _, f := range files {
			if info, err := f.Info(); err == nil { // one may just have gone
				total += info.Size()
			}
		}
		if total < 62<<20 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of logs are kept", total)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "application.log")); err != nil || info.Size() > 10<<20 || info.Mode().Perm() != 0o600 {
		t.Errorf("application.log: %v, %v", info, err)
	}
}
