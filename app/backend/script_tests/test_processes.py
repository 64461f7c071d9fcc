"""Each sample as a process: contract, page, saving, end (SDK-1, SDK-2, SDK-4)."""

import html
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

import samples
from samples import LANGUAGES, PAGES, Running, saved

WALL = {
    "inside_temperature": "180", "outside_temperature": "25", "h_inside": "12", "h_outside": "8,5", "area": "2", "action": "calculate",
    "layers.1.name": "Steel <b>", "layers.1.thickness_mm": "1,5", "layers.1.conductivity": "14.9",
    "layers.2.name": "Wool", "layers.2.thickness_mm": "80", "layers.2.conductivity": "0.037",
}


def page_of(name):
    return next(path for path in PAGES if path.stem == name)


class EveryPage(samples.FolderCase):
    def test_language_theme_project_logo_health_and_end(self):
        # Two starts each cover all languages and both themes.
        for path in PAGES:
            for theme, language in (("light", "en"), ("dark", "es"), ("light", "it"), ("dark", "fr")):
                with self.subTest(script=path.stem, theme=theme, language=language):
                    self.check(path, theme, language)

    def check(self, path, theme, language):
        folder = os.path.join(self.folder, f"{path.stem}_{language}")
        with Running(path, folder, theme=theme, language=language, project="Línea <3>") as script:
            status, page, _ = script.request("GET", "/")
            self.assertEqual(status, 200)
            self.assertIn(f'<html lang="{language}" data-theme="{theme}">', page)
            self.assertIn(html.escape("Línea <3>"), page)
            self.assertNotIn("<3>", page)
            title = samples.load(path.stem).TEXTS["title"][language]
            self.assertEqual(html.unescape(re.findall("<h1>(.*?)</h1>", page)[0]), title)
            self.assertIn(samples.load(path.stem).TEXTS["source"][language], html.unescape(page))
            self.assertIn('<img src="/static/images/SIDEL.png" alt="SIDEL">', page)
            # Who hears the page is told what each column is.
            self.assertNotRegex(page, r"<th[^>]*>\s*</th>")
            # No resource from elsewhere: sites without internet.
            self.assertEqual(re.findall(r"https?://|//[a-z]", re.sub(r"//\s", "", page)), [])
            self.assertEqual(json.loads(script.request("GET", "/health")[1])["status"], "ok")
            expected = samples.LOGO if theme == "light" else samples.LOGO.with_name("SIDEL_dark.png")
            self.assertEqual(script.request("GET", "/static/images/SIDEL.png")[1], expected.read_bytes())
            status, problem, _ = script.request("GET", "/nothing")
            self.assertEqual((status, f'data-theme="{theme}"' in problem), (404, True))
            code, output, errors = script.stop()
        self.assertEqual((code, errors), (0, ""))
        self.assertIn("Línea <3>", output)

    def test_address_foreign_requests_and_missing_logo(self):
        for path in PAGES:
            with self.subTest(path.stem), Running(path, self.folder, logo=None) as script:
                with self.assertRaises(OSError):
                    # On Linux all of 127.0.0.0/8 is this machine: what listens everywhere answers here.
                    socket.create_connection(("127.0.0.2", script.port), timeout=2)
                own = f"127.0.0.1:{script.port}"
                self.assertEqual(script.request("GET", "/", headers={"Host": f"evil.example:{script.port}"})[0], 403)
                self.assertEqual(script.request("POST", "/", {}, {"Origin": "http://127.0.0.1:5201"})[0], 403)
                self.assertNotEqual(script.request("POST", "/", {}, {"Origin": "http://" + own})[0], 403)
                self.assertIn('<span class="word">SIDEL</span>', script.request("GET", "/")[1])
                self.assertEqual(script.request("GET", "/static/images/SIDEL.png")[0], 404)

    def test_what_a_browser_sends_is_no_failure_of_the_script(self):
        odd = ("\u00b2", "9" * 5000, "\u0663", "\0", "-1", "")
        for path in PAGES:
            with self.subTest(script=path.stem), Running(path, os.path.join(self.folder, path.stem)) as script:
                for value in odd:
                    for action in ("remove_", "remove_stop_", "remove_shift_", "add_"):
                        self.assertIn(script.request("POST", "/", {"action": action + value})[0], (303, 422), (action, value[:9]))
                    for form in ({"in_1": value, "minutes_1": value, "time_1": value}, {"flow_1": value}, {"stored": value}, {"directory": value, "top": value}):
                        self.assertIn(script.request("POST", "/", form)[0], (303, 422), (form, value[:9]))
                    self.assertEqual(script.request("GET", "/?column=" + urllib.parse.quote(value))[0], 200)
                _, _, errors = script.stop()
                self.assertNotIn("Traceback", errors)

    def test_state_only_below_data_dir(self):
        for path in PAGES:
            with self.subTest(path.stem):
                before = {entry: entry.stat().st_mtime for entry in path.parent.rglob("*")}
                with Running(path, self.folder) as script:
                    script.request("POST", "/", WALL)
                    script.stop()
                self.assertEqual(before, {entry: entry.stat().st_mtime for entry in path.parent.rglob("*")})

    def test_broken_saved_file_is_put_aside(self):
        # All samples load with the same lines: one kind of damage for each is enough.
        for path, content in zip(PAGES, itertools.cycle((b"{", b"[1]", b"\xff\xfe", b""))):
            with self.subTest(script=path.stem, content=content):
                state = self.write(f"{path.stem}.json", content)
                with Running(path, self.folder) as script:
                    self.assertEqual(script.request("GET", "/")[0], 200)
                    _, _, errors = script.stop()
                self.assertIn("put aside", errors)
                with open(state + ".broken", "rb") as file:
                    self.assertEqual(file.read(), content)


    def test_saved_values_of_another_kind_are_left(self):
        for path in PAGES:
            for content in (b'{"inputs": 5}', b'{"inputs": {"layers": null, "area": [], "case": {}, "top": null, "stored": []}}'):
                with self.subTest(script=path.stem, content=content):
                    self.write(f"{path.stem}.json", content)
                    with Running(path, self.folder) as script:
                        self.assertEqual(script.request("GET", "/")[0], 200)


