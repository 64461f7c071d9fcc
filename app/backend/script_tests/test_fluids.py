"""Pump and pipeline: its formulas against published values, its page (SDK-6)."""

import json
import math
import os
import unittest

import samples
from samples import Running, saved

PATH = next(path for path in samples.PAGES if path.stem == "pump_pipeline")
FOOT, GALLON = 0.3048, 3.785411784e-3  # m, m³


def dynamic_viscosity(kelvin, density):
    """Pa·s of water. Source: IAPWS formulation 2008 for the viscosity, without the part near the critical point."""
    warm, dense = kelvin / 647.096, density / 322.0
    thin = 100 * math.sqrt(warm) / sum(h / warm**i for i, h in enumerate((1.67752, 2.20462, 0.6366564, -0.241605)))
    terms = (
        (0, 0, 5.20094e-1), (1, 0, 8.50895e-2), (2, 0, -1.08374), (3, 0, -2.89555e-1), (0, 1, 2.22531e-1), (1, 1, 9.99115e-1), (2, 1, 1.88797),
        (3, 1, 1.26613), (5, 1, 1.20573e-1), (0, 2, -2.81378e-1), (1, 2, -9.06851e-1), (2, 2, -7.72479e-1), (3, 2, -4.89837e-1), (4, 2, -2.57040e-1),
        (0, 3, 1.61913e-1), (1, 3, 2.57399e-1), (0, 4, -3.25372e-2), (3, 4, 6.98452e-2), (4, 5, 8.72102e-3), (3, 6, -4.35673e-3), (5, 6, -5.93264e-4),
    )
    return 1e-6 * thin * math.exp(dense * sum(h * (1 / warm - 1) ** i * (dense - 1) ** j for i, j, h in terms))


def saturation_pressure(kelvin):
    """kPa. Source: IAPWS-IF97, region 4."""
    n = (
        0.11670521452767e4, -0.72421316703206e6, -0.17073846940092e2, 0.12020824702470e5, -0.32325550322333e7,
        0.14915108613530e2, -0.48232657361591e4, 0.40511340542057e6, -0.23855557567849, 0.65017534844798e3,
    )
    x = kelvin + n[8] / (kelvin - n[9])
    a, b, c = x * x + n[0] * x + n[1], n[2] * x * x + n[3] * x + n[4], n[5] * x * x + n[6] * x + n[7]
    return 1000 * (2 * c / (-b + math.sqrt(b * b - 4 * a * c))) ** 4


def saturated_density(kelvin):
    """kg/m³ of the liquid. Source: IAPWS supplementary release on saturation properties, 1992."""
    tau = 1 - kelvin / 647.096
    terms = ((1.99274064, 1 / 3), (1.09965342, 2 / 3), (-0.510839303, 5 / 3), (-1.75493479, 16 / 3), (-45.5170352, 43 / 3), (-6.74694450e5, 110 / 3))
    return 322 * (1 + sum(b * tau**power for b, power in terms))


