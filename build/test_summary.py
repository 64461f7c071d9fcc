"""Sums up one run of build/test.sh from what the runners themselves wrote.

    test_summary.py RESULTS SKIPS

Prints a line for each step, each failed test with the end of what it said, each skip that SKIPS
does not list, and as the last line "N passed, N failed, N skipped". The exit code is 1 when a step failed or was not run, a test
failed, a runner that should have run tests ran none, or a skip is not listed. The last line is
also left in RESULTS/summary.txt.

SKIPS has lines "SUITE NAME: reason"; NAME may hold * and ?. Lines with # are comments.
"""

import dataclasses
import fnmatch
import json
import pathlib
import re
import sys


ESCAPES = re.compile(r"\x1b\[[0-9;]*m")  # colours


@dataclasses.dataclass
class Counts:
    """Tests of one suite: how many passed, and the names of the others."""

    passed: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    skipped: list[str] = dataclasses.field(default_factory=list)
    flaky: list[str] = dataclasses.field(default_factory=list)
    said: dict[str, str] = dataclasses.field(default_factory=dict)  # by the names of failed ones

    def end_of(self, name: str) -> list[str]:
        """What a failed test said, from its first message on, cut to what a person reads."""
        lines = [line for line in ESCAPES.sub("", self.said.get(name, "")).splitlines() if line.strip()]
        return [f"    {line[:300]}" for line in (lines[:10] + ["…"] + lines[-15:] if len(lines) > 26 else lines)]

    @property
    def total(self) -> int:
        return self.passed + len(self.failed) + len(self.skipped)


def go_events(path: pathlib.Path) -> Counts:
    """Reads the events of `go test -json`: one test, or subtest, each."""
    counts = Counts()
    packages_with_failures, failed_packages = set(), []
    output: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        action, package, test = event.get("Action"), event.get("Package", ""), event.get("Test")
        if test is None:
            if action == "fail":
                failed_packages.append(package)
            continue
        name = f"{package}.{test}"
        if action == "output" and not event["Output"].lstrip().startswith(("===", "---")):
            output.setdefault(name, []).append(event["Output"])
        if action == "pass":
            counts.passed += 1
        elif action == "fail":
            counts.failed.append(name)
            packages_with_failures.add(package)
        elif action == "skip":
            counts.skipped.append(name)
    # A package that does not compile, or dies outside of a test, fails without one.
    counts.said = {name: "".join(output.get(name, [])) for name in counts.failed}
    counts.failed += [f"{p} (the package)" for p in failed_packages if p not in packages_with_failures]
    return counts


def vitest(path: pathlib.Path) -> Counts:
    """Reads vitest's JSON report."""
    counts = Counts()
    for suite in json.loads(path.read_text(encoding="utf-8")).get("testResults", []):
        tests = suite.get("assertionResults", [])
        for test in tests:
            if test["status"] == "passed":
                counts.passed += 1
            elif test["status"] == "failed":
                counts.failed.append(test["fullName"])
                counts.said[test["fullName"]] = "\n".join(test.get("failureMessages", []))
            else:
                counts.skipped.append(test["fullName"])
        if suite.get("status") == "failed" and not any(t["status"] == "failed" for t in tests):
            counts.failed.append(pathlib.Path(suite.get("name", "?")).name + " (the file)")
    return counts


def playwright(path: pathlib.Path) -> Counts:
    """Reads Playwright's JSON report."""
    counts = Counts()
    report = json.loads(path.read_text(encoding="utf-8"))

    def walk(suite: dict, above: list[str]) -> None:
        titles = above + [suite["title"]] if suite.get("title") else above
        for spec in suite.get("specs", []):
            for test in spec.get("tests", []):
                name = " > ".join(titles + [spec["title"]])
                match test.get("status"):
                    case "expected":
                        counts.passed += 1
                    case "flaky":
                        counts.passed += 1
                        counts.flaky.append(name)
                    case "skipped":
                        counts.skipped.append(name)
                    case _:
                        counts.failed.append(name)
                        errors = [e for result in test.get("results", []) for e in result.get("errors", [])]
                        counts.said[name] = "\n".join(e.get("message", "") for e in errors)
        for inner in suite.get("suites", []):
            walk(inner, titles)

    for suite in report.get("suites", []):
        walk(suite, [])
    counts.failed += [e.get("message", "error outside of a test").splitlines()[0] for e in report.get("errors", [])]
    return counts


