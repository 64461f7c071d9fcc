"""The formulas of the samples against published values (SDK-6)."""

import math
import os
import subprocess
import unittest

import samples


class CompositeWall(unittest.TestCase):
    wall = staticmethod(samples.load("heat_transfer").composite_wall)

    def test_single_pane_window(self):
        # Çengel, Heat and Mass Transfer, single-pane window: 266 W, −2.2 °C.
        result = self.wall(20, -10, 10, 40, [(0.008, 0.78)], 0.8 * 1.5)
        self.assertAlmostEqual(result["flow"], 266, delta=0.5)
        self.assertAlmostEqual(result["temperatures"][0], -2.2, delta=0.05)

    def test_double_pane_window(self):
        # Çengel, the next example, double-pane window: 69.2 W, 14.2 °C.
        result = self.wall(20, -10, 10, 40, [(0.004, 0.78), (0.010, 0.026), (0.004, 0.78)], 0.8 * 1.5)
        self.assertAlmostEqual(result["flow"], 69.2, delta=0.06)
        self.assertAlmostEqual(result["temperatures"][0], 14.2, delta=0.05)

    def test_same_flux_through_every_part(self):
        layers = [(0.015, 0.57), (0.2, 0.77), (0.1, 0.036)]
        result = self.wall(150, 25, 7.69, 25, layers)
        ends = [150, *result["temperatures"], 25]
        for resistance, warm, cold in zip(result["resistances"], ends, ends[1:]):
            self.assertAlmostEqual((warm - cold) / resistance, result["flux"], places=9)

    def test_heat_flows_inwards_when_outside_is_warmer(self):
        self.assertLess(self.wall(4, 30, 10, 25, [(0.1, 0.025)])["flux"], 0)


class ThermalStress(unittest.TestCase):
    script = samples.load("thermal_stress")

    def test_fixed_bar(self):
        # Hibbeler, Mechanics of Materials, thermal stress: A-36 bar, E = 29·10³ ksi,
        # α = 6.60·10⁻⁶/°F, heated from 60 to 120 °F: 11.5 ksi in compression.
        ksi = 6.894757e6
        stress = self.script.bar_stress(29e3 * ksi, 6.60e-6, 60, 0.6096, 0.0127**2)
        self.assertAlmostEqual(stress / ksi, -11.5, delta=0.05)

    def test_bar_with_gap_is_free_until_it_touches_and_is_never_pulled(self):
        bar = self.script.bar_stress
        self.assertEqual(bar(205e9, 12e-6, 15, 1.0, 5e-4, gap=0.0002), 0)
        self.assertEqual(bar(205e9, 12e-6, -80, 1.0, 5e-4, gap=0.0002), 0)
        self.assertLess(bar(205e9, 12e-6, 18, 1.0, 5e-4, gap=0.0002), 0)
        self.assertGreater(bar(205e9, 12e-6, -80, 1.0, 5e-4), 0)

    def test_support_as_stiff_as_the_bar_halves_the_stress(self):
        rigid = self.script.bar_stress(205e9, 12e-6, 50, 1.0, 5e-4)
        soft = self.script.bar_stress(205e9, 12e-6, 50, 1.0, 5e-4, stiffness=205e9 * 5e-4)
        self.assertAlmostEqual(soft / rigid, 0.5, places=12)

    def test_gradient_balances_and_is_half_of_the_held_plate(self):
        script = self.script
        hot, middle, cold = (script.gradient_stress(70e9, 23e-6, 0.33, 40, x) for x in (0, 0.5, 1))
        self.assertAlmostEqual(hot, script.plate_stress(70e9, 23e-6, 0.33, 40) / 2, delta=1)
        self.assertAlmostEqual(middle, 0, delta=1e-6)
        self.assertAlmostEqual(hot, -cold, delta=1)

    def test_thin_cylinder(self):
        # Timoshenko & Goodier, thermal stress in the long cylinder: for b/a = 1 + m
        # with small m the hoop stress is −C(1 + m/3) inside and C(1 − m/3) outside,
        # C = E·α·T/(2(1 − ν)).
        m, limit = 0.02, 200e9 * 12e-6 * 30 / (2 * 0.7)
        inside = self.script.cylinder_stress(200e9, 12e-6, 0.3, 30, 1, 1 + m, 1)[1]
        outside = self.script.cylinder_stress(200e9, 12e-6, 0.3, 30, 1, 1 + m, 1 + m)[1]
        self.assertAlmostEqual(inside / limit, -(1 + m / 3), delta=2e-4)
        self.assertAlmostEqual(outside / limit, 1 - m / 3, delta=2e-4)

    def test_thick_cylinder_is_in_equilibrium(self):
        def stress(radius):
            return self.script.cylinder_stress(193e9, 17.2e-6, 0.3, 50, 50.0, 80.0, radius)

        step = 1e-3
        for radius in (55.0, 62.5, 71.0):
            radial, hoop, axial = stress(radius)
            slope = (stress(radius + step)[0] - stress(radius - step)[0]) / (2 * step)
            self.assertAlmostEqual(slope, (hoop - radial) / radius, delta=abs(hoop) * 1e-6)
            self.assertAlmostEqual(axial, radial + hoop, delta=1)
        # Free ends: the axial stress has no resultant.
        parts = 20000
        radii = [50 + 30 * (index + 0.5) / parts for index in range(parts)]
        force = math.fsum(stress(radius)[2] * radius for radius in radii)
        scale = math.fsum(abs(stress(radius)[2]) * radius for radius in radii)
        self.assertLess(abs(force) / scale, 1e-7)
        self.assertAlmostEqual(stress(50.0)[0], 0)
        self.assertAlmostEqual(stress(80.0)[0], 0)

    def test_von_mises(self):
        self.assertAlmostEqual(self.script.von_mises(100, 0), 100)
        self.assertAlmostEqual(self.script.von_mises(50, -50), 50 * math.sqrt(3))
        self.assertAlmostEqual(self.script.von_mises(70, 70, 70), 0)


