"""The helper that scripts import: what it keeps, reads and shows."""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import unittest
import unittest.mock

import samples
from samples import LANGUAGES, FolderCase, Running, saved  # puts the helper on the path

import scriptsmanager


@contextlib.contextmanager
def silence():
    with contextlib.redirect_stderr(io.StringIO()) as told:
        yield told


class Numbers(unittest.TestCase):
    def test_reading(self):
        for text, value in (("1.5", 1.5), ("1,5", 1.5), (" -3 ", -3.0), ("\u22123", -3.0), ("2e3", 2000.0)):
            self.assertEqual(scriptsmanager.parse_number(text), value)
        for text in ("", "abc", "1.000,5", "1,000.5", "nan", "inf", "1 2", "--3"):
            with self.subTest(text), self.assertRaises(ValueError):
                scriptsmanager.parse_number(text)

    def test_writing(self):
        for value, digits, language, text in (
            (0.30826, 4, "en", "0.3083"), (0.30826, 4, "es", "0,3083"), (123456.7, 4, "en", "123457"), (-2.5, 3, "fr", "\u22122,5"),
            (4.2e-7, 3, "en", "4.2·10^\u22127"), (None, 3, "en", "–"),
        ):
            self.assertEqual(scriptsmanager.show(value, digits, language), text)

    def test_ticks_cover_the_range(self):
        for low, high in ((0, 1), (-10, 20), (3, 3), (0, 0), (1e-9, 2e-9), (-1e6, 7e6)):
            ticks = scriptsmanager.nice_ticks(low, high)
            self.assertLessEqual(ticks[0], low + 1e-15)
            self.assertGreaterEqual(ticks[-1], high - 1e-15)
            self.assertLessEqual(len(ticks), 12)


class Telling(FolderCase):
    def path(self):
        path = pathlib.Path(self.folder, "progress")
        path.touch()
        return path

    def told(self, path):
        return [json.loads(line) for line in path.read_text().splitlines()]

    def test_each_line_is_the_whole_and_the_last_one_holds(self):
        path = self.path()
        telling = scriptsmanager._Telling(str(path))
        telling.tell(True, percent_done=30, text="Reading")
        telling.tell(True, busy=True)
        telling.tell(True, busy=True)  # nothing new
        telling.tell(True, percent_done=0, text="", busy=False)
        self.assertEqual(self.told(path), [{"percent_done": 30, "text": "Reading"}, {"percent_done": 30, "text": "Reading", "busy": True}, {}])

    def test_many_calls_are_few_lines_and_none_is_forgotten(self):
        path = self.path()
        telling = scriptsmanager._Telling(str(path))
        for i in range(5000):
            telling.tell(False, percent_done=i / 100)
        later = telling.later
        if later is not None:
            later.join()
        lines = self.told(path)
        self.assertEqual(lines[-1], {"percent_done": 49.99})
        self.assertLess(len(lines), 2500)

    def test_the_file_does_not_grow_for_ever(self):
        path = self.path()
        telling = scriptsmanager._Telling(str(path))
        telling.LONGEST = 1000
        for i in range(200):
            telling.tell(True, percent_done=i + 1)
            self.assertLess(path.stat().st_size, 1100)
        self.assertEqual(self.told(path)[-1], {"percent_done": 200})

    def test_without_the_application_nothing_is_written(self):
        for path in ("", "/nowhere/progress"):
            scriptsmanager._Telling(path).tell(True, percent_done=1)

    def test_a_script_tells_and_takes_back(self):
        path = self.path()
        program = self.write(
            "job.py",
            b"""
import time
from scriptsmanager import busy, progress
progress(1, 4, "Reading")
with busy():
    with busy():
        progress(200)
progress(float("nan"), text="Thinking")
progress(None)
progress(0, 0)
progress(5)
""",
        )
        run = subprocess.run(
            [sys.executable, program], env={**os.environ, "PYTHONPATH": str(samples.HELPER), "SCRIPTSMANAGER_PROGRESS": str(path)}, timeout=60
        )
        self.assertEqual(run.returncode, 0)
        lines = self.told(path)
        self.assertEqual(lines[0], {"percent_done": 25, "text": "Reading"})
        self.assertEqual(lines[1], {"percent_done": 25, "text": "Reading", "busy": True})
        self.assertIn({"percent_done": 100, "busy": True}, lines)
        self.assertEqual(lines[-1], {"percent_done": 5})  # told late, but told


