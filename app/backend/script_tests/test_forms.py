"""Forms of the helper: fields that depend on others, rows of inputs, what fills in, and lying bars (SDK-3)."""

import json
import os
import pathlib
import re
import unittest
import xml.etree.ElementTree as ElementTree

import samples
from samples import FolderCase, Running, saved

import scriptsmanager

TANK = '''
from scriptsmanager import Choice, FieldErrors, Flag, Heading, Number, Rows, Script, Text

script = Script("Tank")

@script.form(
    Choice("shape", "Shape", {"ball": "Ball", "box": "Box"}),
    Number("radius", "Radius", "m", 1, 0.1, 10, depends_on={"shape": "ball"}),
    Heading("Sides", depends_on={"shape": ["box"]}),
    Number("width", "Width", "m", 2, 0.1, 10),
    Flag("lid", "Lid"),
    Number("thickness", "Lid's thickness", "mm", 3, 1, 50, depends_on={"lid": True}),
    Heading("Contents"),
    Choice("liquid", "Liquid", {"water": "Water", "oil": "Oil", "own": "Own"}, fills={"water": {"density": 998}, "oil": {"density": 870}}),
    Number("density", "Density", "kg/m³", 998, 1, 20000),
    Rows("openings", "Openings", [Text("name", "Name", most=9, fills={"Drain": {"bore": 50}}), Number("bore", "Bore", "mm", 25, 1, 500),
         Number("height", "Height", "m", None, 0, 10, optional=True), Choice("side", "Side", {"left": "Left", "right": "Right"})],
         default=[{"name": "Drain", "bore": 50}], least=0, most=3, new={"bore": 80}),
)
def calculate(**values):
    if values["density"] == 1:
        return {"Broken": values["density"] / 0}
    for index, row in enumerate(values["openings"], 1):
        if row["bore"] == 499:
            raise FieldErrors(**{f"openings.{index}.bore": "Too wide"})
    return {name: repr(value) for name, value in values.items()}

script.run()
'''.lstrip()


