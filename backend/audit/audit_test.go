package audit_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scriptsmanager/backend/audit"
	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/store"
)

var (
	admin = store.Actor{Kind: store.ActorUser, UserID: 1, Name: "ann", Level: domain.LevelAdmin}
	user  = store.Actor{Kind: store.ActorUser, UserID: 2, Name: "bob", Level: domain.LevelOperator}
)

// kept is a database with records and their copy.
type kept struct {
	t    *testing.T
	path string
	dir  string
	*store.Store
}

// keep makes n records, by turns of an administrator and of another user.
func keep(t *testing.T, n int) *kept {
	t.Helper()
	dir := t.TempDir()
	k := &kept{t: t, path: filepath.Join(dir, "scriptsmanager.db"), dir: filepath.Join(dir, "audit")}
	s, err := store.Open(t.Context(), k.path)
	check(t, err)
	k.Store = s
	t.Cleanup(func() { check(t, s.Close()) })
	k.record(n)
	k.copy()
	return k
}

func (k *kept) record(n int) {
	k.t.Helper()
	for i := range n {
		a := admin
		if i%2 == 1 {
			a = user
		}
		check(k.t, k.Audit(k.t.Context(), a, "run", fmt.Sprintf("execution:%d", i), nil, map[string]any{"n": i, "text": "<ü>\u2028\n"}))
	}
}

// copy copies what there is: who is told to end copies to the end first.
func (k *kept) copy() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	cancel()
	if err := audit.NewCopier(k.Store, k.dir).Serve(ctx); !errors.Is(err, context.Canceled) {
		k.t.Fatal(err)
	}
}

// tamper changes the database as its owner can.
func (k *kept) tamper(statements ...string) {
	k.t.Helper()
	db, err := sql.Open("sqlite3", store.Address(k.path, url.Values{}))
	check(k.t, err)
	defer func() { check(k.t, db.Close()) }()
	for _, s := range append([]string{`DROP TRIGGER IF EXISTS audit_unchanged`, `DROP TRIGGER IF EXISTS audit_kept`}, statements...) {
		if _, err := db.ExecContext(k.t.Context(), s); err != nil {
			k.t.Fatalf("%s: %v", s, err)
		}
	}
}

func (k *kept) verify(noted *audit.Head) audit.Verified {
	k.t.Helper()
	v, err := audit.Verify(k.t.Context(), k.Store, k.dir, noted)
	check(k.t, err)
	return v
}