class Statistics(unittest.TestCase):
    script = samples.load("csv_summary")

    def test_nist_numerical_accuracy(self):
        # NIST Statistical Reference Datasets, univariate, NumAcc1 to NumAcc4:
        # certified mean and standard deviation.
        for name, values, mean, deviation in (
            ("NumAcc1", [10000001, 10000003, 10000002], 10000002, 1),
            ("NumAcc2", [1.2] + [1.1, 1.3] * 500, 1.2, 0.1),
            ("NumAcc3", [1000000.2] + [1000000.1, 1000000.3] * 500, 1000000.2, 0.1),
            ("NumAcc4", [10000000.2] + [10000000.1, 10000000.3] * 500, 10000000.2, 0.1),
        ):
            with self.subTest(name):
                got_mean, got_deviation = self.script.mean_and_deviation(values)
                self.assertAlmostEqual(got_mean / mean, 1, places=14)
                # The decimal data are rounded as they are read: eight digits remain.
                self.assertAlmostEqual(got_deviation / deviation, 1, places=7)

    def test_quantiles_as_in_r(self):
        # R: quantile(1:10) gives 1, 3.25, 5.5, 7.75, 10 (type 7).
        values = list(range(1, 11))
        self.assertEqual([self.script.quantile(values, share) for share in (0, 0.25, 0.5, 0.75, 1)], [1, 3.25, 5.5, 7.75, 10])
        self.assertEqual(self.script.quantile([7], 0.75), 7)

    def test_anscombe(self):
        # Anscombe, The American Statistician 27 (1973): x mean 9, variance 11;
        # y mean 7.50, variance 4.12 to 4.13.
        content = (samples.GROUPS / "data_analysis/examples/default/anscombe.csv").read_bytes()
        columns = {column["name"]: column for column in self.script.describe(content)["columns"]}
        for name in ("x", "x4"):
            self.assertAlmostEqual(columns[name]["mean"], 9)
            self.assertAlmostEqual(columns[name]["deviation"] ** 2, 11)
        for name in ("y1", "y2", "y3", "y4"):
            self.assertAlmostEqual(columns[name]["mean"], 7.50, delta=0.005)
            self.assertAlmostEqual(columns[name]["deviation"] ** 2, 4.125, delta=0.005)
        self.assertEqual((columns["x4"]["q1"], columns["x4"]["median"], columns["x4"]["q3"]), (8, 8, 8))

    def test_histogram_counts_every_value(self):
        for values in ([1.0], [2.0, 2.0], list(range(1000)), [0, 0, 0, 0, 1e9], [-1e-12, 1e-12]):
            edges, counts = self.script.histogram(sorted(values))
            self.assertEqual(sum(counts), len(values))
            self.assertEqual(len(edges), len(counts) + 1)
            self.assertLessEqual(len(counts), 60)