class Forms(FolderCase):
    def running(self, *parameters, **settings):
        return Running(pathlib.Path(self.write("tank.py", TANK.encode())), os.path.join(self.folder, "data"), parameters, **settings)

    def kept(self):
        return saved(os.path.join(self.folder, "data"), "tank.json")["inputs"]

    def test_fields_count_only_where_they_are_shown(self):
        with self.running() as run:
            page = run.request("GET", "/")[1]
            self.assertIn("""data-depends='{"shape": ["ball"]}'>""", page)
            self.assertIn("""<div data-depends='{"shape": ["box"]}' hidden>""", page)
            self.assertIn("""data-depends='{"lid": ["true"]}' hidden""", page)
            # What is not shown is neither checked nor changed; a lid needs sides.
            self.assertEqual(run.request("POST", "/", {"shape": "ball", "radius": "3", "width": "wide", "lid": "true", "thickness": "thick"})[0], 303)
            self.assertEqual((self.kept()["radius"], self.kept()["width"], self.kept()["thickness"]), (3, 2, 3))
            status, page, _ = run.request("POST", "/", {"shape": "box", "width": "wide", "lid": "true", "thickness": "thick"})
            self.assertEqual(status, 422)
            self.assertIn('id="width-error"', page)
            self.assertIn('id="thickness-error"', page)
            self.assertIn("""<div data-depends='{"shape": ["ball"]}' hidden""", page)
            self.assertEqual(run.request("POST", "/", {"shape": "box", "width": "4", "thickness": "thick"})[0], 303)
            self.assertEqual((self.kept()["width"], self.kept()["lid"], self.kept()["thickness"]), (4, False, 3))

    def test_a_choice_fills_and_follows(self):
        with self.running("--liquid=oil") as run:
            self.assertIn('name="density" value="870"', run.request("GET", "/")[1])
            run.request("POST", "/", {"density": "900"})
            self.assertEqual((self.kept()["liquid"], self.kept()["density"]), ("own", 900))
            run.request("POST", "/", {"density": "998"})
            self.assertEqual(self.kept()["liquid"], "water")
            self.assertEqual(run.json("POST", "/api/config", {"liquid": "oil"})[0], 200)
            self.assertEqual(self.kept()["density"], 870)

    def test_rows_are_added_taken_away_and_checked(self):
        given = {"openings.1.name": "<b>", "openings.1.bore": "60", "openings.1.height": "1,5", "openings.1.side": "right"}
        with self.running() as run:
            status, _, headers = run.request("POST", "/", {**given, "action": "add.openings"})
            self.assertEqual((status, headers["Location"]), (303, "/#openings.2.name"))
            self.assertEqual(self.kept()["openings"], [{"name": "<b>", "bore": 60, "height": 1.5, "side": "right"}, {"name": "", "bore": 80, "height": None, "side": "left"}])
            page = run.request("GET", "/")[1]
            self.assertNotIn("<b>", page)
            self.assertIn('aria-label="Openings 2: Bore"', page)
            for wrong, words in (({"openings.1.bore": "0"}, "Enter a value from 1 to 500"), ({"openings.1.side": "top"}, "Choose one"), ({"openings.1.name": "much too long"}, "Enter a text of at most 9"), ({"openings.1.bore": "499"}, "Too wide")):
                status, page, _ = run.request("POST", "/", {**given, **wrong})
                self.assertEqual(status, 422)
                self.assertRegex(page, rf'id="{re.escape(next(iter(wrong)))}-error">{words}')
            run.request("POST", "/", {**given, "openings.2.name": "b", "openings.2.bore": "5", "openings.2.side": "left", "action": "remove.openings.1"})
            self.assertEqual([row["name"] for row in self.kept()["openings"]], ["b"])
            # Of a table that holds no row any more, its own field is sent.
            self.assertEqual(run.request("POST", "/", {"openings": "", "openings.1": "", "action": "remove.openings.1"})[0], 303)
            self.assertEqual(self.kept()["openings"], [])
            self.assertEqual(run.json("POST", "/api/config", {"openings": [{"bore": 7}] * 4})[0], 422)
            self.assertEqual(run.json("POST", "/api/config", {"openings": [{"bore": 7}]})[0], 200)
            self.assertEqual(json.loads(run.request("GET", "/api/config")[1])["openings"], [{"name": "", "bore": 7, "height": None, "side": "left"}])

    def test_rows_given_at_the_start(self):
        with self.running('--openings=[{"name": "Vent", "bore": 33}]') as run:
            self.assertIn('value="Vent"', run.request("GET", "/")[1])
        for wrong in ("[{]", "5", "[1]"):
            with self.subTest(wrong), self.running("--openings=" + wrong, language="it") as run:
                page = run.request("GET", "/")[1]
                self.assertIn("Openings: quanto indicato all", page)
                self.assertIn('value="Drain"', page)
                self.assertNotIn("quanto indicato", run.request("GET", "/")[1])

    def test_a_mistake_in_the_calculation_is_told_with_its_line(self):
        line = next(number for number, text in enumerate(TANK.splitlines(), 1) if "/ 0" in text)
        with self.running() as run:
            status, page, _ = run.request("POST", "/", {"density": "1"})
            self.assertEqual(status, 500)
            self.assertIn(f"ZeroDivisionError: float division by zero (tank.py, line {line}: return", page)
            self.assertIn('name="density" value="1"', page)  # the form is still there
            self.assertEqual(run.request("POST", "/", {"density": "2"})[0], 303)
            _, _, errors = run.stop()
        self.assertIn(f'tank.py", line {line}, in calculate', errors)

    def test_a_condition_on_what_is_no_choice_is_refused_at_once(self):
        for fields in (
            [scriptsmanager.Number("a", "A", depends_on={"b": 1})],
            [scriptsmanager.Number("b", "B"), scriptsmanager.Number("a", "A", depends_on={"b": 1})],
            [scriptsmanager.Number("a", "A", depends_on={"b": "x"}), scriptsmanager.Choice("b", "B", {"x": "X"})],
        ):
            with self.assertRaisesRegex(ValueError, "no Choice or Flag before it"):
                scriptsmanager._Form(fields, str, "en")