class Brand(FolderCase):
    def test_colours_come_from_the_application(self):
        own = samples.HELPER.parents[1] / "static" / "brand.css"
        text = own.read_text()
        self.assertEqual(text[text.index(":root") :], scriptsmanager.COLORS.lstrip(), "by hand, a page must look the same")
        path = self.write("brand.css", b":root{--brand:#123456}</style><script>1</script>")
        for value, expected in (("", scriptsmanager.COLORS), (path, scriptsmanager.COLORS + ":root{--brand:#123456}<\\/style><script>1<\\/script>")):
            with unittest.mock.patch.dict(os.environ, {"SCRIPTSMANAGER_BRAND_CSS": value}):
                self.assertEqual(scriptsmanager.brand_style(), expected)
        with silence() as told, unittest.mock.patch.dict(os.environ, {"SCRIPTSMANAGER_BRAND_CSS": path + "x"}):
            self.assertEqual(scriptsmanager.brand_style(), scriptsmanager.COLORS)
        self.assertIn("not read", told.getvalue())

    def test_texts_come_from_where_the_application_says(self):
        with unittest.mock.patch.dict(os.environ, {"SCRIPTSMANAGER_LOCALES": self.folder}):
            self.write("en.json", b'{"height": "Height"}')
            self.assertEqual(scriptsmanager.translations(), {"height": {"en": "Height"}})


class Texts(FolderCase):
    def test_every_text_of_the_helper_has_every_language(self):
        for key, texts in scriptsmanager.COMMON_TEXTS.items():
            self.assertEqual(set(texts), set(LANGUAGES), key)

    def test_a_missing_language_is_english_then_any(self):
        for words, text in (("as it is", "as it is"), ({"it": "sì", "en": "yes"}, "sì"), ({"en": "yes"}, "yes"), ({"fr": "oui"}, "oui"), ({}, "")):
            self.assertEqual(scriptsmanager.in_language(words, "it"), text)

    def test_files_of_translations(self):
        self.write("en.json", b'{"height": "Height"}')
        self.write("it.json", '{"height": "Altezza", "only": "Solo"}'.encode())
        self.write("fr.json", b"[1]")
        with silence() as told:
            texts = scriptsmanager.translations(self.folder)
        self.assertEqual(texts, {"height": {"en": "Height", "it": "Altezza"}, "only": {"it": "Solo"}})
        self.assertIn("fr.json", told.getvalue())


class Stores(FolderCase):
    def store(self, **settings):
        return scriptsmanager.Store(self.folder, "kept.json", **settings)

    def test_what_is_saved_is_there_again(self):
        self.assertEqual(self.store().load(), {})
        self.store().save({"a": [1, "è"]})
        self.assertEqual(self.store().load(), {"a": [1, "è"]})
        self.assertEqual(os.listdir(self.folder), ["kept.json"])

    def test_a_save_that_fails_leaves_the_old(self):
        self.store().save({"a": 1})
        with self.assertRaises(TypeError):
            self.store().save({"a": 2, "b": object()})
        self.assertEqual(self.store().load(), {"a": 1})
        self.assertEqual(os.listdir(self.folder), ["kept.json"])

    def test_what_cannot_be_read_is_put_aside(self):
        for content in (b"{", b"[1]", b"\xff", b'{"version": "2"}', b'{"version": true}'):
            self.write("kept.json", content)
            with self.subTest(content), silence() as told:
                self.assertEqual(self.store().load(), {})
                self.assertIn("kept.json", told.getvalue())
                self.assertEqual(pathlib.Path(self.folder, "kept.json.broken").read_bytes(), content)

    def test_older_contents_are_brought_up(self):
        self.write("kept.json", b'{"length": 2}')  # of before there were versions
        store = self.store(version=3, upgrade=lambda value, version: {"metres": value["length"], "was": version})
        self.assertEqual(store.load(), {"metres": 2, "was": 1})
        store.save({"metres": 2})
        self.assertEqual(store.load(), {"metres": 2})

    def test_newer_contents_are_kept(self):
        self.store(version=2).save({"a": 1})
        with silence() as told:
            self.assertEqual(self.store(version=1).load(), {})
        self.assertIn("version 2", told.getvalue())
        self.store(version=1).save({"a": 0})
        self.assertEqual(saved(self.folder, "kept.json.newer"), {"version": 2, "a": 1})


