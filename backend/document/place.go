package document

import (
	"path"
	"strings"

	"scriptsmanager/backend/domain"
)

// Folder is where a group's documents lie that no header names.
const Folder = "docs"

// Place is the path of a script's document in a language, relative to its
// group: the one that its metadata name, else docs/<script>.md for English and
// docs/<script>_<language>.md. A file need not be there. What is named and is
// no document by its ending counts as not named.
func Place(s domain.Script, l domain.Language) string {
	if p := s.DescriptionLong[l]; domain.DocumentFile(p) {
		return p
	}
	name := strings.TrimSuffix(s.Filename, path.Ext(s.Filename))
	if l != domain.English {
		name += "_" + string(l)
	}
	return Folder + "/" + name + ".md"
}