class Formulas(unittest.TestCase):
    script = samples.load("pump_pipeline")

    def test_colebrook_as_in_moodys_chart(self):
        # Çengel & Cimbala, Fluid Mechanics, 2nd ed., friction factors by
        # Colebrook at Re = 10⁶.
        for relative, factor in ((0.00001, 0.0119), (0.0001, 0.0134), (0.0005, 0.0172), (0.001, 0.0199), (0.005, 0.0305), (0.01, 0.0380), (0.05, 0.0716)):
            self.assertAlmostEqual(self.script.colebrook(1e6, relative), factor, delta=0.00006)

    def test_smooth_pipes(self):
        # White, Fluid Mechanics, 7th ed.: Prandtl's values for smooth pipes.
        for reynolds, factor in ((4e3, 0.0399), (1e4, 0.0309), (1e5, 0.0180), (1e6, 0.0116), (1e7, 0.0081), (1e8, 0.0059)):
            self.assertAlmostEqual(self.script.colebrook(reynolds, 0), factor, delta=0.00006)

    def test_colebrook_solves_its_own_equation(self):
        for reynolds in (4e3, 1e5, 1e9):
            for relative in (0, 1e-6, 1e-3, 0.05):
                root = 1 / math.sqrt(self.script.colebrook(reynolds, relative))
                self.assertAlmostEqual(root, -2 * math.log10(relative / 3.7 + 2.51 * root / reynolds), places=11)

    def test_colebrook_in_closed_form(self):
        # Solved for x = 1/√f by Lambert's W, x = W(t·e^u)/c − a/b with a = ε/(3.7 D),
        # b = 2.51/Re, c = ln 10/2, t = c/b, u = a·t; computed with 30 digits.
        for reynolds, relative, factor in (
            (5e3, 0, 0.037392727578), (5e3, 0.05, 0.0759477984827), (1e5, 0.001, 0.0221745359445),
            (1e6, 1e-4, 0.0134414376925), (1e7, 1e-5, 0.00899571174483), (1e8, 1e-4, 0.0119990505554),
        ):
            self.assertAlmostEqual(self.script.colebrook(reynolds, relative) / factor, 1, delta=1e-11)

    def test_colebrook_against_explicit_formulas(self):
        # S. E. Haaland, Journal of Fluids Engineering 105 (1983) 89: within 2 %.
        for reynolds in (4e3, 1e5, 1e8):
            for relative in (0, 1e-6, 1e-3, 0.05):
                root = -1.8 * math.log10((relative / 3.7) ** 1.11 + 6.9 / reynolds)
                self.assertAlmostEqual(self.script.colebrook(reynolds, relative) * root**2, 1, delta=0.021)
        # Fully rough, as at the right edge of Moody's chart: 1/√f = 1.14 − 2·log ε/D (von Kármán).
        for relative in (1e-4, 1e-3, 0.05):
            self.assertAlmostEqual(self.script.colebrook(1e10, relative) * (1.14 - 2 * math.log10(relative)) ** 2, 1, delta=0.003)

    def test_water_is_as_the_formulations_of_the_iapws_say(self):
        for celsius in (10, 20, 40, 60, 80):
            density, viscosity, pressure, _ = self.script.FLUIDS[f"water_{celsius}"]
            kelvin = celsius + 273.15
            self.assertAlmostEqual(density, saturated_density(kelvin), delta=0.06)
            self.assertAlmostEqual(viscosity, 1e6 * dynamic_viscosity(kelvin, density) / density, delta=0.00051)
            self.assertAlmostEqual(pressure / saturation_pressure(kelvin), 1, delta=3e-4)

    def test_the_formulations_give_their_own_check_values(self):
        self.assertAlmostEqual(dynamic_viscosity(298.15, 998) * 1e6, 889.735100, places=5)
        self.assertAlmostEqual(saturation_pressure(300), 3.53658941, places=7)
        self.assertAlmostEqual(saturated_density(273.16), 999.789, places=3)
        self.assertAlmostEqual(saturated_density(373.1243), 958.365, places=3)

    def test_laminar_and_between(self):
        self.assertAlmostEqual(self.script.friction_factor(640, 0.01), 0.1)
        self.assertAlmostEqual(self.script.friction_factor(2300, 0.01), 64 / 2300)
        self.assertAlmostEqual(self.script.friction_factor(2301, 0.01), 64 / 2300, delta=1e-4)
        self.assertAlmostEqual(self.script.friction_factor(3999, 0.01), self.script.colebrook(4000, 0.01), delta=1e-4)

    def test_cast_iron_pipe(self):
        # White, 7th ed., worked example: 200 ft of 6 in asphalted cast
        # iron (ε/d = 0.0008) at 6 ft/s, Re = 270 000: f = 0.02, read from the chart, loss 4.5 ft.
        diameter = 0.5 * FOOT
        loss = self.script.section_loss(6 * FOOT * math.pi * diameter**2 / 4, diameter, 200 * FOOT, 0.0008 * diameter, 0, 6 * FOOT * diameter / 270000)
        self.assertAlmostEqual(loss["reynolds"], 270000, delta=1)
        self.assertAlmostEqual(loss["factor"], 0.02, delta=0.0002)
        self.assertAlmostEqual(loss["friction"] / FOOT, 4.5, delta=0.07)

    def test_stainless_water_pipe(self):
        # Çengel & Cimbala, 2nd ed., head loss in a water pipe: 200 ft of
        # 2 in stainless steel (ε = 0.000007 ft), 0.2 ft³/s, ρ = 62.36 lbm/ft³,
        # μ = 7.536·10⁻⁴ lbm/(ft·s): V = 9.17 ft/s, Re = 126 400, f = 0.0174, 27.3 ft.
        loss = self.script.section_loss(0.2 * FOOT**3, FOOT / 6, 200 * FOOT, 7e-6 * FOOT, 0, 7.536e-4 / 62.36 * FOOT**2)
        self.assertAlmostEqual(loss["velocity"] / FOOT, 9.17, delta=0.005)
        self.assertAlmostEqual(loss["reynolds"], 126400, delta=150)
        self.assertAlmostEqual(loss["factor"], 0.0174, delta=0.00005)
        self.assertAlmostEqual(loss["friction"] / FOOT, 27.3, delta=0.06)

    def test_minor_losses(self):
        # ζ·v²/(2g) by hand: 2.5 · (2 m/s)²/(2 · 9.80665) = 0.50986 m.
        loss = self.script.section_loss(2 * math.pi * 0.1**2 / 4, 0.1, 0, 0, 2.5, 1e-6)
        self.assertAlmostEqual(loss["minor"], 0.50986, places=5)
        self.assertEqual(loss["friction"], 0)

    def test_operating_point(self):
        # White, 7th ed., the 32 in pump: H = 490 − 0.26 Q² ft against
        # 120 + 1.335 Q² ft, Q in 1000 gal/min: Q² = 370/1.595, Q = 15.2, H = 430 ft.
        flow, reason = self.script.operating_point(lambda q: 490 - 0.26 * q * q, lambda q: 120 + 1.335 * q * q, 0, 30)
        self.assertEqual(reason, "")
        self.assertAlmostEqual(flow, math.sqrt(370 / 1.595), places=9)
        self.assertAlmostEqual(flow, 15.2, delta=0.05)
        self.assertAlmostEqual(490 - 0.26 * flow**2, 430, delta=0.5)
        # The pipeline of it: 1500 ft of 16 in, f = 0.030: 1.335 Q² ft.
        velocity = 1000 * GALLON / 60 / (math.pi * (16 / 12 * FOOT) ** 2 / 4)
        self.assertAlmostEqual(0.030 * 1500 / (16 / 12) * velocity**2 / (2 * self.script.GRAVITY) / FOOT, 1.335, delta=0.003)

    def test_no_operating_point_has_a_reason(self):
        point = self.script.operating_point
        self.assertEqual(point(lambda q: 10 - q, lambda q: 20 + q, 0, 5), (None, "weak"))
        self.assertEqual(point(lambda q: 100 - q, lambda q: 20 + q, 0, 5), (None, "beyond"))
        # A curve that first rises meets the pipeline twice: the larger flow is stable.
        flow, _ = point(lambda q: 10 + 4 * q - q * q, lambda q: 11.0, 0, 5)
        self.assertAlmostEqual(flow, 2 + math.sqrt(3), places=9)

    def test_npsh(self):
        # White, 7th ed., where the 32 in pump may stand with 40 ft
        # required, 6 ft lost, 14.7 psia: 12.7 ft below the surface with water of
        # 60 °F (0.26 psia), 38.4 ft with 200 °F (11.52 psia, 60.1 lbf/ft³).
        psi = 6894.757
        for vapour, weight, level in ((0.26, 62.4, 12.7), (11.52, 60.1, 38.4)):
            density = weight * 4.4482216 / FOOT**3 / self.script.GRAVITY
            available = self.script.npsh_available(14.7 * psi, vapour * psi, density, level * FOOT, 6 * FOOT)
            self.assertAlmostEqual(available / FOOT, 40, delta=0.1)

    def test_curve_goes_through_its_points_without_waves(self):
        points = [(0, 32), (10, 31.8), (20, 31), (30, 29), (31, 10), (50, 9)]
        curve = self.script.curve_through(points)
        for x, y in points:
            self.assertAlmostEqual(curve(x), y, places=9)
        values = [curve(50 * index / 500) for index in range(501)]
        self.assertTrue(all(after <= before + 1e-9 for before, after in zip(values, values[1:])))
        self.assertAlmostEqual(self.script.curve_through([(0, 1), (2, 5)])(1), 3)


