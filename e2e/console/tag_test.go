//go:build e2e && linux

package console_test

import (
	"fmt"
	"strings"
	"testing"
)

// Tags are given, listed with their source, renamed and taken away, each
// person's apart from all others'.
func TestTags(t *testing.T) { // TAG-1, API-1
	t.Parallel()
	in := newInstallation(t, map[string]any{"tagging": map[string]any{"max_tags_per_script": 3}})
	in.script("job", task(`@tags: heat, pump`, "pass"))
	in.script("other", task(`@tags: heat`, "pass"))
	in.ok(in.command("user", "add", "otto", "--level", "operator").with("SCRIPTSMANAGER_USER_PASSWORD=correct horse battery"))
	in.ok(in.command("tag", "add", "tools/job.py", "mine", "second", "--as", "otto"))
	in.ok(in.command("tag", "add", "tools/other", "Mine", "--as", "otto"))

	tags := in.object("tag", "list", "tools/job", "--as", "otto")
	if got := fmt.Sprint(tags["system"], tags["own"]); got != "[heat pump] [mine second]" {
		t.Errorf("otto's tags: %s", got)
	}
	if got := in.object("tag", "list", "tools/job"); len(got["own"].([]any)) != 0 {
		t.Errorf("the administrator sees otto's tags: %v", got)
	}
	counts := map[string]string{}
	for _, one := range in.list("tag", "list", "--as", "otto") {
		counts[one["name"].(string)] = fmt.Sprint(one["scripts"], one["system"], one["own"])
	}
	if counts["heat"] != "2 2 0" || counts["mine"] != "2 0 2" || counts["second"] != "1 0 1" {
		t.Errorf("counts: %v", counts)
	}
	if r := in.command("tag", "list", "tools/job", "--as", "otto").run(); !strings.Contains(r.stdout, "mine    own") {
		t.Errorf("for people: %v", r)
	}
	if change := in.object("tag", "rename", "MINE", "ours", "--as", "otto"); change["scripts"] != 2.0 {
		t.Errorf("renamed: %v", change)
	}
	if got := in.object("tag", "remove", "tools/job", "ours", "never", "--as", "otto"); fmt.Sprint(got["own"]) != "[second]" {
		t.Errorf("after one was removed: %v", got)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitNotFound, "tools/none", []string{"tag", "list", "tools/none"}},
		{exitNotFound, "mine", []string{"tag", "rename", "mine", "x", "--as", "otto"}},
		{exitUsage, "two_words", []string{"tag", "add", "tools/job", "two words", "--as", "otto"}},
		{exitUsage, "HEAT", []string{"tag", "add", "tools/job", "HEAT", "--as", "otto"}},
		{exitUsage, "3", []string{"tag", "add", "tools/job", "a", "b", "c", "--as", "otto"}},
		{exitUsage, "two_words", []string{"tag", "rename", "second", "two words", "--as", "otto"}},
		{exitUsage, "", []string{"tag", "add", "tools/job"}},
	} {
		if r := in.command(c.args...).run(); r.code != c.code || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: %v, want %d and %q", c.args, r, c.code, c.says)
		}
	}
	if got := in.object("tag", "list", "tools/job", "--as", "otto"); fmt.Sprint(got["own"]) != "[second]" {
		t.Errorf("what was refused has left %v", got)
	}
}
