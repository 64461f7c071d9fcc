// Package document owns the documentation of scripts: Markdown files in their
// groups, one for each language. It reads and writes them below an open folder
// only, and says what is wrong in them. It promises that nothing in them runs,
// fetches or leads out of the group. It does not decide who may see or write
// one, and keeps no history: the engine does, with the store.
package document
