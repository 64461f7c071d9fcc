"""Fin efficiency: its formulas against published values, its page (SDK-6)."""

import math
import os
import unittest

import samples
from samples import Running, saved

PATH = next(path for path in samples.PAGES if path.stem == "fin_efficiency")


def annular_by_volumes(m, inner, outer, parts=4000):
    """Efficiency of an annular fin from its heat balance in `parts` rings, without Bessel functions."""
    step = (outer - inner) / parts
    faces = [inner + step * index for index in range(parts + 1)]
    below, main, above, right = [0.0] * parts, [0.0] * parts, [0.0] * parts, [0.0] * parts
    for ring in range(parts):
        loss = m**2 * (faces[ring + 1] ** 2 - faces[ring] ** 2) / 2
        left = faces[ring] / (step / 2 if ring == 0 else step)
        far = 0.0 if ring == parts - 1 else faces[ring + 1] / step
        below[ring], above[ring], main[ring] = -left, -far, left + far + loss
        if ring == 0:
            right[0] = left
    for ring in range(1, parts):
        factor = below[ring] / main[ring - 1]
        main[ring] -= factor * above[ring - 1]
        right[ring] -= factor * right[ring - 1]
    excess = right[-1] / main[-1]
    for ring in range(parts - 2, -1, -1):
        excess = (right[ring] - above[ring] * excess) / main[ring]
    return inner * (1 - excess) / (step / 2) / (m**2 * (outer**2 - inner**2) / 2)


