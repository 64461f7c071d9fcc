// Package check says what readers of a script's documentation would stumble
// over (SPEC DOC-3, DOC-4): headings of the template that are missing, links
// and images that lead nowhere, formulas and blocks without an end, languages
// that are missing or older than the English one; each with its line. It also
// has the template of new documents. It reads files of the group only and
// fetches nothing; whom links may lead to is told by who calls.
package check