class HeatTransfer(samples.FolderCase):
    path = page_of("heat_transfer")

    def test_calculation_is_shown_saved_and_loaded_again(self):
        with Running(self.path, self.folder) as script:
            self.assertEqual(script.request("POST", "/", WALL)[0], 303)
            page = script.request("GET", "/")[1]
            # 1/12 + 0.0015/14.9 + 0.08/0.037 + 1/8.5 = 2.3632 m²K/W
            self.assertIn("0.4231", page)
            self.assertIn("<svg", page)
            self.assertNotIn("Steel <b>", page)
            code, output, _ = script.stop()
        self.assertEqual(code, 0)
        self.assertIn("U = 0.4231", output)
        self.assertAlmostEqual(saved(self.folder, "heat_transfer.json")["result"]["u_value"], 1 / 2.3632, places=4)
        with Running(self.path, self.folder, language="fr") as script:
            self.assertIn("0,4231", script.request("GET", "/")[1])

    def test_bad_values_are_told_at_the_field_and_not_saved(self):
        with Running(self.path, self.folder) as script:
            status, page, _ = script.request("POST", "/", {**WALL, "area": "much", "layers.2.conductivity": "-1"})
            self.assertEqual(status, 422)
            self.assertIn('id="area-error">Enter a number', page)
            self.assertIn('value="much"', page)
            self.assertIn("Enter a value from 0.001 to 5000.", page)
            script.request("POST", "/", {**WALL, "layers.1.thickness_mm": "1e400"})
            script.request("POST", "/", {**WALL, "action": "add.layers", "layers.2.thickness_mm": ""})
        self.assertFalse(os.path.exists(os.path.join(self.folder, "heat_transfer.json")))

    def test_layers_are_added_and_removed(self):
        with Running(self.path, self.folder) as script:
            script.request("POST", "/", {**WALL, "action": "add.layers"})
            self.assertEqual(len(saved(self.folder, "heat_transfer.json")["inputs"]["layers"]), 3)
            script.request("POST", "/", {**WALL, "action": "remove.layers.1"})
            self.assertEqual([layer["name"] for layer in saved(self.folder, "heat_transfer.json")["inputs"]["layers"]], ["Wool"])

    def test_parameters_by_argument_and_file(self):
        layers = [{"name": "Cork", "thickness_mm": 40, "conductivity": 0.04}]
        with Running(self.path, self.folder, ["--inside_temperature=-30", "--layers=" + json.dumps(layers)]) as script:
            page = script.request("GET", "/")[1]
            self.assertIn('value="-30"', page)
            self.assertIn('value="Cork"', page)
        given = self.write("given.json", json.dumps({"inside_temperature": 77, "layers": layers}).encode())
        with Running(self.path, self.folder, environment={"SCRIPTSMANAGER_PARAMETERS": given}) as script:
            self.assertIn('value="77"', script.request("GET", "/")[1])
        with Running(self.path, self.folder, ["--layers=[{]", "--area=x"], environment={"SCRIPTSMANAGER_PARAMETERS": "/nonexistent"}) as script:
            self.assertEqual(script.request("GET", "/")[0], 200)

    def test_same_parameters_again_keep_what_was_edited_in_the_page(self):
        with Running(self.path, self.folder, ["--inside_temperature=50"]) as script:
            script.request("POST", "/", WALL)
        with Running(self.path, self.folder, ["--inside_temperature=50"]) as script:
            self.assertIn('name="inside_temperature" value="180"', script.request("GET", "/")[1])
        with Running(self.path, self.folder, ["--inside_temperature=60"]) as script:
            self.assertIn('name="inside_temperature" value="60"', script.request("GET", "/")[1])


