//go:build !desktop

package main

func run(args []string) int { return console(args) }
