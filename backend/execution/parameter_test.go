package execution_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/execution"
)

func ptr(f float64) *float64 { return &f }

func TestCheckOneParameter(t *testing.T) { // SPEC section 3
	dir := t.TempDir()
	file := filepath.Join(dir, "f.csv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	options := []domain.Option{{Value: "gzip"}, {Value: "none"}, {Value: "3"}}
	cases := []struct {
		name  string
		p     domain.Parameter
		given any
		want  string // the argument; "" with code "" means left out
		code  domain.Code
	}{
		{"string", domain.Parameter{Type: domain.TypeString}, "a b", "--p=a b", ""},
		{"leading dash", domain.Parameter{Type: domain.TypeString}, "--rm", "--p=--rm", ""},
		{"NUL", domain.Parameter{Type: domain.TypeString}, "a\x00b", "", domain.CodeParameterType},
		{"pattern holds for all of it", domain.Parameter{Type: domain.TypeString, Pattern: "[a-z]+"}, "abc1", "", domain.CodeParameterPattern},
		{"too long", domain.Parameter{Type: domain.TypeString, Max: ptr(2)}, "äöü", "", domain.CodeParameterMax},
		{"longer than an argument", domain.Parameter{Type: domain.TypeText}, strings.Repeat("x", 128<<10), "", domain.CodeParameterLong},
		{"empty optional", domain.Parameter{Type: domain.TypeString}, "", "", ""},
		{"empty required", domain.Parameter{Type: domain.TypeString, Required: true}, "", "", domain.CodeParameterRequired},
		{"default", domain.Parameter{Type: domain.TypeInteger, Default: 5.0}, missing, "--p=5", ""},
		{"emptied default", domain.Parameter{Type: domain.TypeInteger, Default: 5.0}, "", "", ""},
		{"integer", domain.Parameter{Type: domain.TypeInteger}, 7.0, "--p=7", ""},
		{"integer as text", domain.Parameter{Type: domain.TypeInteger}, " 7 ", "--p=7", ""},
		{"fraction", domain.Parameter{Type: domain.TypeInteger}, 7.5, "", domain.CodeParameterType},
		{"not a number", domain.Parameter{Type: domain.TypeNumber}, "NaN", "", domain.CodeParameterType},
		{"infinite", domain.Parameter{Type: domain.TypeNumber}, "Inf", "", domain.CodeParameterType},
		{"below", domain.Parameter{Type: domain.TypeNumber, Min: ptr(0)}, -0.1, "", domain.CodeParameterMin},
		{"above", domain.Parameter{Type: domain.TypeNumber, Max: ptr(1)}, 1.1, "", domain.CodeParameterMax},
		{"decimal step", domain.Parameter{Type: domain.TypeNumber, Step: ptr(0.1)}, 0.3, "--p=0.3", ""},
		{"a million", domain.Parameter{Type: domain.TypeNumber}, 1e6, "--p=1000000", ""},
		{"a small one", domain.Parameter{Type: domain.TypeNumber}, 1e-9, "--p=1e-09", ""},
		{"select by a large number", domain.Parameter{Type: domain.TypeSelect, Options: []domain.Option{{Value: "1000000"}}}, 1e6, "--p=1000000", ""},
		{"off the step", domain.Parameter{Type: domain.TypeNumber, Min: ptr(1), Step: ptr(2)}, 4.0, "", domain.CodeParameterStep},
		{"boolean", domain.Parameter{Type: domain.TypeBoolean}, true, "--p=true", ""},
		{"boolean false is not empty", domain.Parameter{Type: domain.TypeBoolean, Required: true}, false, "--p=false", ""},
		{"boolean in words", domain.Parameter{Type: domain.TypeBoolean}, "maybe", "", domain.CodeParameterType},
		{"select", domain.Parameter{Type: domain.TypeSelect, Options: options}, "gzip", "--p=gzip", ""},
		{"select by number", domain.Parameter{Type: domain.TypeSelect, Options: options}, 3.0, "--p=3", ""},
		{"no such option", domain.Parameter{Type: domain.TypeSelect, Options: options}, "xz", "", domain.CodeParameterOption},
		{"multiselect", domain.Parameter{Type: domain.TypeMultiselect, Options: options}, []any{"gzip", "none"}, `--p=["gzip","none"]`, ""},
		{"multiselect as words", domain.Parameter{Type: domain.TypeMultiselect, Options: options}, "gzip, 3", `--p=["gzip","3"]`, ""},
		{"several integers", domain.Parameter{Type: domain.TypeInteger, Multiple: true}, []any{1.0, 2.0}, `--p=[1,2]`, ""},
		{"date", domain.Parameter{Type: domain.TypeDate}, "2026-02-28", "--p=2026-02-28", ""},
		{"no such day", domain.Parameter{Type: domain.TypeDate}, "2026-02-30", "", domain.CodeParameterType},
		{"datetime of a form", domain.Parameter{Type: domain.TypeDatetime}, "2026-02-28T23:59", "--p=2026-02-28T23:59", ""},
		{"color", domain.Parameter{Type: domain.TypeColor}, "#0B5CAB", "--p=#0B5CAB", ""},
		{"color by name", domain.Parameter{Type: domain.TypeColor}, "red", "", domain.CodeParameterType},
		{"json", domain.Parameter{Type: domain.TypeJSON}, `{"a": "<b>"}`, `--p={"a":"<b>"}`, ""},
		{"bad json", domain.Parameter{Type: domain.TypeJSON}, `{"a": `, "", domain.CodeParameterType},
		{"file", domain.Parameter{Type: domain.TypeFile}, file, "--p=" + file, ""},
		{"folder for a file", domain.Parameter{Type: domain.TypeFile}, dir, "", domain.CodeParameterPath},
		{"relative file", domain.Parameter{Type: domain.TypeFile}, "f.csv", "", domain.CodeParameterPath},
		{"missing folder", domain.Parameter{Type: domain.TypeDirectory}, dir + "/no", "", domain.CodeParameterPath},
		{"secret", domain.Parameter{Type: domain.TypePassword}, "s3cret", "", ""},
		{"sensitive", domain.Parameter{Type: domain.TypeString, Sensitive: true}, "s3cret", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.p.Name = "p"
			given := map[string]any{"p": c.given}
			if c.given == missing {
				given = nil
			}
			declared := []domain.Parameter{c.p}
			values, err := execution.Check(declared, given)
			if c.code != "" {
				e := domain.AsError(err)
				if e == nil || e.Code != domain.CodeInvalid || e.Fields["p"] == nil || e.Fields["p"].Code != c.code {
					t.Fatalf("error %v, want %s at p", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if got := execution.Arguments(declared, values); !reflect.DeepEqual(got, want) {
				t.Errorf("arguments %q, want %q", got, want)
			}
			if _, shown := execution.Public(declared, values)["p"]; shown && c.p.Secret() {
				t.Error("a secret value is public")
			}
		})
	}
}

const missing = "\x00missing"

func TestUnknownAndHiddenParameters(t *testing.T) {
	declared := []domain.Parameter{
		{Name: "mode", Type: domain.TypeSelect, Options: []domain.Option{{Value: "a"}, {Value: "b"}}, Default: "a"},
		{Name: "detail", Type: domain.TypeString, Required: true, DependsOn: map[string]any{"mode": []any{"b"}}},
	}
	if _, err := execution.Check(declared, map[string]any{"port": "1"}); domain.AsError(err).Fields["port"].Code != domain.CodeParameterUnknown {
		t.Errorf("an undeclared name: %v", err)
	}
	values, err := execution.Check(declared, map[string]any{"detail": "ignored"})
	if err != nil || len(values) != 1 {
		t.Errorf("a hidden one is neither required nor passed: %v %v", values, err)
	}
	if _, err := execution.Check(declared, map[string]any{"mode": "b"}); domain.AsError(err).Fields["detail"].Code != domain.CodeParameterRequired {
		t.Errorf("a shown one is required: %v", err)
	}
}