FALLING = '''
"""How long something falls.

ScriptsManager Metadata:
@description: Falling without resistance of the air
"""
import math
from scriptsmanager import Choice, FieldErrors, Flag, Number, Plot, Result, Script, Text

script = Script({"en": "Falling", "it": "Caduta"}, lead="Without air")

@script.form(
    Number("height", {"en": "Height", "it": "Altezza"}, "m", default=20, low=0.1, high=500),
    Number("steps", "Steps", default=4, low=1, high=50, whole=True),
    Choice("place", "Place", {"earth": "Earth", "moon": {"en": "Moon", "it": "Luna"}}, default="earth"),
    Flag("table", "Table"),
    Text("note", "Note", most=20),
)
def calculate(height, steps, place, table, note):
    if note == "refuse":
        raise ValueError("refused <b>")
    if note == "fields":
        raise FieldErrors(height={"en": "Too high for <this>"}, place="Not there", table="No table", other="Both disagree")
    seconds = math.sqrt(2 * height / {"earth": 9.80665, "moon": 1.62}[place])
    plot = Plot("Height", "s", "m", (0, seconds), (0, height), script.language)
    plot.line([(seconds * i / steps, height * (1 - (i / steps) ** 2)) for i in range(steps + 1)])
    rows = [(i, seconds * i / steps) for i in range(1, steps + 1)] if table else []
    return Result({"Time": (seconds, "s")}, plot.svg(), ("Step", "s"), rows, note, "Galilei & others" if note == "source" else "")

script.run()
'''.lstrip()


class Forms(FolderCase):
    def running(self, *parameters, **settings):
        path = pathlib.Path(self.write("falling.py", FALLING.encode()))
        return Running(path, os.path.join(self.folder, "data"), parameters, **settings)

    def test_the_example_of_the_documentation_runs_as_it_stands(self):
        text = textwrap.dedent(re.search(r"\n\n(    import math.*?script\.run\(\)\n)", scriptsmanager.__doc__, re.S).group(1))
        self.assertLess(len(text.splitlines()), 30)
        path = pathlib.Path(self.write("example.py", text.encode()))
        with Running(path, os.path.join(self.folder, "data")) as run:
            status, page, _ = run.request("GET", "/")
            self.assertEqual(status, 200)
            self.assertIn("0.7139", page)  # sqrt(2·2.5/9.81) s
            self.assertEqual(run.stop()[0], 0)

    def test_a_form_calculates_keeps_and_is_there_again(self):
        given = {"height": "44.1", "steps": "3", "place": "earth", "table": "true", "note": "<i>x</i>"}
        with self.running() as run:
            self.assertIn("2.02", run.request("GET", "/")[1])  # of the defaults: sqrt(2·20/9.80665) s
            self.assertEqual(run.request("POST", "/", given)[0], 303)
            page = run.request("GET", "/")[1]
            for part in ("2.999", "<svg", "<td>2.999</td>", "&lt;i&gt;x&lt;/i&gt;", 'value="44.1"'):
                self.assertIn(part, page)
        kept = saved(os.path.join(self.folder, "data"), "falling.json")
        self.assertEqual((kept["version"], kept["inputs"]["height"], kept["inputs"]["table"]), (1, 44.1, True))
        with self.running(language="it", theme="dark") as run:
            page = run.request("GET", "/")[1]
            for part in ("Caduta", "Altezza", "Luna", "2,999", 'value="44,1"', 'data-theme="dark"', "Line 3"):
                self.assertIn(part, page)

    def test_bad_values_are_told_at_the_field_and_nothing_is_kept(self):
        for name, value, words in (
            ("height", "tall", "err_number"), ("height", "9999", "err_range"), ("steps", "2.5", "err_whole"),
            ("place", "mars", "err_choice"), ("note", "x" * 21, "err_text"),
        ):
            with self.subTest(name=name, value=value), self.running() as run:
                status, page, _ = run.request("POST", "/", {"height": "3", "steps": "2", "place": "moon", "note": "", name: value})
                self.assertEqual(status, 422)
                text = scriptsmanager.COMMON_TEXTS[words]["en"].format(low="0.1", high="500", most=20)
                self.assertIn(text, page)
                if name != "place":
                    self.assertIn(f'value="{value}"', page)
        self.assertEqual(os.listdir(os.path.join(self.folder, "data")), [])

    def test_a_calculation_that_refuses_is_told_above_the_form(self):
        with self.running() as run:
            status, page, _ = run.request("POST", "/", {"height": "3", "steps": "2", "place": "moon", "note": "refuse"})
            self.assertEqual(status, 422)
            self.assertIn("Not calculated: refused &lt;b&gt;", page)

    def test_what_a_calculation_finds_wrong_is_told_at_the_fields(self):
        with self.running() as run:
            status, page, _ = run.request("POST", "/", {"height": "3", "steps": "2", "place": "moon", "note": "fields"})
            self.assertEqual(status, 422)
            self.assertRegex(page, r'id="height-error">Too high for &lt;this&gt;<')
            self.assertRegex(page, r'<select id="place" name="place" aria-invalid="true" aria-describedby="place-error"')
            self.assertRegex(page, r'id="place-error">Not there<')
            self.assertRegex(page, r'aria-describedby="table-error">Table</label>\s*<p class="message" id="table-error">No table<')
            self.assertRegex(page, r'role="alert">Both disagree<')
            self.assertIn('value="3"', page)
        self.assertEqual(os.listdir(os.path.join(self.folder, "data")), [])

    def test_a_result_names_its_source(self):
        with self.running() as run:
            run.request("POST", "/", {"height": "3", "steps": "2", "place": "moon", "note": "source"})
            self.assertIn("Source: Galilei &amp; others", run.request("GET", "/")[1])

    def test_parameters_fill_the_form(self):
        with self.running("--height=5", "--place=moon") as run:
            page = run.request("GET", "/")[1]
            self.assertIn('value="5"', page)
            self.assertIn('value="moon" selected', page)

    def test_what_no_field_takes_is_told_once(self):
        with self.running("--height=5", "--colour=red") as run:
            _, _, errors = run.stop()
        self.assertEqual(errors.count("Arguments that this script does not know"), 1)
        self.assertIn("--colour=red", errors)
        self.assertNotIn("--height", errors)

    def test_texts_come_from_the_folder_beside_the_script(self):
        self.write("locales/it.json", b'{"Time": "Durata", "Steps": "Passi"}')
        with self.running(language="it") as run:
            page = run.request("GET", "/")[1]
            self.assertIn("Durata", page)
            self.assertIn("Passi", page)

    def test_config_and_project_by_json(self):
        with self.running() as run:
            self.assertEqual(json.loads(run.request("GET", "/api/config")[1])["height"], 20)
            self.assertEqual(run.json("POST", "/api/config", {"height": 7, "table": True})[0], 200)
            self.assertEqual(json.loads(run.request("GET", "/api/config")[1]), {"height": 7, "steps": 4, "place": "earth", "table": True, "note": ""})
            status, answer = run.json("POST", "/api/config", {"height": -1})
            self.assertEqual((status, list(answer["errors"])), (422, ["height"]))
            self.assertEqual(run.json("POST", "/api/config", [1])[0], 400)
            self.assertEqual(run.json("POST", "/api/config", {"height": 8}, {"Origin": "http://elsewhere.example"})[0], 403)
            info = json.loads(run.request("GET", "/api/project-info")[1])
            self.assertEqual((info["project_id"], info["project_name"], info["user_level"]), ("7", "Line 3", "operator"))

    def test_a_script_without_a_form_says_what_is_missing(self):
        path = pathlib.Path(self.write("empty.py", b"from scriptsmanager import Script\nScript('Empty').run()\n"))
        run = Running(path, self.folder)
        _, errors = run.process.communicate(timeout=30)
        self.assertEqual(run.process.returncode, 1)
        self.assertIn("@script.form", errors)


