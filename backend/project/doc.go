// Package project knows the data folders of projects: where they lie, what
// they begin with, and what an execution changed in them. It promises that
// nothing outside of the group's folder is copied into one and that no link is
// followed. It does not know who may use which project.
package project
