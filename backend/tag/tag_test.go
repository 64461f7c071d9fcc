package tag_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/tag"
)

func usual() tag.Rules { return tag.Rules{Most: 3, Longest: 10} }

func TestWhatATagMayBeCalled(t *testing.T) { // TAG-1
	anything := tag.Rules{Most: 3, Longest: 10, Any: true}
	for _, c := range []struct {
		rules tag.Rules
		name  string
		kept  string
		code  domain.Code
		like  string
	}{
		{usual(), "heat", "heat", "", ""},
		{usual(), "  Heat_2-b ", "Heat_2-b", "", ""},
		{usual(), "énergie", "énergie", "", ""},
		{usual(), "e\u0301nergie", "énergie", "", ""},
		{usual(), "", "", domain.CodeTagEmpty, ""},
		{usual(), " \t ", "", domain.CodeTagEmpty, ""},
		{usual(), "eleven_long", "", domain.CodeTagLong, ""},
		{usual(), "ñandúñandú", "ñandúñandú", "", ""},
		{usual(), "two words", "", domain.CodeTagCharacter, "two_words"},
		{usual(), "#heat", "", domain.CodeTagCharacter, "heat"},
		{usual(), "a,b", "", domain.CodeTagCharacter, "a_b"},
		{usual(), "<b>", "", domain.CodeTagCharacter, "b"},
		{usual(), "!?", "", domain.CodeTagOnly, ""},
		{usual(), "a\x00b", "", domain.CodeTagHidden, ""},
		{usual(), "a\u202eb", "", domain.CodeTagHidden, ""},
		{usual(), "a\nb", "", domain.CodeTagHidden, ""},
		{usual(), "a\xff", "", domain.CodeTagHidden, ""},
		{anything, "two words", "two words", "", ""},
		{anything, "C++ & <b>", "C++ & <b>", "", ""},
		{anything, "a,b", "", domain.CodeTagHidden, ""},
		{anything, "a\u200bb", "", domain.CodeTagHidden, ""},
		{anything, "a\tb", "", domain.CodeTagHidden, ""},
	} {
		kept, err := c.rules.Check(c.name)
		if kept != c.kept || (c.code == "") != (err == nil) || c.code != "" && !domain.HasCode(err, c.code) {
			t.Errorf("%q gives %q, %v; want %q, %s", c.name, kept, err, c.kept, c.code)
			continue
		}
		if c.like != "" && domain.AsError(err).Params["suggestion"] != c.like {
			t.Errorf("%q: %v, want the suggestion %q", c.name, domain.AsError(err).Params, c.like)
		}
	}
}

func TestChangeOfTags(t *testing.T) { // TAG-1
	has, system := []string{"Heat", "pump"}, []string{"thermal"}
	for _, c := range []struct {
		add, remove, want []string
	}{
		{[]string{"new"}, nil, []string{"Heat", "pump", "new"}},
		{[]string{"HEAT", "pump"}, nil, []string{"Heat", "pump"}},
		{[]string{"a", "b"}, []string{"heat"}, []string{"pump", "a", "b"}},
		{nil, []string{"PUMP", "unknown"}, []string{"Heat"}},
		{[]string{"HEAT"}, []string{"heat"}, []string{"pump", "HEAT"}},
	} {
		if now, err := usual().Change(has, system, c.add, c.remove); err != nil || !slices.Equal(now, c.want) {
			t.Errorf("adding %q, removing %q: %q, %v; want %q", c.add, c.remove, now, err, c.want)
		}
	}
	_, err := usual().Change(has, system, []string{"Thermal", "a b", "one", "two"}, nil)
	codes := map[string]domain.Code{}
	for name, wrong := range domain.AsError(err).Fields {
		codes[name] = wrong.Code
	}
	if want := map[string]domain.Code{"Thermal": domain.CodeTagSystem, "a b": domain.CodeTagCharacter, "two": domain.CodeTagsMany}; !reflect.DeepEqual(codes, want) {
		t.Errorf("wrong ones: %v, want %v", codes, want)
	}
	if !slices.Equal(has, []string{"Heat", "pump"}) {
		t.Errorf("what was given has become %q", has)
	}
}

func TestRenameOfATag(t *testing.T) { // TAG-1
	for _, c := range []struct {
		has      []string
		from, to string
		want     []string
	}{
		{[]string{"a", "b"}, "A", "c", []string{"c", "b"}},
		{[]string{"a", "b"}, "a", "B", []string{"B"}},
		{[]string{"b", "a"}, "a", "b", []string{"b"}},
		{[]string{"a"}, "a", "A", []string{"A"}},
		{[]string{"a"}, "a", "a", nil},
		{[]string{"a"}, "x", "y", nil},
	} {
		now, changed := tag.Rename(c.has, c.from, c.to)
		if changed != (c.want != nil) || changed && !slices.Equal(now, c.want) {
			t.Errorf("%q, %s to %s: %q, %v; want %q", c.has, c.from, c.to, now, changed, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, name := range []string{"heat", "a,b", "e\u0301", "\xff", "a b", "😀", "İ"} {
		f.Add(name, false)
		f.Add(name, true)
	}
	f.Fuzz(func(t *testing.T, name string, anything bool) {
		rules := tag.Rules{Most: 1, Longest: 30, Any: anything}
		kept, err := rules.Check(name)
		if err != nil {
			if fmt.Sprint(domain.AsError(err)) == "" {
				t.Error("an error without words")
			}
			return
		}
		if !utf8.ValidString(kept) || utf8.RuneCountInString(kept) > 30 || strings.ContainsAny(kept, ",\n\x00") {
			t.Errorf("%q is kept as %q", name, kept)
		}
		if again, err := rules.Check(kept); err != nil || again != kept {
			t.Errorf("%q is kept as %q and then as %q, %v", name, kept, again, err)
		}
		if back := tag.Split(tag.Join([]string{kept})); len(back) != 1 || back[0] != kept {
			t.Errorf("%q comes back as %q", kept, back)
		}
	})
}
