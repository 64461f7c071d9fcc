"""What comes from a browser, from arguments and from older files: no value is lost, and none is a failure of the script (SDK-3)."""

import http.client
import json
import os
import pathlib
import tempfile
import unittest

from samples import FolderCase, Running, saved

import scriptsmanager
from scriptsmanager import Choice, Flag, Number, Rows, Text

PART = '''
from scriptsmanager import Choice, Flag, Number, Rows, Script, Text

script = Script("Part")

@script.form(
    Choice("metal", "Metal", {"steel": "Steel", "tin": "Tin", "own": "Own"}, fills={"steel": {"density": 7850, "plated": False}, "tin": {"density": 7287.31249999, "plated": True}}),
    Number("density", "Density", "kg/m³", 1000, 1, 20000, depends_on={"metal": "own"}),
    Flag("plated", "Plated"),
    Number("play", "Play", "mm", 5, 0, 10, optional=True),
    Number("pieces", "Pieces", "", 1, 0, 1e20, whole=True),
    Text("note", "Note"),
    Rows("holes", "Holes", [Text("name", "Name"), Number("bore", "Bore", "mm", 25, 1, 500), Flag("thread", "Thread")], least=1, most=3),
)
def calculate(**values):
    if values["note"] == "forgotten":
        return None
    return {name: repr(value) for name, value in values.items()}

script.run()
'''.lstrip()