func (k *kept) edit(file string, change func(lines []string) []string) {
	k.t.Helper()
	path := filepath.Join(k.dir, file)
	b, err := os.ReadFile(path)
	check(k.t, err)
	lines := strings.SplitAfter(string(b), "\n")
	check(k.t, os.WriteFile(path, []byte(strings.Join(change(lines[:len(lines)-1]), "")), 0o600))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatNobodyTouchedIsWhole(t *testing.T) {
	k := keep(t, 2500) // more than are read at once
	v := k.verify(nil)
	if !v.OK() || v.Records != 2500 || v.Copied != 2500 || v.Head.Records != 2500 {
		t.Fatalf("%+v", v)
	}
	noted := v.Head
	k.record(3)
	if v := k.verify(&noted); !v.OK() || v.Records != 2503 || v.Copied != 2500 { // not copied yet
		t.Errorf("after more records: %+v", v)
	}
	k.copy()
	if v := k.verify(&noted); !v.OK() || v.Copied != 2503 {
		t.Errorf("after they were copied: %+v", v)
	}
	for file, want := range map[string]string{audit.AdminFile: `"actor":"ann"`, audit.UserFile: `"actor":"bob"`} {
		info, err := os.Stat(filepath.Join(k.dir, file))
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
		k.edit(file, func(lines []string) []string {
			for _, line := range lines {
				if !strings.Contains(line, want) {
					t.Fatalf("%s: %s", file, line)
				}
			}
			return lines
		})
	}
}

func TestAuditIsOnlyAppendedTo(t *testing.T) {
	k := keep(t, 3)
	db, err := sql.Open("sqlite3", store.Address(k.path, url.Values{}))
	check(t, err)
	defer func() { check(t, db.Close()) }()
	for _, s := range []string{`UPDATE audit SET actor = 'eve' WHERE id = 2`, `DELETE FROM audit WHERE id = 3`, `DELETE FROM audit`} {
		if _, err := db.ExecContext(t.Context(), s); err == nil {
			t.Errorf("%s was done", s)
		}
	}
}

func TestWhatWasChangedIsFound(t *testing.T) { // issue: edited, removed, reordered, a cut tail
	type fault = audit.Fault
	last := audit.Head{}
	for _, c := range []struct {
		name       string
		statements []string
		noted      bool
		without    bool // without the copy
		want       []fault
	}{
		{"edited", []string{`UPDATE audit SET actor = 'eve' WHERE id = 4`}, false, true, []fault{{Kind: audit.FaultChanged, From: 4, To: 4}}},
		{"edited, by the copy too", []string{`UPDATE audit SET after = '{}' WHERE id = 4`}, false, false, []fault{
			{Kind: audit.FaultChanged, From: 4, To: 4}, {Kind: audit.FaultCopy, From: 4, To: 4},
		}},
		{"level", []string{`UPDATE audit SET actor_level = 'viewer' WHERE id = 4`}, false, true, []fault{{Kind: audit.FaultChanged, From: 4, To: 4}}},
		{"removed", []string{`DELETE FROM audit WHERE id IN (4, 5)`}, false, true, []fault{{Kind: audit.FaultMissing, From: 4, To: 5}}},
		{"the first one removed", []string{`DELETE FROM audit WHERE id = 1`}, false, true, []fault{{Kind: audit.FaultMissing, From: 1, To: 1}}},
		{"removed and counted anew", []string{
			`DELETE FROM audit WHERE id = 4`, `UPDATE audit SET id = id - 1 WHERE id > 4`,
		}, false, true, []fault{{Kind: audit.FaultChanged, From: 4, To: 9}}},
		{"reordered", []string{
			`UPDATE audit SET id = 1000 WHERE id = 4`, `UPDATE audit SET id = 4 WHERE id = 5`, `UPDATE audit SET id = 5 WHERE id = 1000`,
		}, false, true, []fault{{Kind: audit.FaultChanged, From: 4, To: 6}}},
		{"without a hash", []string{`UPDATE audit SET hash = NULL WHERE id = 10`}, false, true, []fault{{Kind: audit.FaultChanged, From: 10, To: 10}}},
		{"the end cut off", []string{`DELETE FROM audit WHERE id > 7`}, false, false, []fault{{Kind: audit.FaultCut, From: 8, To: 10}}},
		{"the end cut off, by the head", []string{`DELETE FROM audit WHERE id > 7`}, true, true, []fault{{Kind: audit.FaultCut, From: 8, To: 10}}},
		{"all", []string{`DELETE FROM audit`}, false, false, []fault{{Kind: audit.FaultCut, From: 1, To: 10}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keep(t, 10)
			if v := k.verify(nil); !v.OK() {
				t.Fatalf("before: %+v", v)
			} else {
				last = v.Head
			}
			k.tamper(c.statements...)
			if c.without {
				check(t, os.RemoveAll(k.dir))
				k.dir = ""
			}
			noted := &last
			if !c.noted {
				noted = nil
			}
			if v := k.verify(noted); !reflect.DeepEqual(v.Faults, c.want) {
				t.Errorf("found %+v, want %+v", v.Faults, c.want)
			}
		})
	}
}

// A cut end that is written on is found: the numbers go on, and where somebody
// sets them back, too, the hashes are others.
func TestCutAndWrittenOn(t *testing.T) {
	k := keep(t, 10)
	noted := k.verify(nil).Head
	k.tamper(`DELETE FROM audit WHERE id > 7`)
	k.record(2)
	if v := k.verify(&noted); !reflect.DeepEqual(v.Faults, []audit.Fault{
		{Kind: audit.FaultMissing, From: 8, To: 10}, {Kind: audit.FaultHead, From: 10, To: 10},
	}) {
		t.Errorf("%+v", v)
	}
	k = keep(t, 10)
	noted = k.verify(nil).Head
	k.tamper(`DELETE FROM audit WHERE id > 7`, `UPDATE sqlite_sequence SET seq = 7 WHERE name = 'audit'`)
	k.record(5)
	k.copy()
	want := []audit.Fault{{Kind: audit.FaultCopy, From: 8, To: 9}, {Kind: audit.FaultHead, From: 10, To: 10}, {Kind: audit.FaultCopy, From: 10, To: 10}}
	if v := k.verify(&noted); !reflect.DeepEqual(v.Faults, want) {
		t.Errorf("found %+v, want %+v", v.Faults, want)
	}
}

// An older database that was put back, with records of its own since, is told
// from a record that somebody changed. ADM-4
func TestOlderDatabasePutBackIsTold(t *testing.T) {
	k := keep(t, 20)
	k.tamper(`DELETE FROM audit WHERE id > 12`, `UPDATE sqlite_sequence SET seq = 12 WHERE name = 'audit'`)
	if v := k.verify(nil); v.OK() || v.Parted != 13 {
		t.Errorf("put back: %+v", v)
	}
	k.record(3)
	k.copy()
	if v := k.verify(nil); v.OK() || v.Parted != 13 {
		t.Errorf("with records since: %+v", v)
	}
	for _, file := range []string{audit.AdminFile, audit.UserFile} { // as the message says
		check(t, os.Rename(filepath.Join(k.dir, file), filepath.Join(k.dir, "old-"+file)))
	}
	k.copy()
	if v := k.verify(nil); !v.OK() || v.Parted != 0 || v.Copied != 15 {
		t.Errorf("with the copy made anew: %+v", v)
	}
	k.tamper(`UPDATE audit SET object = 'another' WHERE id = 5`)
	if v := k.verify(nil); v.OK() || v.Parted != 0 {
		t.Errorf("changed: %+v", v)
	}
}

// Who owns the files can make all of it anew; only a head that lies elsewhere
// tells of it (docs/security.md).
func TestAllMadeAnewIsFoundByTheHead(t *testing.T) {
	k := keep(t, 10)
	noted := k.verify(nil).Head
	k.tamper(`UPDATE audit SET actor = 'eve' WHERE id = 4`)
	records, err := k.AuditRecords(t.Context(), store.AuditFilter{Oldest: true})
	check(t, err)
	sum := ""
	for _, r := range records {
		sum = r.Sum(sum)
		b, err := hex.DecodeString(sum)
		check(t, err)
		k.tamper(fmt.Sprintf(`UPDATE audit SET hash = x'%x' WHERE id = %d`, b, r.ID))
	}
	check(t, os.RemoveAll(k.dir))
	k.copy()
	if v := k.verify(nil); !v.OK() {
		t.Fatalf("not made anew: %+v", v)
	}
	if v := k.verify(&noted); !reflect.DeepEqual(v.Faults, []audit.Fault{{Kind: audit.FaultHead, From: 10, To: 10}}) {
		t.Errorf("%+v", v)
	}
}

func TestChangedCopyIsFound(t *testing.T) {
	type fault = audit.Fault
	for _, c := range []struct {
		name   string
		change func(lines []string) []string
		want   []fault // File is added
	}{
		{"edited", func(l []string) []string {
			l[1] = strings.Replace(l[1], "ann", "eve", 1)
			return l
		}, []fault{{Kind: audit.FaultCopy, From: 3, To: 3}}},
		{"removed", func(l []string) []string { return append(l[:1], l[2:]...) }, []fault{{Kind: audit.FaultNotThere, From: 3, To: 3}}},
		{"rubbish", func(l []string) []string { return append(l, "\x00\xff rubbish\n", "{}\n") }, []fault{{Kind: audit.FaultLine, From: 6, To: 7, File: "x"}}},
		{"invented", func(l []string) []string {
			return append(l, `{"id":99,"actor":"eve","hash":""}`+"\n")
		}, []fault{{Kind: audit.FaultCut, From: 99, To: 99}}},
		{"an end that was being written", func(l []string) []string { return append(l, `{"id":11,"act`) }, []fault{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keep(t, 10)
			k.edit(audit.AdminFile, c.change)
			v := k.verify(nil)
			for i := range v.Faults {
				if v.Faults[i].File != "" {
					v.Faults[i].File = "x"
				}
			}
			if !reflect.DeepEqual(v.Faults, c.want) {
				t.Errorf("found %+v, want %+v", v.Faults, c.want)
			}
			k.record(4) // what is broken in it does not keep more from being copied
			k.copy()
			if v := k.verify(nil); c.name == "an end that was being written" && (!v.OK() || v.Copied != 14) {
				t.Errorf("after more: %+v", v)
			}
		})
	}
}

func TestCopyIsMadeAnewWhereItIsGone(t *testing.T) {
	k := keep(t, 10)
	check(t, os.Remove(filepath.Join(k.dir, audit.UserFile)))
	k.copy()
	if v := k.verify(nil); !v.OK() || v.Copied != 10 {
		t.Errorf("%+v", v)
	}
}

func TestParseHead(t *testing.T) {
	h := audit.Head{Records: 12, Hash: strings.Repeat("ab", 32)}
	if got, err := audit.ParseHead(h.String()); err != nil || got != h {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "12", "12:", ":ab", "0:" + h.Hash, "-1:" + h.Hash, "x:" + h.Hash, "12:abc", "12:" + h.Hash + "00"} {
		if _, err := audit.ParseHead(bad); domain.AsError(err) == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzCopy(f *testing.F) {
	f.Add([]byte("{}\n{\"id\":1}\n\x00\n"))
	f.Add([]byte(`{"id":1,"hash":"ab","after":null}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := keep(t, 2)
		check(t, os.WriteFile(filepath.Join(k.dir, audit.UserFile), data, 0o600))
		k.verify(nil)
		k.copy()
		k.verify(nil)
	})
}

// What is recorded and copied while somebody looks is no fault.
func TestVerifyWhileRecordsCome(t *testing.T) {
	k := keep(t, 1500)
	c := audit.NewCopier(k.Store, k.dir)
	ctx, cancel := context.WithCancel(t.Context())
	served, written := make(chan error, 1), make(chan error, 1)
	go func() { served <- c.Serve(ctx) }()
	go func() {
		for i := range 400 {
			a := admin
			if i%3 != 0 {
				a = user
			}
			if err := k.Audit(ctx, a, "run", "execution", nil, nil); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	for done := false; !done; {
		select {
		case err := <-written:
			check(t, err)
			done = true
		default:
		}
		v, err := c.Verify(ctx, nil)
		check(t, err)
		if !v.OK() {
			t.Fatalf("%+v", v)
		}
	}
	check(t, k.Audit(ctx, user, "run", "execution", nil, nil))
	cancel()
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if v := k.verify(nil); !v.OK() || v.Records != 1901 || v.Copied != 1901 { // to the last one
		t.Errorf("%+v", v)
	}
}

// How far a copy is, is found from its end, whatever stands there.
func TestCopyGoesOnAfterLongLines(t *testing.T) {
	k := keep(t, 4)
	check(t, k.Audit(t.Context(), admin, "long", strings.Repeat("x", 200_000), nil, nil))
	check(t, k.Audit(t.Context(), user, "short", "y", nil, nil))
	k.copy()
	k.edit(audit.AdminFile, func(l []string) []string { return append(l, strings.Repeat("z", 100_000)+"\n", `{"id":7,"act`) })
	k.record(2)
	k.copy()
	v := k.verify(nil)
	if v.Copied != 8 || len(v.Faults) != 1 || v.Faults[0].Kind != audit.FaultLine {
		t.Errorf("%+v", v)
	}
}