class Formulas(unittest.TestCase):
    script = samples.load("fin_efficiency")

    def test_bessel_functions(self):
        # Abramowitz & Stegun, Handbook of Mathematical Functions, chapter on Bessel functions.
        for order, x, first, second in (
            (0, 1, 1.2660658778, 0.4210244382), (1, 1, 0.5651591040, 0.6019072302),
            (0, 2, 2.2795853023, 0.1138938727), (1, 2, 1.5906368546, 0.1398658818),
        ):
            self.assertAlmostEqual(self.script.bessel_i(order, x) * math.exp(x), first, places=9)
            self.assertAlmostEqual(self.script.bessel_k(order, x) * math.exp(-x), second, places=9)

    def test_bessel_functions_keep_their_wronskian(self):
        # Wronskian of both: I0·K1 + I1·K0 = 1/x.
        i, k = self.script.bessel_i, self.script.bessel_k
        for x in (1e-4, 0.01, 0.5, 3, 30, 300, 5000):
            self.assertAlmostEqual((i(0, x) * k(1, x) + i(1, x) * k(0, x)) * x, 1, places=11)

    def test_very_long_rods(self):
        # Incropera et al., 7th ed., example of the very long rods:
        # 5 mm, h = 100, 100 °C in air of 25 °C: copper 8.3 W, aluminium 2024
        # 5.6 W, stainless steel 316 1.6 W.
        for conductivity, flow in ((398, 8.3), (180, 5.6), (14, 1.6)):
            result = self.script.fins("pin", 100, conductivity, 75, 2.0, 0.005)
            self.assertAlmostEqual(result["flow"], flow, delta=0.05)
            self.assertAlmostEqual(result["of_endless"], 1, places=9)

    def test_straight_fins_follow_the_table_of_tanh(self):
        # Abramowitz & Stegun, table of hyperbolic functions: tanh 0.5 = 0.4621171573,
        # tanh 1 = 0.7615941560, tanh 2 = 0.9640275801.
        for product, tanh in ((0.5, 0.4621171573), (1, 0.7615941560), (2, 0.9640275801)):
            # m = √(2h/(λt)) = 100/m with h = 50, λ = 10, t = 1 mm.
            result = self.script.fins("straight", 50, 10, 40, product / 100, 0.001, convective_tip=False)
            self.assertAlmostEqual(result["m"], 100, places=9)
            self.assertAlmostEqual(result["efficiency"], tanh / product, places=9)
            # The heat of the fin, from η and A = 2·w·L: 50 · 2 · L · 40 · η.
            self.assertAlmostEqual(result["flow"], 50 * 2 * product / 100 * 40 * tanh / product, places=7)

    def test_engine_cylinder(self):
        # Incropera et al., 7th ed., example of the engine cylinder:
        # A_f = 0.0105 m², A_t = 0.0716 m², 236 W without fins; with η = 0.95, read
        # from a chart, 690 W. The formula's η is larger.
        result = self.script.fins("annular", 50, 186, 200, 0.020, 0.006, 5, 0.030, tube=0.050)
        self.assertAlmostEqual(result["fin_area"], 5 * 0.0105, delta=5 * 0.00006)
        self.assertAlmostEqual(result["fin_area"] + result["bare_area"], 0.0716, delta=0.00005)
        self.assertAlmostEqual(result["flow_without"], 236, delta=0.5)
        total = result["fin_area"] + result["bare_area"]
        self.assertAlmostEqual(50 * total * (1 - result["fin_area"] / total * 0.05) * 200, 690, delta=1)
        self.assertAlmostEqual(result["total_flow"], 690, delta=0.03 * 690)
        self.assertAlmostEqual(result["efficiency"], annular_by_volumes(result["m"], 0.025, 0.048), places=6)

    def test_steam_tubes(self):
        # Çengel, Heat and Mass Transfer, 3rd ed., example of the steam
        # tubes: 3 and 6 cm, 2 mm thick, 200 fins in a metre, k = 180, h = 60,
        # 120 and 25 °C: 25.0 W a fin, 5320 W/m against 537 W/m.
        result = self.script.fins("annular", 60, 180, 95, 0.015, 0.002, 200, 0.005, tube=0.030)
        self.assertAlmostEqual(result["flow"], 25.0, delta=0.5)
        self.assertAlmostEqual(result["total_flow"], 5320, delta=0.02 * 5320)
        self.assertAlmostEqual(result["flow_without"], 537, delta=0.5)

    def test_annular_fin_against_its_heat_balance(self):
        for m, inner, outer in ((5, 0.01, 0.02), (80, 0.01, 0.03), (30, 0.1, 0.11), (200, 0.005, 0.05)):
            exact = self.script.annular_efficiency(m, inner, outer)
            self.assertAlmostEqual(exact / annular_by_volumes(m, inner, outer), 1, delta=2e-5)

    def test_annular_fin_of_a_wide_tube_is_straight(self):
        self.assertAlmostEqual(self.script.annular_efficiency(40, 100, 100.05), self.script.straight_efficiency(40, 0.05), delta=2e-4)

    def test_corrected_length_is_as_good_as_the_exact_tip(self):
        # The exact tip of Incropera et al.: M·(sinh mL + h/(mk)·cosh mL)/(cosh mL + h/(mk)·sinh mL);
        # the correction is negligible for h·t/k below 0.0625.
        h, k, thickness, length = 100, 20, 0.004, 0.03
        m = math.sqrt(2 * h / (k * thickness))
        tip = h / (m * k)
        exact = k * thickness * m * (math.sinh(m * length) + tip * math.cosh(m * length)) / (math.cosh(m * length) + tip * math.sinh(m * length))
        self.assertAlmostEqual(self.script.fins("straight", h, k, 1, length, thickness)["flow"] / exact, 1, delta=0.005)

    def test_profile_carries_the_heat(self):
        for kind in ("straight", "pin", "annular"):
            one = self.script.fins(kind, 60, 30, 50, 0.03, 0.002, tube=0.02, convective_tip=False)
            if kind == "annular":
                shares = [self.script.annular_profile(one["m"], 0.01, 0.04, 0.01 + x) for x in (0, 1e-6)]
                foot = 2 * math.pi * 0.01 * 0.002
            else:
                shares = [self.script.straight_profile(one["m"], 0.03, x) for x in (0, 1e-6)]
                foot = 0.002 if kind == "straight" else math.pi * 0.001**2
            self.assertAlmostEqual(shares[0], 1, places=12)
            self.assertAlmostEqual(30 * foot * 50 * (shares[0] - shares[1]) / 1e-6 / one["flow"], 1, delta=1e-3)

    def test_extremes_have_a_result(self):
        for kind in ("straight", "pin", "annular"):
            for h, k, length, thickness in ((1e5, 0.001, 5, 1e-6), (0.1, 5000, 1e-4, 0.5), (1e5, 0.001, 1e-4, 0.5), (0.1, 5000, 5, 1e-6)):
                result = self.script.fins(kind, h, k, -3000, length, thickness, 3, 10, tube=1e-4)
                self.assertTrue(all(math.isfinite(value) for value in result.values()), result)
                self.assertTrue(0 < result["efficiency"] <= 1 + 1e-9)