class ThermalStress(samples.FolderCase):
    path = page_of("thermal_stress")

    def test_every_case(self):
        # By hand with E = 205 GPa, α = 12·10⁻⁶/K, ν = 0.29, ΔT = 50 K: EαΔT = 123 MPa;
        # /(1 − ν) = 173.2; half of it 86.62; the cylinder's formula at r = a gives
        # 123/(2·0.71·ln 1.6)·(1 − ln 1.6 − 2500/3900·(1 + 2.56)·ln 1.6) = −99.99.
        with Running(self.path, self.folder) as script:
            for case, expected in (("bar", "123"), ("plate", "173.2"), ("gradient", "86.62"), ("cylinder", "99.99")):
                with self.subTest(case):
                    self.assertEqual(script.request("POST", "/", {"case": case})[0], 303)
                    page = script.request("GET", "/")[1]
                    self.assertIn(f"<dd>{expected} <small>MPa", page)
            self.assertEqual(script.request("POST", "/", {"inner": "80", "outer": "50"})[0], 422)
            self.assertEqual(script.request("POST", "/", {"case": "sphere"})[0], 422)

    def test_material_parameter_fills_the_properties(self):
        with Running(self.path, self.folder, ["--material=aluminium_6061", "--case=plate"]) as script:
            page = script.request("GET", "/")[1]
            self.assertIn('<option value="aluminium_6061" selected>', page)
            self.assertIn('value="23.6"', page)

    def test_no_change_and_no_contact_have_a_page(self):
        with Running(self.path, self.folder) as script:
            for form in ({"case": "bar", "temperature_change": "0"}, {"case": "cylinder", "temperature_change": "0"}, {"case": "plate", "temperature_change": "0"}, {"case": "bar", "temperature_change": "-20", "gap": "1"}):
                self.assertEqual(script.request("POST", "/", form)[0], 303)
                self.assertEqual(script.request("GET", "/")[0], 200)
            self.assertIn("does not touch", script.request("GET", "/")[1])