class OwnPages(FolderCase):
    def test_an_exception_in_a_page_of_ones_own_is_told_with_its_line(self):
        path = self.write("own.py", b"""
from scriptsmanager import make_app, serve

def create_app(arguments, parameters):
    app, _ = make_app(arguments, {"title": {"en": "Own"}}, "{% extends 'frame.html' %}")

    @app.get("/")
    def index():
        return {}["<gone>"]

    return app

serve(create_app, ("depth",))
""")
        with Running(pathlib.Path(path), os.path.join(self.folder, "data"), ["--depth=3"], language="fr") as run:
            status, page, _ = run.request("GET", "/")
            self.assertEqual(status, 500)
            self.assertIn("KeyError: &#39;&lt;gone&gt;&#39; (own.py, ligne 9: return {}[", page)
            code, _, errors = run.stop()
        self.assertEqual(code, 0)
        self.assertIn("Traceback", errors)


class LyingBars(unittest.TestCase):
    def bars(self, svg):
        """(label and value, left edge, right edge, colour) of each bar, as drawn."""
        root = ElementTree.fromstring(svg)
        drawn = []
        for group in root.iter("g"):
            rect = group.find("rect")
            left = float(rect.get("x"))
            drawn.append((group.find("title").text, left, left + float(rect.get("width")), rect.get("style")))
        return drawn

    def test_bars_are_as_long_as_their_values(self):
        bars = self.bars(scriptsmanager.bar_plot("B", [("a", 20), ("b & <c>", 5), ("none", 0)], "min", "it"))
        self.assertEqual([text for text, *_ in bars], ["a: 20,0 min", "b & <c>: 5,0 min", "none: 0,0 min"])
        (_, left, right, _), (_, other, short, _), *_ = bars
        self.assertEqual(left, other)
        self.assertAlmostEqual((right - left) / (short - other), 4, delta=0.01)

    def test_negative_bars_lie_on_the_other_side_of_zero(self):
        (_, left, right, _), (_, before, zero, _) = self.bars(scriptsmanager.bar_plot("B", [("up", 3), ("down", -6)]))
        self.assertAlmostEqual(left, zero, delta=0.11)
        self.assertAlmostEqual((zero - before) / (right - left), 2, delta=0.01)

    def test_a_waterfall_goes_on_where_it_was(self):
        bars = self.bars(scriptsmanager.waterfall_plot("W", [("All", 480), ("Breaks", -60), ("Planned", None), ("More", 30), ("End", None)], "min", "en", 0))
        self.assertEqual([text.rpartition(": ")[2] for text, *_ in bars], ["480 min", "\u221260 min", "420 min", "30 min", "450 min"])
        whole, loss, planned, gain, end = bars
        self.assertAlmostEqual(loss[2], whole[2], delta=0.11)
        self.assertAlmostEqual(loss[1], planned[2], delta=0.11)
        self.assertAlmostEqual(gain[1], planned[2], delta=0.11)
        self.assertAlmostEqual(gain[2], end[2], delta=0.11)
        self.assertEqual(len({whole[3], loss[3], gain[3]}), 3)
        self.assertEqual(whole[1], planned[1])

    def test_everything_is_drawn_inside_whatever_the_values(self):
        for bars in ([], [("a", 0)], [("a", 1e12), ("b", 1e-9)], [("a", -1e6), ("b", -1)], [("x" * 300, 1)]):
            for svg in (scriptsmanager.bar_plot("B", bars, "min"), scriptsmanager.waterfall_plot("W", bars, "min")):
                for _, left, right, _ in self.bars(svg):
                    self.assertTrue(0 < left <= right < 720, svg)

    def test_standing_bars_reach_from_zero(self):
        plot = scriptsmanager.Plot("P", "x", "y", (0, 10), (-5, 10))
        plot.bar(1, 2, 10, label="<up>")
        plot.bar(3, 4, -5)
        up, down = (dict(re.findall(r' (\w+)="([^"]*)"', rect)) for rect in plot.over)
        self.assertAlmostEqual(float(up["y"]) + float(up["height"]), float(down["y"]), delta=0.11)
        self.assertAlmostEqual(float(up["height"]) / float(down["height"]), 2, delta=0.01)
        self.assertIn("<title>&lt;up&gt;</title>", plot.over[0])


if __name__ == "__main__":
    unittest.main()
