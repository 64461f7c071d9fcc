// Package change makes, fills, copies, writes out and removes environments, of
// conda, mamba and micromamba as of Python's own venv. Plan turns what a person
// asks for into a Spec and refuses what would do harm; Run, in a process of its
// own, does it with the tools' own programs and tells how far it is. It
// promises that what it was making is gone where it fails, is stopped or is
// killed (Drafts), and that nothing is removed that is not an environment in a
// place for environments. It does not find environments, and knows neither
// executions nor people.
package change
