// Package search finds lines in the logs of all executions.
//
// An index (SQLite with FTS5, without the text itself) names for each word the
// blocks of lines of 64 KiB in which it stands; a search asks it for the blocks
// that have all words that are looked for, and looks at their lines, the newest
// first. Those lines alone decide: parts of words, words beside each other and
// words that are not to be there never depend on the index. What was written
// since it was last brought up to date is looked at as well, so that a search
// misses nothing. The index is derived from the logs: what is wrong with it is
// put right by making it anew.
package search
