//go:build !desktop && !bindings

package main

func run(args []string) int { return console(args) }
