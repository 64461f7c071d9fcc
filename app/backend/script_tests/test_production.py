"""Line efficiency: its formulas against published values, its page (SDK-6)."""

import html
import json
import math
import os
import unittest

import samples
from samples import Running, saved

PATH = next(path for path in samples.PAGES if path.stem == "line_efficiency")


def stop(kind, minutes, count=1, cause="", shift="1"):
    return {"kind": kind, "minutes": minutes, "count": count, "cause": cause, "shift": shift}


class Formulas(unittest.TestCase):
    script = samples.load("line_efficiency")

    def shares(self, shift, stops):
        times = self.script.shift_times(shift, stops)
        return times, self.script.shares(*(times[key] for key in ("planned", "run", "net", "productive")))

    def test_nakajima(self):
        # S. Nakajima, Introduction to TPM (1988): 460 min loading time,
        # 60 min lost, 400 units of 0.5 min, 98 % good: 87 %, 50 %, 98 %, 42.6 %.
        times, result = self.shares({"time": 480, "rate": 120, "total": 400, "rejects": 8}, [stop("planned", 20), stop("changeover", 20), stop("breakdown", 40)])
        self.assertEqual((times["planned"], times["run"], times["net"]), (460, 400, 200))
        for key, value in (("availability", 0.87), ("performance", 0.50), ("quality", 0.98)):
            self.assertAlmostEqual(result[key], value, delta=0.0005)
        self.assertAlmostEqual(result["oee"], 0.426, delta=0.0005)

    def test_calculating_oee(self):
        # Vorne Industries, Calculating OEE (oee.com): shift 480 min, breaks 60 min,
        # down 47 min, 60 a minute, 19 271 made, 423 rejected.
        _, result = self.shares({"time": 480, "rate": 3600, "total": 19271, "rejects": 423}, [stop("planned", 60), stop("breakdown", 47)])
        for key, value in (("availability", 0.8881), ("performance", 0.8611), ("quality", 0.9780), ("oee", 0.7479)):
            self.assertAlmostEqual(result[key], value, delta=0.00005)

    def test_oee_is_the_product_and_the_losses_add_up(self):
        values = self.script.default_inputs("en")
        result = self.script.solve(values, {**{kind: kind for kind in self.script.KINDS}, "speed": "speed", "rejects": "rejects"})
        for one in (*result["shifts"], result["total"]):
            self.assertAlmostEqual(one["availability"] * one["performance"] * one["quality"], one["oee"], places=12)
        times = result["times"]
        self.assertAlmostEqual(times["time"] - math.fsum(times["lost"].values()), times["productive"], places=9)
        self.assertAlmostEqual(math.fsum(minutes for _, minutes, _, _ in result["causes"]), times["planned"] - times["productive"], places=9)
        self.assertAlmostEqual(result["causes"][-1][3], 1, places=12)
        minutes = [row[1] for row in result["causes"]]
        self.assertEqual(minutes, sorted(minutes, reverse=True))
        # By hand: 75 min of breakdowns, 4 of them, 1159 min running.
        self.assertEqual((result["mtbf"], result["mttr"]), (1159 / 4, 75 / 4))

    def test_shifts_with_other_rates_are_weighted_by_time(self):
        first, _ = self.shares({"time": 100, "rate": 60, "total": 100, "rejects": 0}, [])
        second, _ = self.shares({"time": 100, "rate": 6000, "total": 5000, "rejects": 0}, [])
        total = self.script.add_up([first, second])
        self.assertAlmostEqual(total["productive"] / total["planned"], 0.75, places=12)

    def test_nothing_planned_or_made_has_no_share(self):
        _, result = self.shares({"time": 480, "rate": 60, "total": 0, "rejects": 0}, [stop("planned", 480)])
        self.assertEqual(result, {"availability": None, "performance": None, "quality": None, "oee": None})
        _, result = self.shares({"time": 480, "rate": 60, "total": 0, "rejects": 0}, [stop("breakdown", 480)])
        self.assertEqual(result, {"availability": 0, "performance": None, "quality": None, "oee": 0})


