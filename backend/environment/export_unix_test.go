//go:build unix

package environment

// GroupShared tells whether a group has other members.
var GroupShared = groupShared
