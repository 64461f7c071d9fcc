package store

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"

	"scriptsmanager/backend/domain"
)

// digest is a 64-bit hash that is the same in every process. It finds out
// which of ten thousand scripts changed in a few milliseconds, where JSON
// would take a hundred; TestDigestSeesEveryField holds it complete.
type digest uint64

const (
	digestSeed  = 0x9e3779b97f4a7c15
	digestPrime = 0xd6e8feb86659fd93
)

func (d *digest) number(n uint64) {
	hi, lo := bits.Mul64(uint64(*d)^n^digestSeed, digestPrime)
	*d = digest(bits.RotateLeft64(hi^lo, 23) + n)
}

func (d *digest) text(s string) {
	d.number(uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		d.number(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	}
	var rest uint64
	for i := range len(s) {
		rest |= uint64(s[i]) << (8 * i)
	}
	d.number(rest)
}

func (d *digest) flag(b bool) {
	if b {
		d.number(1)
	} else {
		d.number(2)
	}
}

func (d *digest) real(f *float64) {
	if f == nil {
		d.number(3)
		return
	}
	d.number(math.Float64bits(*f))
}

// Maps are summed over their entries, as their order is random.
func addMap[K ~string, V any](d *digest, m map[K]V, value func(*digest, V)) {
	var sum uint64
	for k, v := range m {
		e := digest(digestSeed)
		e.text(string(k))
		value(&e, v)
		sum += uint64(e)
	}
	d.number(uint64(len(m)))
	d.number(sum)
}

func addList[V any](d *digest, list []V, value func(*digest, V)) {
	d.number(uint64(len(list)))
	for _, v := range list {
		value(d, v)
	}
}

func addText(d *digest, t domain.Text) { addMap(d, t, (*digest).text) }

func addAny(d *digest, v any) {
	switch v := v.(type) {
	case nil:
		d.number(4)
	case string:
		d.number(5)
		d.text(v)
	case bool:
		d.flag(v)
	case float64:
		d.real(&v)
	default:
		b, err := json.Marshal(v)
		if err != nil { // then it cannot be stored either, and that reports it
			b = fmt.Append(nil, v)
		}
		d.text(string(b))
	}
}

func addProblem(d *digest, p domain.Problem) {
	d.text(p.File)
	d.number(uint64(p.Line)) //nolint:gosec // any number does
	d.text(string(p.Code))
	addMap(d, p.Params, addAny)
	d.flag(p.Warning)
}

func addOption(d *digest, o domain.Option) {
	d.text(o.Value)
	addText(d, o.Label)
}

func addParameter(d *digest, p domain.Parameter) {
	d.text(p.Name)
	d.text(string(p.Type))
	addText(d, p.Label)
	addText(d, p.Description)
	d.flag(p.Required)
	addAny(d, p.Default)
	addList(d, p.Options, addOption)
	d.real(p.Min)
	d.real(p.Max)
	d.real(p.Step)
	d.text(p.Pattern)
	d.flag(p.Multiple)
	d.flag(p.Sensitive)
	addMap(d, p.DependsOn, addAny)
}

// groupDigest leaves out DiscoveredAt, which is kept from the first time.
func groupDigest(g *domain.Group) int64 {
	d := digest(digestSeed)
	d.text(g.ID)
	addText(&d, g.Name)
	addText(&d, g.Description)
	d.text(g.Icon)
	d.text(g.Category)
	d.text(string(g.RequiredLevel))
	d.text(g.Environment)
	d.number(uint64(g.ExecutionTimeout)) //nolint:gosec // any number does
	d.flag(g.AutoDiscovery)
	addList(&d, g.Problems, addProblem)
	d.text(g.Path)
	d.flag(g.Active)
	d.number(uint64(g.ScriptCount)) //nolint:gosec // any number does
	return int64(d)                 //nolint:gosec // bits, not a quantity
}

func scriptDigest(s *domain.Script) int64 {
	d := digest(digestSeed)
	for _, t := range [...]string{
		s.ID, s.GroupID, s.Filename, s.Path, s.Category, string(s.RequiredLevel), s.Environment, s.Interface,
		s.MemoryLimit, s.CPULimit, s.Network,
	} {
		d.text(t)
	}
	addText(&d, s.Name)
	addText(&d, s.Description)
	addText(&d, s.DescriptionLong)
	addList(&d, s.Tags, (*digest).text)
	addList(&d, s.Paths, (*digest).text)
	addList(&d, s.Parameters, addParameter)
	for _, b := range [...]bool{s.AutoOpenInterface, s.RequiresParameters, s.ConfirmClose, s.Background, s.AlwaysOn, s.Active} {
		d.flag(b)
	}
	d.number(uint64(s.ExecutionTimeout)) //nolint:gosec // any number does
	d.number(uint64(s.FlaskPort))        //nolint:gosec // any number does
	addMap(&d, s.Sources, (*digest).text)
	addList(&d, s.Problems, addProblem)
	d.number(uint64(s.ModifiedAt.Unix()))       //nolint:gosec // any number does
	d.number(uint64(s.ModifiedAt.Nanosecond())) //nolint:gosec // any number does
	d.number(uint64(s.Size))                    //nolint:gosec // any number does
	return int64(d)                             //nolint:gosec // bits, not a quantity
}