class CsvFiles(unittest.TestCase):
    script = samples.load("csv_summary")

    def test_formats(self):
        for name, content, delimiter, decimal, mean in (
            ("comma", b"a,b\n1.5,x\n2.5,y\n", "comma", ".", 2.0),
            ("European", "a;b\n1,5;x\n2,5;y\n".encode(), "semicolon", ",", 2.0),
            ("tab and CRLF", b"a\tb\r\n1.5\tx\r\n2.5\ty\r\n", "tab", ".", 2.0),
            ("bar", b"a|b\n1.5|x\n2.5|y\n", "pipe", ".", 2.0),
            ("UTF-8 with mark", b"\xef\xbb\xbfa,b\n1.5,\xc3\xa9\n2.5,y\n", "comma", ".", 2.0),
            ("UTF-16", "a,b\n1.5,é\n2.5,y\n".encode("utf-16"), "comma", ".", 2.0),
            ("Windows-1252", b"a,b\n1.5,\xe9\n2.5,y\n", "comma", ".", 2.0),
            ("quotes", b'a,b\n1.5,"x, y"\n2.5,"two\nlines"\n', "comma", ".", 2.0),
        ):
            with self.subTest(name):
                result = self.script.describe(content)
                self.assertEqual([column["name"] for column in result["columns"]], ["a", "b"])
                self.assertEqual((result["rows"], result["delimiter"], result["decimal"]), (2, delimiter, decimal))
                self.assertAlmostEqual(result["columns"][0]["mean"], mean)

    def test_types_and_missing(self):
        rows = ["i,n,b,d,t,e", "1,1.5,true,2026-01-02,x,", "NA,2,false,2026-02-03,,", "3,nan,yes,,z,"]
        columns = self.script.describe("\n".join(rows).encode())["columns"]
        self.assertEqual([column["type"] for column in columns], ["integer", "number", "boolean", "date", "text", "empty"])
        self.assertEqual([column["missing"] for column in columns], [1, 1, 0, 1, 1, 3])

    def test_one_stray_word_is_named(self):
        cells = "\n".join(["v", *map(str, range(30)), "overflow"])
        column = self.script.describe(cells.encode())["columns"][0]
        self.assertEqual((column["type"], column["stray"]), ("text", "overflow"))

    def test_cut_and_ragged_rows_are_told(self):
        result = self.script.describe(b"a,b\n" + b"1,2\n" * 50 + b"3\n", max_rows=51)
        self.assertEqual((result["rows"], result["cut"], result["ragged"]), (51, False, 1))
        self.assertTrue(self.script.describe(b"a,b\n" + b"1,2\n" * 50, max_rows=20)["cut"])

    def test_what_is_no_table_has_a_reason(self):
        for content, reason in ((b"", "err_empty"), (b"a,b\n", "err_empty"), (b"\x89PNG\r\n\0\0\0\r", "err_binary"), (b",".join([b"1"] * 600) + b"\n" * 2 + b"2", "err_columns")):
            with self.subTest(reason), self.assertRaisesRegex(ValueError, reason):
                self.script.describe(content)
                self.assertIn(reason, self.script.TEXTS)

    def test_uploaded_names_stay_in_the_folder(self):
        for name in ("../../etc/passwd", "..\\..\\boot.ini", "/abs/file.csv", ".hidden.csv", "", "a\0b.csv", "x" * 300 + ".csv"):
            safe = self.script.safe_name(name)
            self.assertRegex(safe, r"^[^./\\\0][^/\\\0]*\.(csv|txt|tsv)$")
            self.assertLessEqual(len(safe), 84)


class DiskUse(samples.FolderCase):
    script = samples.load("disk_use")

    def test_agrees_with_du(self):
        for index in range(40):
            self.write(f"tree/{index % 5}/{index % 3}/file{index}", os.urandom(1000 * index))
        os.link(os.path.join(self.folder, "tree/1/1/file31"), os.path.join(self.folder, "tree/again"))
        os.symlink("/usr", os.path.join(self.folder, "tree/link"))
        tree = os.path.join(self.folder, "tree")
        result = self.script.scan(tree)
        told = int(subprocess.run(["du", "-s", "-B1", tree], check=True, capture_output=True, text=True).stdout.split()[0])
        # du counts the starting folder itself too.
        self.assertEqual(result["total"] + os.lstat(tree).st_blocks * 512, told)
        self.assertEqual(result["files"], 41)  # 40 files and the link; the second name counts no more
        self.assertEqual(sum(size for _, size, _ in result["children"]) + result["direct"], result["total"])
        self.assertTrue(result["largest"][0][0].endswith("file39"))

    def test_patterns_are_left_out(self):
        self.write("keep/a.txt", b"x" * 9000)
        self.write("node_modules/b.txt", b"x" * 9000)
        self.write("c.tmp", b"x" * 9000)
        result = self.script.scan(self.folder, exclude=["node_modules", "*.tmp"])
        self.assertEqual((result["files"], [name for name, *_ in result["children"]]), (1, ["keep"]))

    def test_a_folder_that_cannot_be_read_is_named_and_skipped(self):
        self.write("good/a", b"x" * 9000)
        os.makedirs(os.path.join(self.folder, "gone"))

        def remove(_files, _size, path):
            # Vanishes between being listed and being read: fails for root too.
            if path.endswith("gone"):
                os.rmdir(path)

        result = self.script.scan(self.folder, progress=remove)
        self.assertEqual((result["unreadable"], result["files"]), (1, 1))
        self.assertTrue(result["problems"][0][0].endswith("gone"))

    def test_can_be_stopped(self):
        def stop(*_):
            raise self.script.Cancelled

        with self.assertRaises(self.script.Cancelled):
            self.script.scan(self.folder, progress=stop)

    def test_many_children_are_summed_as_others(self):
        for index in range(12):
            self.write(f"{index}/file", b"x" * 5000)
        result = self.script.scan(self.folder, top=5)
        self.assertEqual((len(result["children"]), result["others"][0]), (5, 7))
        self.assertEqual(sum(size for _, size, _ in result["children"]) + result["others"][1], result["total"])


if __name__ == "__main__":
    unittest.main()
