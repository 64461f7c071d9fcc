"""Headers, metadata, documents and texts of the samples (DIS-2, DIS-3, DIS-4, DOC-1)."""

import ast
import json
import re
import string
import unittest

import samples
from samples import GROUPS, LANGUAGES, PAGES, SCRIPTS  # puts the helper on the path

import scriptsmanager

TYPES = {
    "string", "text", "integer", "number", "boolean", "select", "multiselect", "path", "file", "directory", "date", "datetime", "color", "password", "json",
}
RESERVED = {"data-dir", "user-level", "port", "project-id", "project-name", "theme", "language"}


def header(path):
    """The header's keys as they stand in the file (no Python escapes are evaluated)."""
    source = path.read_text(encoding="utf-8")
    text = source.split('"""')[1]
    if ast.get_docstring(ast.parse(source), clean=False) != text:
        raise AssertionError(f"{path}: the docstring means something else with and without escapes")
    entries = re.findall(r"^@(\w+):[ \t]*(.*?)(?=^@|\Z)", text.split("ScriptsManager Metadata:")[1], re.M | re.S)
    return {key: value.strip() for key, value in entries}


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


class Metadata(unittest.TestCase):
    def test_headers(self):
        self.assertEqual(len(SCRIPTS), 8)
        for path in SCRIPTS:
            with self.subTest(path.stem):
                keys = header(path)
                self.assertIn(keys["required_level"], ("admin", "developer", "operator", "viewer"))
                for suffix in ("", "_es", "_it", "_fr"):
                    self.assertTrue(keys["description" + suffix])
                    self.assertTrue((path.parent / keys["description_long" + suffix]).is_file())
                parameters = json.loads(keys["parameters"])
                names = [parameter["name"] for parameter in parameters]
                self.assertEqual(len(names), len(set(names)))
                self.assertFalse(RESERVED & set(names))
                for parameter in parameters:
                    self.assertIn(parameter["type"], TYPES)
                    for field in ("label", "description"):
                        if field in parameter:
                            self.assertEqual(set(parameter[field]), set(LANGUAGES))
                    if "default" in parameter and "min" in parameter:
                        self.assertTrue(parameter["min"] <= parameter["default"] <= parameter["max"])
                    if parameter["type"] == "select":
                        self.assertIn(parameter["default"], parameter["options"])

    def test_many_parameter_types_are_shown(self):
        used = {parameter["type"] for path in SCRIPTS for parameter in json.loads(header(path)["parameters"])}
        self.assertLessEqual({"number", "integer", "select", "boolean", "string", "text", "directory", "file", "date", "json"}, used)

    def test_groups(self):
        for folder in sorted({path.parent for path in SCRIPTS}):
            with self.subTest(folder.name):
                group = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
                for field in ("name", "description"):
                    self.assertEqual(set(group[field]), set(LANGUAGES))
                named = json.loads((folder / "scripts/script_metadata.json").read_text(encoding="utf-8"))
                self.assertEqual(set(named), {path.name for path in folder.glob("*.py")})
                for entry in named.values():
                    self.assertEqual(set(entry["display_name"]), set(LANGUAGES))

    def test_examples_use_declared_parameters(self):
        for path in GROUPS.glob("*/examples/*.json"):
            with self.subTest(path.name):
                example = json.loads(path.read_text(encoding="utf-8"))
                self.assertEqual(set(example["name"]), set(LANGUAGES))
                declared = {entry["name"]: entry for entry in json.loads(header(path.parent.parent / example["script"])["parameters"])}
                for name, value in example["parameters"].items():
                    self.assertIn(name, declared)
                    if "min" in declared[name]:
                        self.assertTrue(declared[name]["min"] <= value <= declared[name]["max"])
                    if "options" in declared[name]:
                        self.assertIn(value, declared[name]["options"])

    def test_every_script_has_an_example(self):
        self.assertEqual({json.loads(path.read_text(encoding="utf-8"))["script"] for path in GROUPS.glob("*/examples/*.json")}, {path.name for path in SCRIPTS})

    def test_documents_have_formulas_and_sources(self):
        titles = {"": "Source", "_es": "Fuente", "_it": "Font", "_fr": "Source"}
        for path in SCRIPTS:
            for suffix, title in titles.items():
                with self.subTest(path.stem + suffix):
                    text = (path.parent / "docs" / f"{path.stem}{suffix}.md").read_text(encoding="utf-8")
                    self.assertIn("$$", text)
                    self.assertRegex(text, rf"(?m)^## {title}")

    def test_fields_take_what_the_parameters_take(self):
        for path in SCRIPTS:
            module = samples.load(path.stem)
            limits = getattr(module, "FIELDS_OF", {})
            if isinstance(getattr(module, "script", None), scriptsmanager.Script):
                limits = {one.name: (one.low, one.high) for one in module.script.fields if isinstance(one, scriptsmanager.Number)}
            for parameter in json.loads(header(path)["parameters"]):
                if parameter["name"] in limits:
                    with self.subTest(script=path.stem, parameter=parameter["name"]):
                        self.assertEqual((parameter["min"], parameter["max"]), limits[parameter["name"]][:2])

    def test_documents_have_the_same_parts_in_every_language(self):
        for path in SCRIPTS:
            shapes = set()
            for suffix in ("", "_es", "_it", "_fr"):
                text = (path.parent / "docs" / f"{path.stem}{suffix}.md").read_text(encoding="utf-8")
                self.assertEqual(text.count("$$") % 2, 0)
                shapes.add((len(re.findall(r"^## ", text, re.M)), text.count("$$"), len(re.findall(r"^\|", text, re.M)), len(re.findall(r"^> \[!\w+\]$", text, re.M)), text.count("```"), len(re.findall(r"\]\(script:[^)]*\)", text))))
            self.assertEqual(len(shapes), 1, path.stem)

    def test_documents_show_what_documents_can(self):
        texts = {path: path.read_text(encoding="utf-8") for path in GROUPS.glob("*/docs/*.md")}
        for suffix in ("", "_es", "_it", "_fr"):
            own = [text for path, text in texts.items() if (path.stem[-3:] if path.stem[-3:] in ("_es", "_it", "_fr") else "") == suffix]
            for name, pattern in {
                "formula": r"(?m)^\$\$", "table": r"(?m)^\|---", "diagram": r"(?m)^```mermaid\n", "link": r"\]\(script:",
                "link with values": r"\]\(script:\w+/\w+\?\w+=", "warning": r"(?m)^> \[!WARNING\]\n> ", "tip": r"(?m)^> \[!TIP\]\n> ",
            }.items():
                with self.subTest(suffix + name):
                    self.assertTrue(any(re.search(pattern, text) for text in own))
        known = {f"{path.parent.name}/{path.stem}": path for path in SCRIPTS}
        for path, text in texts.items():
            for target, query in re.findall(r"\]\(script:([^?)]+)(?:\?([^)]*))?\)", text):
                with self.subTest(path.name, target=target):
                    self.assertIn(target, known)
                    declared = {entry["name"] for entry in json.loads(header(known[target])["parameters"])}
                    self.assertLessEqual({pair.split("=")[0] for pair in query.split("&") if pair}, declared)

    def test_documents_keep_the_typography(self):
        for path in [*GROUPS.glob("*/docs/*.md"), *(GROUPS.parent / "script_sdk/templates").glob("*.md")]:
            language = path.stem[-2:] if path.stem[-3:] in ("_it", "_fr") else ""
            prose = re.sub(r"(?s)```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)", "", path.read_text(encoding="utf-8"))
            with self.subTest(path.name):
                if language:
                    self.assertNotRegex(prose, r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]")
                if language == "fr":
                    self.assertNotRegex(prose, r"\w [;?!»%]|« ")

    def test_texts_are_complete(self):
        for path in SCRIPTS:
            module = samples.load(path.stem)
            for key, texts in {**scriptsmanager.COMMON_TEXTS, **module.TEXTS}.items():
                with self.subTest(script=path.stem, text=key):
                    self.assertEqual(set(texts), set(LANGUAGES))
                    self.assertTrue(all(texts.values()))
                    self.assertEqual(len({tuple(placeholders(text)) for text in texts.values()}), 1)


if __name__ == "__main__":
    unittest.main()