class CsvSummary(samples.FolderCase):
    path = page_of("csv_summary")
    fields = {"delimiter": "auto", "max_rows": "1000", "header": "true"}

    def test_upload_is_described_and_kept(self):
        with Running(self.path, self.folder) as script:
            self.assertEqual(script.upload("..\\m<1>.csv", b"a,<b>\n1,2\n3,5\n", self.fields), 303)
            page = script.request("GET", "/")[1]
            self.assertIn("&lt;b&gt;", page)
            self.assertNotIn("<b>", page)
            self.assertIn("<svg", page)
            for column in ("0", "1", "99", "-1", "x"):
                self.assertEqual(script.request("GET", f"/?column={column}")[0], 200)
            _, output, _ = script.stop()
        self.assertIn("2 rows, 2 columns", output)
        self.assertTrue(os.path.isfile(os.path.join(self.folder, "m_1_.csv")))

    def test_file_of_the_project_and_parameter(self):
        self.write("mine.csv", b"v\n1\n2\n6\n")
        with Running(self.path, self.folder) as script:
            self.assertIn('<option value="mine.csv">', script.request("GET", "/")[1])
            self.assertEqual(script.request("POST", "/", {**self.fields, "stored": "mine.csv"})[0], 303)
            self.assertEqual(script.request("POST", "/", {**self.fields, "stored": "../mine.csv"})[0], 422)
            self.assertEqual(script.request("POST", "/", {**self.fields, "max_rows": "1"})[0], 422)
        sample = samples.GROUPS / "data_analysis/examples/default/filler_samples.csv"
        with Running(self.path, self.folder, [f"--file={sample}", "--header=true"]) as script:
            self.assertIn("volume_ml", script.request("GET", "/")[1])
        with Running(self.path, self.folder, ["--file=/nonexistent.csv"]) as script:
            self.assertIn("The file cannot be read", script.request("GET", "/")[1])

    def test_what_is_no_csv_is_told(self):
        with Running(self.path, self.folder) as script:
            self.assertEqual(script.upload("a.csv", b"\0\1\2", self.fields), 422)
            self.assertEqual(script.upload("a.csv", b"", self.fields), 422)


class DiskUse(samples.FolderCase):
    path = page_of("disk_use")

    def test_measures_and_shows(self):
        self.write("tree/big/data.bin", b"x" * 300000)
        self.write("tree/small/<i>.txt", b"x")
        tree, data = os.path.join(self.folder, "tree"), os.path.join(self.folder, "data")
        with Running(self.path, data) as script:
            self.assertEqual(script.request("POST", "/", {"directory": tree, "top": "10"})[0], 303)
            script.wait_until(lambda: not json.loads(script.request("GET", "/progress")[1])["running"])
            page = script.request("GET", "/")[1]
            self.assertIn("data.bin", page)
            self.assertIn("<svg", page)
            self.assertNotIn("<i>.txt", page)
            status, page, _ = script.request("POST", "/", {"directory": "/nonexistent", "top": "3"})
            self.assertEqual(status, 422)
            self.assertIn("does not exist", page)
            self.assertEqual(script.stop()[0], 0)
        with Running(self.path, data) as script:
            self.assertIn("data.bin", script.request("GET", "/")[1])

    def test_ends_at_once_in_the_middle_of_a_measurement(self):
        with Running(self.path, self.folder, ["--directory=/", "--one_file_system=false"]) as script:
            script.wait_until(lambda: json.loads(script.request("GET", "/progress")[1])["running"])
            began = time.monotonic()
            self.assertEqual(script.stop()[0], 0)
            self.assertLess(time.monotonic() - began, 5)