class Page(samples.FolderCase):
    shift = {"target": "85", "name_1": "A <b>", "time_1": "480", "rate_1": "3600", "total_1": "19271", "rejects_1": "423"}
    stops = {"in_1": "1", "cause_1": "Break", "kind_1": "planned", "minutes_1": "60", "count_1": "3", "in_2": "1", "cause_2": "Jam <i>", "kind_2": "breakdown", "minutes_2": "47", "count_2": "1"}

    def test_calculation_is_shown_saved_and_loaded_again(self):
        with Running(PATH, self.folder) as script:
            self.assertEqual(script.request("POST", "/", {**self.shift, **self.stops})[0], 303)
            page = script.request("GET", "/")[1]
            for text in ("88.81", "86.11", "97.80", "74.79"):
                self.assertIn(f"<dd>{text} <small>%", page)
            # 85 % of 420 min are 357 min; 18 848 units take 314.13 min: 42.9 min, 2572 units.
            self.assertIn("missed by 42.9 minutes of good production, or 2572 units", page)
            self.assertEqual(page.count('<svg class="plot"'), 3)
            self.assertNotIn("<b>", page)
            self.assertNotIn("Jam <i>", page)
            _, output, errors = script.stop()
        self.assertEqual(errors, "")
        self.assertIn("OEE 74.79 = 88.81 x 86.11 x 97.80 %", output)
        self.assertAlmostEqual(saved(self.folder, "line_efficiency.json")["result"]["total"]["oee"], 0.7479, places=4)
        with Running(PATH, self.folder, language="it") as script:
            self.assertIn("<dd>74,79 <small>%", script.request("GET", "/")[1])

    def test_bad_values_are_told_at_the_field_and_not_saved(self):
        with Running(PATH, self.folder, language="fr") as script:
            for form, field in (
                ({"time_1": "long"}, "time_1"), ({"rejects_1": "20000"}, "rejects_1"), ({"total_1": "19,5"}, "total_1"), ({"total_1": "22381"}, "total_1"),
                ({"minutes_2": "421"}, "time_1"), ({"in_3": "1", "cause_3": "", "kind_3": "short", "minutes_3": "374", "count_3": "9", "total_1": "0", "rejects_1": "0"}, "time_1"), ({"kind_2": "lunch"}, "kind_2"), ({"in_2": "2"}, "in_2"), ({"target": "0"}, "target"),
            ):
                with self.subTest(form):
                    status, page, _ = script.request("POST", "/", {**self.shift, **self.stops, **form})
                    self.assertEqual(status, 422)
                    self.assertIn(f'id="{field}-error"', page)
            # 373 min at 60 a minute are 22 380: so many and no more.
            self.assertIn("au plus 22380", html.unescape(script.request("POST", "/", {**self.shift, **self.stops, "total_1": "22381"})[1]))
            self.assertFalse(os.path.exists(os.path.join(self.folder, "line_efficiency.json")))
            self.assertEqual(script.request("POST", "/", {**self.shift, **self.stops, "total_1": "22380"})[0], 303)

    def test_rows_are_added_and_removed(self):
        with Running(PATH, self.folder) as script:
            form = {**self.shift, **self.stops}
            script.request("POST", "/", {**form, "action": "add_shift"})
            script.request("POST", "/", {**form, "action": "add_stop"})
            self.assertEqual(len(saved(self.folder, "line_efficiency.json")["inputs"]["stops"]), 3)
            script.request("POST", "/", {**form, "action": "remove_stop_1"})
            self.assertEqual([one["cause"] for one in saved(self.folder, "line_efficiency.json")["inputs"]["stops"]], ["Jam <i>"])
            second = {"name_2": "B", "time_2": "480", "rate_2": "3600", "total_2": "20000", "rejects_2": "0", "in_2": "2"}
            script.request("POST", "/", {**form, **second, "action": "remove_shift_1"})
            kept = saved(self.folder, "line_efficiency.json")["inputs"]
            self.assertEqual([one["name"] for one in kept["shifts"]], ["B"])
            self.assertEqual([(one["shift"], one["cause"]) for one in kept["stops"]], [("1", "Jam <i>")])
            self.assertEqual(script.request("POST", "/", {**form, "action": "remove_shift_1"})[0], 422)

    def test_examples_run(self):
        for name, oee in (("one_shift", "74.79"), ("slow_machine", "42.61")):
            example = json.loads((samples.GROUPS / f"production/examples/line_efficiency_{name}.json").read_text(encoding="utf-8"))
            given = self.write("given.json", json.dumps(example["parameters"]).encode())
            with Running(PATH, os.path.join(self.folder, name), environment={"SCRIPTSMANAGER_PARAMETERS": given}) as script:
                self.assertIn(f"<dd>{oee} <small>%", script.request("GET", "/")[1])
        with Running(PATH, self.folder, ["--shifts=[{}]"]) as script:
            self.assertIn("could not be read", script.request("GET", "/")[1])


if __name__ == "__main__":
    unittest.main()