class Page(samples.FolderCase):
    def test_pump_meets_the_pipeline(self):
        script = samples.load("pump_pipeline")
        with Running(PATH, self.folder) as running:
            self.assertEqual(running.request("POST", "/", {})[0], 303)
            page = running.request("GET", "/")[1]
            _, output, errors = running.stop()
        self.assertEqual(errors, "")
        self.assertIn("Q = 46.89", output)
        self.assertEqual(page.count('<svg class="plot"'), 2)
        result = saved(self.folder, "pump_pipeline.json")["result"]
        # By hand at that flow: v = 46.885/3600/(π·0.0825²/4) = 2.436 m/s, v²/2g = 0.3026 m;
        # ζ = 6·0.3 + 0.2 + 2 + 1 = 5; L/D = 1454.5; f = 0.01904: 8.38 m and 1.51 m.
        self.assertAlmostEqual(result["parts"]["discharge"]["friction"], 0.01904 * 1454.5 * 0.3026, delta=0.01)
        self.assertAlmostEqual(result["parts"]["discharge"]["minor"], 5 * 0.3026, delta=0.001)
        pump = script.curve_through([(point["flow"], point["head"]) for point in script.PUMP])
        self.assertAlmostEqual(pump(result["flow"]), result["head"], places=6)
        self.assertAlmostEqual(result["head"], 12 + result["loss_head"], places=9)

    def test_bad_values_are_told_at_the_field_and_not_saved(self):
        with Running(PATH, self.folder, language="es") as script:
            for form, field in (
                ({"density": "heavy"}, "density"), ({"fittings.1.fitting": "bend", "fittings.1.zeta": "0,3", "fittings.1.suction": "1,5", "fittings.1.discharge": "0"}, "fittings.1.suction"), ({"discharge_diameter": "0"}, "discharge_diameter"),
                ({"pump.1.flow": "0", "pump.1.head": "30", "pump.2.flow": "0", "pump.2.head": "20"}, "pump.2.flow"),
                ({"pump.1.flow": "0", "pump.1.head": "30", "pump.1.npsh": "2", "pump.2.flow": "9", "pump.2.head": "20"}, "pump.2.npsh"),
            ):
                with self.subTest(form):
                    status, page, _ = script.request("POST", "/", form)
                    self.assertEqual(status, 422)
                    self.assertIn(f'id="{field}-error"', page)
            self.assertEqual(script.request("POST", "/", {"pump.1.flow": "0", "pump.1.head": "30"})[0], 422)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "pump_pipeline.json")))

    def test_what_boils_in_the_suction_pipe_is_shown_all_the_same(self):
        # Water at 80 °C drawn up 10 m: less than nothing is left of the suction head.
        with Running(PATH, self.folder) as script:
            self.assertEqual(script.request("POST", "/", {"suction_level": "-10", "density": "971.8", "vapour_pressure": "47.4"})[0], 303)
            status, page, _ = script.request("GET", "/")
            self.assertEqual(status, 200)
            self.assertEqual(page.count('<svg class="plot"'), 2)
        self.assertLess(saved(self.folder, "pump_pipeline.json")["result"]["npsh_available"], 0)

    def test_what_has_no_meaning_is_refused(self):
        with Running(PATH, self.folder) as script:
            for form, field in (
                ({"roughness": "18.5", "suction_diameter": "5"}, "roughness"), ({"roughness": "4.2"}, "roughness"),
                ({"pressure_difference": "-102"}, "pressure_difference"),
            ):
                with self.subTest(form):
                    status, page, _ = script.request("POST", "/", form)
                    self.assertEqual(status, 422)
                    self.assertIn(f'id="{field}-error"', page)
            self.assertEqual(script.request("POST", "/", {"roughness": "4.1", "pressure_difference": "-101"})[0], 303)

    def test_points_are_added_and_removed_and_may_lack_npsh(self):
        points = {f"pump.{index}.{key}": text for index, (flow, head) in enumerate((("0", "30"), ("20", "25,5"), ("40", "12")), 1) for key, text in (("flow", flow), ("head", head))}
        with Running(PATH, self.folder) as script:
            self.assertEqual(script.request("POST", "/", {**points, "action": "add.pump"})[0], 303)
            kept = saved(self.folder, "pump_pipeline.json")["inputs"]["pump"]
            self.assertEqual(kept[3], {"flow": 60, "head": 0, "npsh": None, "efficiency": None})
            self.assertEqual(script.request("GET", "/")[1].count('<svg class="plot"'), 1)
            self.assertEqual(script.request("POST", "/", {**points, "action": "remove.pump.2"})[0], 303)
            self.assertEqual([point["flow"] for point in saved(self.folder, "pump_pipeline.json")["inputs"]["pump"]], [0, 40])

    def test_fittings_count_with_the_coefficient_that_stands_beside_them(self):
        # 2 · 0.3 + 1 · 4.4 in the discharge pipe, nothing in the suction pipe.
        form = {f"fittings.{index}.{key}": value for index, row in enumerate((("bend", "0,3", "0", "2"), ("other", "4,4", "0", "1")), 1) for key, value in zip(("fitting", "zeta", "suction", "discharge"), row)}
        with Running(PATH, self.folder) as script:
            self.assertEqual(script.request("POST", "/", form)[0], 303)
        parts = saved(self.folder, "pump_pipeline.json")["result"]["parts"]
        self.assertEqual(parts["suction"]["minor"], 0)
        discharge = parts["discharge"]
        self.assertAlmostEqual(discharge["minor"], 5 * discharge["velocity"] ** 2 / (2 * 9.80665), places=9)

    def test_what_cannot_work_is_told(self):
        with Running(PATH, self.folder) as script:
            for form, words in (({"static_head": "60"}, "does not reach"), ({"static_head": "-20"}, "At the end of its curve"), ({"static_head": "12", "suction_level": "-7,5"}, "may cavitate")):
                self.assertEqual(script.request("POST", "/", form)[0], 303)
                page = script.request("GET", "/")[1]
                self.assertIn(words, page)
                self.assertIn("<svg", page)

    def test_curve_as_a_parameter(self):
        points = [{"flow": 0, "head": 40}, {"flow": 90, "head": 10}]
        with Running(PATH, self.folder, ["--pump=" + json.dumps(points), "--static_head=3"]) as script:
            page = script.request("GET", "/")[1]
            self.assertIn('name="pump.2.flow" value="90"', page)
            self.assertNotIn('name="pump.3.flow"', page)
        with Running(PATH, self.folder, ["--pump=[{]"], language="fr") as script:
            self.assertIn("illisible", script.request("GET", "/")[1])


if __name__ == "__main__":
    unittest.main()