class Page(samples.FolderCase):
    def test_every_kind(self):
        # By hand, straight: m = √(2·30/(200·0.0015)) = 14.142/m, L_c = 40.75 mm,
        # tanh(0.57629)/0.57629 = 0.51997/0.57629 = 90.23 %; pin: m = √(4·30/(200·0.005))
        # = 10.954/m, L_c = 41.25 mm, 0.42344/0.45187 = 93.71 %.
        annular = 100 * annular_by_volumes(math.sqrt(2 * 30 / (200 * 0.0015)), 0.0125, 0.0125 + 0.04075)
        with Running(PATH, self.folder) as script:
            for kind, expected in (("straight", 90.23), ("pin", 93.71), ("annular", annular)):
                with self.subTest(kind):
                    self.assertEqual(script.request("POST", "/", {"kind": kind})[0], 303)
                    page = script.request("GET", "/")[1]
                    self.assertEqual(page.count('<svg class="plot"'), 2)
                    result = saved(self.folder, "fin_efficiency.json")["result"]
                    self.assertAlmostEqual(100 * result["efficiency"], expected, delta=0.006)
                    self.assertIn(f"<dd>{100 * result['efficiency']:.4g} <small>%", page)

    def test_another_kind_leaves_the_fields_of_the_one_before(self):
        fields = {"straight": ("length", "thickness", "width"), "pin": ("length", "diameter"), "annular": ("tube_diameter", "length", "thickness")}
        with Running(PATH, self.folder) as script:
            for before in fields:
                for kind in fields:
                    with self.subTest(before=before, kind=kind):
                        self.assertEqual(script.request("POST", "/", {"kind": before})[0], 303)
                        # What a browser sends: the fields that are shown, as text.
                        shown = {name: "41" if name == "length" else "5" for name in fields[before]}
                        shown.update(kind=kind, action="kind", pitch="50", count="20")
                        self.assertEqual(script.request("POST", "/", shown)[0], 303)
                        self.assertEqual(script.request("GET", "/")[0], 200)
                        self.assertEqual(saved(self.folder, "fin_efficiency.json")["inputs"]["length"], 41)

    def test_bad_values_are_told_at_the_field_and_not_saved(self):
        with Running(PATH, self.folder, language="it") as script:
            for form, field in (
                ({"length": "much"}, "length"), ({"pitch": "1,5"}, "pitch"), ({"count": "2,5"}, "count"), ({"conductivity": "0"}, "conductivity"),
                ({"kind": "pin", "diameter": "9"}, "pitch"), ({"fluid_temperature": "80"}, "fluid_temperature"),
            ):
                with self.subTest(form):
                    status, page, _ = script.request("POST", "/", form)
                    self.assertEqual(status, 422)
                    self.assertIn(f'id="{field}-error"', page)
            self.assertEqual(script.request("POST", "/", {"kind": "cone"})[0], 422)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "fin_efficiency.json")))

    def test_kept_in_the_project(self):
        with Running(PATH, self.folder, ["--kind=annular", "--length=20"]) as script:
            self.assertEqual(script.request("POST", "/", {"length": "25,5"})[0], 303)
        with Running(PATH, self.folder, ["--kind=annular", "--length=20"], language="fr") as script:
            page = script.request("GET", "/")[1]
            self.assertIn('name="length" value="25,5"', page)
            self.assertIn('<option value="annular" selected>', page)


if __name__ == "__main__":
    unittest.main()