class Inputs(FolderCase):
    def running(self, *parameters, **settings):
        return Running(pathlib.Path(self.write("part.py", PART.encode())), os.path.join(self.folder, "data"), parameters, **settings)

    def kept(self):
        return saved(os.path.join(self.folder, "data"), "part.json")["inputs"]

    def test_a_field_for_own_values_alone_has_what_the_chosen_option_fills_in(self):
        with self.running() as run:
            self.assertIn("<dd>7850.0</dd>", run.request("GET", "/")[1])  # at the first look, too
            self.assertEqual(run.request("POST", "/", {"metal": "tin", "plated": "true", "density": "1"})[0], 303)
            self.assertEqual((self.kept()["metal"], self.kept()["density"]), ("tin", 7287.31249999))
            self.assertEqual(run.request("POST", "/", {"metal": "own", "density": "2700"})[0], 303)
            self.assertEqual((self.kept()["metal"], self.kept()["density"]), ("own", 2700))
            self.assertEqual(run.json("POST", "/api/config", {"metal": "steel"})[0], 200)
            self.assertEqual((self.kept()["metal"], self.kept()["density"]), ("steel", 7850))
            # Who gives the value alone means an own one.
            self.assertEqual(run.json("POST", "/api/config", {"density": 900})[0], 200)
            self.assertEqual((self.kept()["metal"], self.kept()["density"]), ("own", 900))
        with self.running("--density=800") as run:
            self.assertIn('name="density" value="800"', run.request("GET", "/")[1])

    def test_a_flag_and_a_long_number_are_filled_in_as_they_are(self):
        with self.running() as run:
            page = run.request("GET", "/")[1]
            self.assertIn('"tin": {"density": "7287.31249999", "plated": "true"}', page)
            self.assertEqual(run.request("POST", "/", {"metal": "tin", "plated": "true"})[0], 303)
            self.assertEqual(self.kept()["metal"], "tin")
            self.assertEqual(run.request("POST", "/", {"metal": "own", "density": "7287.31249999", "plated": "true"})[0], 303)
            self.assertEqual(self.kept()["metal"], "tin")

    def test_numbers_keep_all_their_digits(self):
        with self.running() as run:
            for _ in range(2):
                self.assertEqual(run.request("POST", "/", {"metal": "own", "density": "1234.567890123", "pieces": "12345678901234567891"})[0], 303)
                page = run.request("GET", "/")[1]
                self.assertIn('name="density" value="1234.567890123"', page)
                self.assertIn('name="pieces" value="12345678901234567891"', page)
                self.assertEqual((self.kept()["density"], self.kept()["pieces"]), (1234.567890123, 12345678901234567891))

    def test_an_emptied_number_stays_empty(self):
        with self.running() as run:
            self.assertIn('name="play" value="5"', run.request("GET", "/")[1])
            self.assertEqual(run.request("POST", "/", {"play": ""})[0], 303)
        with self.running() as run:
            self.assertIn('name="play" value=""', run.request("GET", "/")[1])
            self.assertIsNone(json.loads(run.request("GET", "/api/config")[1])["play"])

    def test_a_table_without_rows_of_its_own_begins_with_new_ones(self):
        with self.running() as run:
            status, page, _ = run.request("GET", "/")
            self.assertEqual(status, 200)
            self.assertIn('name="holes.1.bore" value="25"', page)
            self.assertNotIn('name="holes.2.bore"', page)

    def test_nothing_that_a_browser_sends_is_a_failure_of_the_script(self):
        deep = "[" * 3000 + "]" * 3000
        bodies = (
            {"note": "\ud800"}, {"metal": "\ud800"}, {"density": "\udc80"}, {"pieces": 10**400}, {"pieces": float("inf")}, {"pieces": float("nan")},
            {"pieces": True}, {"play": []}, {"note": None}, {"note": {"a": [1]}}, {"plated": 1}, {"holes": None}, {"holes": 5}, {"holes": [1]}, {"holes": "[{]"},
            {"holes": [{"bore": None, "name": {}}]}, {"holes": []}, {"holes": deep}, {"holes": [{"name": "\udfff"}]}, {"": 1}, {"pieces": "1_0"}, {"pieces": "٣"},
        )
        forms = (
            {"action": "remove.holes." + "1" * 5000}, {"action": "remove.holes.\u00b2"}, {"action": "add.holes.x.y"}, {"action": "add."}, {"action": "\0"},
            {"holes": ""}, {"holes.1": ""}, {"holes.1.bore": "x" * 20000}, {"holes.999.bore": "1"}, {"pieces": "9" * 20000}, {"note": "\0"}, {"metal": ""},
        )
        with self.running() as run:
            for body in bodies:
                with self.subTest(json=repr(body)[:60]):
                    status = run.json("POST", "/api/config", body)[0]
                    self.assertIn(status, (200, 422))
                    if status == 200:  # kept, and shown from now on
                        self.assertEqual(run.request("GET", "/")[0], 200)
            for form in forms:
                with self.subTest(form=repr(form)[:60]):
                    self.assertIn(run.request("POST", "/", form)[0], (303, 422))
            self.assertEqual(run.request("GET", "/")[0], 200)
            for raw in (deep.encode(), b'{"note":' + deep.encode() + b"}", b"\xff", b"", b"{"):
                status, text, _ = self.raw(run, raw)
                self.assertEqual(status, 400, text[:200])
                self.assertIn("errors", json.loads(text))
            code, _, errors = run.stop()
            self.assertEqual((code, errors.count("Traceback")), (0, 0), errors[-2000:])

    def raw(self, run, body):
        connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=20)
        try:
            connection.request("POST", "/api/config", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode(), response.getheaders()
        finally:
            connection.close()

    def test_what_cannot_be_read_at_the_start_is_told_on_a_page(self):
        for given in ("--holes=" + "[" * 3000, "--pieces=many", "--metal=wood"):
            with self.subTest(given[:20]), self.running(given) as run:
                self.assertEqual(run.request("GET", "/")[0], 200)

    def test_a_forgotten_return_is_told_and_the_form_stays(self):
        with self.running() as run:
            status, page, _ = run.request("POST", "/", {"note": "forgotten", "pieces": "3"})
            self.assertEqual(status, 500)
            self.assertIn("calculate returned None, and not a Result or its figures", page)
            self.assertIn('name="pieces" value="3"', page)
            self.assertEqual(run.request("POST", "/", {"note": "", "pieces": "3"})[0], 303)


class Definitions(unittest.TestCase):
    def refused(self, words, *fields):
        with self.assertRaisesRegex(ValueError, words):
            scriptsmanager._Form(fields, str, "en")

    def test_mistakes_in_a_form_are_told_at_once(self):
        self.refused("'a' is taken", Number("a", "A"), Flag("a", "A"))
        self.refused("'action' is taken", Text("action", "A"))
        self.refused("names 'b', which is no other field", Choice("a", "A", {"x": "X"}, fills={"x": {"b": 1}}))
        self.refused("names 'y', which is none of its options", Choice("a", "A", {"x": "X"}, fills={"y": {"b": 1}}), Number("b", "B"))
        self.refused("'b' has depends_on", Flag("a", "A"), Rows("r", "R", [Number("b", "B", depends_on={"a": True})]))
        self.refused("r: its default cannot be taken", Rows("r", "R", [Number("b", "B")], default=[{}, {}], most=1))


class Small(unittest.TestCase):
    def test_optional_inputs_may_have_been_saved_as_none(self):
        defaults, last = {"a": 1.0, "b": 2.0}, {"inputs": {"a": None, "b": None}}
        self.assertEqual(scriptsmanager.starting_inputs(defaults, last, {}), defaults)
        self.assertEqual(scriptsmanager.starting_inputs(defaults, last, {}, ["a"]), {"a": None, "b": 2.0})

    def test_numbers(self):
        self.assertEqual(scriptsmanager.show(9999.9), "10000")
        self.assertEqual(scriptsmanager.show(-99999.99), "\u2212100000")
        self.assertEqual(scriptsmanager.show(1e13), "1·10^13")
        self.assertEqual(scriptsmanager.field_text(0.1), "0.1")
        self.assertEqual(scriptsmanager.field_text(10**400), "1" + "0" * 400)
        with self.assertRaises(ValueError):
            scriptsmanager.parse_number("1_000")

    def test_a_plot_of_one_point(self):
        plot = scriptsmanager.Plot("P", "x", "y", (3, 3), (2, 2))
        plot.dot(3, 2)
        self.assertIn('cx="384.0"', plot.svg())

    def test_a_store_keeps_its_version_to_itself(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "version"):
            scriptsmanager.Store(folder, "kept.json").save({"version": "mine"})


if __name__ == "__main__":
    unittest.main()
