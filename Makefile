# The front door. What each command does stands in Taskfile.yml.
TASK := go tool -modfile=tools/go.mod task

.PHONY: run test build console lint clean help

run: ; @$(TASK) run
test: ; @$(TASK) test
build: ; @$(TASK) build
console: ; @$(TASK) console
lint: ; @$(TASK) lint
clean: ; @$(TASK) clean
help: ; @$(TASK) --list