def unittest_log(path: pathlib.Path) -> Counts:
    """Reads the output of `python -m unittest -v`: "name (class) ... ok"."""
    counts = Counts()
    log = path.read_text(encoding="utf-8", errors="replace")
    ran = re.search(r"^Ran (\d+) tests? in", log, re.MULTILINE)
    counts.failed = re.findall(r"^(?:FAIL|ERROR): (.+)$", log, re.MULTILINE)
    counts.skipped = re.findall(r"^(.+?) \.\.\. skipped ", log, re.MULTILINE)
    if ran:
        counts.passed = max(0, int(ran.group(1)) - len(counts.failed) - len(counts.skipped))
    return counts


# step: the report, and who reads it
RUNNERS = {
    "samples": ("samples.log", unittest_log),
    "frontend": ("frontend.json", vitest),
    "go": ("go.json", go_events),
    "e2e": ("e2e.json", playwright),
    "console": ("console.json", go_events),
    "desktop": ("desktop.json", go_events),
    "windows": ("windows.json", go_events),
}


def listed_skips(path: pathlib.Path) -> list[tuple[str, str]]:
    """Reads the skips that have a reason, as pairs of suite and pattern."""
    listed = []
    if not path.exists():
        return listed
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        head, separator, reason = line.partition(": ")
        suite, _, name = head.partition(" ")
        if not separator or not reason.strip() or not name:
            sys.exit(f"{path}:{number}: is not 'SUITE NAME: reason'")
        listed.append((suite, name.strip()))
    return listed


def main() -> int:
    results, skips = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    listed = listed_skips(skips)
    passed = failed = skipped = 0
    bad = False
    notes = []
    print(f"{'step':<16}{'result':<10}{'seconds':>8}{'passed':>9}{'failed':>9}{'skipped':>9}")
    for line in (results / "steps.tsv").read_text(encoding="utf-8").splitlines():
        step, code, seconds = line.split("\t")
        counts = Counts()
        result = {"0": "ok", "not-run": "not run"}.get(code, "FAILED")
        if step in RUNNERS and code != "not-run":
            report, read = RUNNERS[step]
            try:
                counts = read(results / report)
            except (OSError, ValueError, KeyError) as error:
                notes.append(f"{step}: its report cannot be read: {error}")
            if counts.total == 0:
                notes.append(f"{step}: ran no test")
                result = "FAILED"
            if counts.failed:
                result = "FAILED"
        for name in counts.skipped:
            if not any(s == step and fnmatch.fnmatchcase(name, pattern) for s, pattern in listed):
                notes.append(f"{step}: skipped, but not in {skips}: {name}")
                result = "FAILED"
        for name in counts.failed:
            notes += [f"{step}: failed: {name}", *counts.end_of(name)]
        notes += [f"{step}: passed only at a second try: {name}" for name in counts.flaky]
        passed += counts.passed
        skipped += len(counts.skipped)
        failed += len(counts.failed)
        if result != "ok":
            bad = True
            # A step that fails without a failed test, as a linter does, counts as one.
            failed += 0 if counts.failed else 1
        numbers = f"{counts.passed:>9}{len(counts.failed):>9}{len(counts.skipped):>9}" if step in RUNNERS else ""
        print(f"{step:<16}{result:<10}{seconds:>8}{numbers}")
    if notes:
        print("", *notes, sep="\n")
    summary = f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")
    (results / "summary.txt").write_text(summary + "\n", encoding="utf-8")
    print(f"\n{summary}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