class LogCleaner(samples.FolderCase):
    path = next(path for path in samples.SCRIPTS if path.stem == "log_cleaner")

    def run_job(self, *parameters, language="en"):
        contract = ["--data-dir", os.path.join(self.folder, "data"), "--user-level", "developer", "--port", "0", "--project-id", "1", "--project-name", "p", "--theme", "light", "--language", language]
        return subprocess.run([sys.executable, str(self.path), *contract, *parameters], capture_output=True, text=True, encoding="utf-8", timeout=60)

    def old_files(self):
        long_ago = time.time() - 100 * 86400
        for name in ("logs/a.log", "logs/sub/b.log", "logs/keep.txt"):
            os.utime(self.write(name, b"x" * 10), (long_ago, long_ago))
        self.write("logs/new.log")
        outside = self.write("outside.log")
        os.utime(outside, (long_ago, long_ago))
        os.symlink(outside, os.path.join(self.folder, "logs/link.log"))
        os.symlink(self.folder, os.path.join(self.folder, "logs/loop"))
        return "--directory=" + os.path.join(self.folder, "logs")

    def left(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.folder) for folder, _, names in os.walk(os.path.join(self.folder, "logs")) for name in names)

    def test_reports_only_unless_told_otherwise(self):
        directory = self.old_files()
        before = self.left()
        for language in LANGUAGES:
            self.assertEqual(self.run_job(directory, language=language).returncode, 0)
        self.assertEqual(self.left(), before)
        report = saved(self.folder, "data/log_cleaner_report.json")
        self.assertEqual((report["found"], report["deleted"], report["bytes"]), (2, 0, 20))

    def test_deletes_what_matches_and_nothing_else(self):
        result = self.run_job(self.old_files(), "--dry_run=false")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.left(), ["logs/keep.txt", "logs/link.log", "logs/new.log"])
        self.assertTrue(os.path.exists(os.path.join(self.folder, "outside.log")))

    def test_not_recursive_and_reference_date(self):
        directory = self.old_files()
        self.run_job(directory, "--recursive=false", "--dry_run=false")
        self.assertIn("logs/sub/b.log", self.left())
        self.run_job(directory, "--reference_date=2001-01-01", "--dry_run=false")
        self.assertIn("logs/sub/b.log", self.left())

    def test_bad_parameters_end_with_2_and_touch_nothing(self):
        directory = self.old_files()
        before = self.left()
        for parameters in (
            [], ["--directory=/nonexistent"], [directory, "--dry_run=flase"], [directory, "--dry_run=false", "--older_than_days=0"], [directory, "--dry_run=false", "--older_than_days=-5"],
            [directory, "--pattern=../*"], [directory, "--reference_date=yesterday"], ["--directory=/", "--dry_run=false"], ["--directory=" + os.path.expanduser("~"), "--dry_run=false"],
        ):
            with self.subTest(parameters):
                result = self.run_job(*parameters)
                self.assertEqual(result.returncode, 2)
                self.assertNotEqual(result.stderr.strip(), "")
                self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(self.left(), before)

    def test_stops_cleanly_and_leaves_a_report(self):
        long_ago = time.time() - 100 * 86400
        for index in range(4000):
            os.utime(self.write(f"logs/{index}.log"), (long_ago, long_ago))
        process = subprocess.Popen(
            [sys.executable, str(self.path), "--data-dir", os.path.join(self.folder, "data"), "--directory=" + os.path.join(self.folder, "logs")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        # Wait for the first found file; the pipe is small, so the job then waits for us.
        for line in process.stdout:
            if "would delete" in line:
                break
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
        self.assertEqual((process.returncode, errors), (0, ""))
        self.assertIn("Stopped on request", output)
        self.assertTrue(saved(self.folder, "data/log_cleaner_report.json")["stopped"])


if __name__ == "__main__":
    unittest.main()
