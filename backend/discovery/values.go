package discovery

import (
	"scriptsmanager/backend/domain"
)

// field is one piece of metadata of a script, whatever source it comes from.
type field uint8

const (
	fieldName field = iota
	fieldDescription
	fieldDescriptionLong
	fieldCategory
	fieldTags
	fieldRequiredLevel
	fieldEnvironment
	fieldParameters
	fieldInterface
	fieldAutoOpenInterface
	fieldRequiresParameters
	fieldConfirmClose
	fieldBackground
	fieldAlwaysOn
	fieldExecutionTimeout
	fieldFlaskPort
	fieldMemoryLimit
	fieldCPULimit
	fieldNetwork
	fieldPaths
	fieldIgnore
	fieldAutoDiscovery // of a group
	fieldIcon          // of a group
	fieldCount
)

// fieldNames are the JSON names in domain.Script, which Sources uses too.
var fieldNames = [fieldCount]string{
	"name", "description", "description_long", "category", "tags", "required_level", "environment", "parameters",
	"interface", "auto_open_interface", "requires_parameters", "confirm_close", "background", "always_on",
	"execution_timeout", "flask_port", "memory_limit", "cpu_limit", "network", "paths", "ignore", "auto_discovery", "icon",
}

// fields is a set of fields.
type fields uint32

func (s fields) has(f field) bool { return s&(1<<f) != 0 }
func (s *fields) add(f field)     { *s |= 1 << f }
func (s *fields) drop(f field)    { *s &^= 1 << f }

// values is what one source says of a script or group.
type values struct {
	set  fields // there is a value to use
	good fields // that value is as it should be, or was the last that was
	bad  fields // something else was written there and could not be used as it stands

	name, description, descriptionLong domain.Text
	category, environment, icon        string
	iface, network                     string
	memoryLimit, cpuLimit              string
	level                              domain.Level
	tags, paths                        []string
	parameters                         []domain.Parameter
	timeout, port                      int
	flags                              fields // the fields of type boolean that are true
}

// keepGood takes over from old what was good there and is bad now.
func (v *values) keepGood(old *values) {
	if old == nil || v.bad == 0 {
		return
	}
	for f := range fieldCount {
		if !v.bad.has(f) || v.good.has(f) || !old.good.has(f) {
			continue
		}
		v.copyField(f, old)
		v.set.add(f)
		v.good.add(f)
	}
}

func (v *values) copyField(f field, from *values) {
	switch f {
	case fieldName:
		v.name = from.name
	case fieldDescription:
		v.description = from.description
	case fieldDescriptionLong:
		v.descriptionLong = from.descriptionLong
	case fieldCategory:
		v.category = from.category
	case fieldTags:
		v.tags = from.tags
	case fieldRequiredLevel:
		v.level = from.level
	case fieldEnvironment:
		v.environment = from.environment
	case fieldParameters:
		v.parameters = from.parameters
	case fieldInterface:
		v.iface = from.iface
	case fieldExecutionTimeout:
		v.timeout = from.timeout
	case fieldFlaskPort:
		v.port = from.port
	case fieldMemoryLimit:
		v.memoryLimit = from.memoryLimit
	case fieldCPULimit:
		v.cpuLimit = from.cpuLimit
	case fieldNetwork:
		v.network = from.network
	case fieldPaths:
		v.paths = from.paths
	case fieldIcon:
		v.icon = from.icon
	default: // booleans
		v.flags.drop(f)
		if from.flags.has(f) {
			v.flags.add(f)
		}
	}
}

// levelUnknown tells that a level was written that cannot be read.
func (v *values) levelUnknown() bool {
	return v.bad.has(fieldRequiredLevel) && !v.good.has(fieldRequiredLevel)
}

// closedLevel is what stands in for a level that cannot be read: nobody who
// may not mend the metadata gets in by a typing error of its author.
func closedLevel(l domain.Level) domain.Level {
	if l.AtLeast(domain.LevelDeveloper) {
		return l
	}
	return domain.LevelDeveloper
}