class Templates(FolderCase):
    """What a new script is made of (DIS-10)."""

    folder_of_templates = samples.HELPER / "templates"

    def made(self, kind):
        text = (self.folder_of_templates / f"{kind}.py").read_text(encoding="utf-8")
        return pathlib.Path(self.write(f"{kind}_one.py", text.replace("TITLE", "Größe of tanks").replace("NAME", f"{kind}_one").encode()))

    def test_pages_answer_and_end_cleanly(self):
        for kind in ("form", "dashboard"):
            for language in LANGUAGES:
                with self.subTest(kind=kind, language=language), Running(self.made(kind), os.path.join(self.folder, "data"), language=language) as run:
                    status, page, _ = run.request("GET", "/")
                    self.assertEqual(status, 200)
                    self.assertIn("Größe of tanks", page)
                    self.assertIn("<svg", page)
                    code, _, errors = run.stop()
                    self.assertEqual((code, errors.count("Traceback")), (0, 0), errors)

    def test_the_forms_example_holds(self):
        with Running(self.made("form"), os.path.join(self.folder, "data")) as run:
            page = run.request("GET", "/")[1]
            self.assertIn("2.262", page)
            self.assertIn("2257", page)

    def test_the_job_lists_files(self):
        self.write("in/a.txt", b"abc")
        run = Running(self.made("job"), self.folder, ["--directory", os.path.join(self.folder, "in")])
        output, errors = run.process.communicate(timeout=30)
        self.assertEqual(run.process.returncode, 0, errors)
        self.assertIn("1 files", output)
        self.assertEqual(pathlib.Path(self.folder, "job_one.csv").read_text(encoding="utf-8").splitlines(), ["name,bytes", "a.txt,3"])

    def test_documents_have_the_same_parts_in_every_language(self):
        for kind in ("form", "dashboard", "job"):
            shapes = set()
            for suffix in ("", "_es", "_it", "_fr"):
                text = (self.folder_of_templates / f"{kind}{suffix}.md").read_text(encoding="utf-8")
                shapes.add((text.count("## "), text.count("\n|"), text.count("$$")))
            self.assertEqual(len(shapes), 1, kind)


if __name__ == "__main__":
    unittest.main()
