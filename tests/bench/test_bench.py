#!/usr/bin/python3
"""Tests how the benchmark handles its figures. Measures nothing."""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import bench
import figures
import table
from measure import MINIMUM, OURS, Added, Command, Contender, Limit, Measure, Ratio, Row
from processes import Failed

HERE = os.path.dirname(os.path.realpath(__file__))
CONTENDERS = (Contender(OURS, "ours"), Contender(MINIMUM, "minimum"), Command("socat", "socat"))


class Figures(unittest.TestCase):
    def test_median_leaves_out_rounds_without_a_figure(self):
        self.assertEqual(figures.median([3, None, 1, 2]), 2)
        self.assertIsNone(figures.median([None, None]))

    def test_the_spread_is_the_least_and_the_greatest_value(self):
        self.assertEqual(figures.spread([3, None, 1, 2]), (1, 3))
        self.assertIsNone(figures.spread([]))

    def test_a_ratio_compares_figures_of_the_same_round(self):
        self.assertEqual(figures.ratios([2, 4, None, 9], [1, 4, 5, None]), [2, 1])

    def test_a_ratio_to_infinity_is_zero(self):
        self.assertEqual(figures.ratios([1], [math.inf]), [0])
        self.assertEqual(figures.ratios([math.inf], [1]), [])

    def test_numbers_have_three_significant_digits(self):
        shown = {
            0: "0",
            0.04567: "0.0457",
            1.5: "1.5",
            12.345: "12.3",
            123.4: "123",
            100: "100",
            1234567: "1,234,567",
            -6.742: "-6.74",
            math.inf: "for ever",
        }
        for value, text in shown.items():
            self.assertEqual(figures.number(value), text)

    def test_an_empty_spread_is_not_shown(self):
        self.assertEqual(figures.with_spread([1, 3, 2]), "2 (1–3)")
        self.assertEqual(figures.with_spread([2, 2]), "2")
        self.assertEqual(figures.with_spread([None]), "failed")


class BuildOptions(unittest.TestCase):
    """tests/support/build_options.py, which tests/bench/run and tests/package use."""

    def has(self, options, *wanted):
        with tempfile.TemporaryDirectory() as build:
            os.mkdir(os.path.join(build, "meson-info"))
            path = os.path.join(build, "meson-info", "intro-buildoptions.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump([{"name": name, "value": value} for name, value in options.items()], file)
            script = os.path.join(HERE, "..", "support", "build_options.py")
            return subprocess.run([script, build, *wanted], check=False).returncode == 0

    def test_both_forms_of_b_sanitize_are_understood(self):
        for none in ("none", []):
            self.assertTrue(self.has({"b_sanitize": none}, "b_sanitize=none"))
        for some in ("address,undefined", ["address", "undefined"]):
            self.assertFalse(self.has({"b_sanitize": some}, "b_sanitize=none"))
            self.assertTrue(self.has({"b_sanitize": some}, "b_sanitize=address,undefined"))

    def test_each_option_has_to_match(self):
        options = {"buildtype": "release", "b_coverage": False}
        self.assertTrue(self.has(options, "buildtype=release", "b_coverage=false"))
        self.assertFalse(self.has(options, "buildtype=release", "b_coverage=true"))
        self.assertFalse(self.has(options, "buildtype=release", "tests=true"))


class Aims(unittest.TestCase):
    def test_a_ratio_is_judged_by_its_limit(self):
        rounds = {OURS: [12, 24], MINIMUM: [10, 20]}
        self.assertEqual(Ratio(MINIMUM, 1.2).judge(rounds, ""), ("1.2 × minimum (≤ 1.2)", True))
        self.assertEqual(Ratio(MINIMUM, 1).judge(rounds, ""), ("1.2 × minimum (≤ 1)", False))
        self.assertEqual(
            Ratio(MINIMUM, least=1.3).judge(rounds, ""), ("1.2 × minimum (≥ 1.3)", False)
        )

    def test_a_missing_contender_is_not_compared(self):
        self.assertIsNone(Ratio("socat", 1).judge({OURS: [1]}, ""))
        self.assertIsNone(Added("socat", 1).judge({OURS: [1]}, ""))

    def test_an_added_cost_is_judged_by_its_limit(self):
        rounds = {OURS: [5, 6], MINIMUM: [3, 3]}
        judged = Added(MINIMUM, 3).judge(rounds, "ms")
        self.assertEqual(judged, ("2.5 ms over minimum (≤ 3)", True))

    def test_a_value_is_judged_by_its_limit(self):
        self.assertEqual(Limit(2).judge({OURS: [3]}, "ms"), ("3 ms (≤ 2)", False))


class Table(unittest.TestCase):
    def test_a_row_has_each_contender_in_its_column(self):
        row = Row("p50", "median", "µs", Ratio(MINIMUM, 1.2), Ratio("socat", 1))
        rounds = {OURS: [24, 26, 25], MINIMUM: [20, 20, 20], "socat": [None, 20, 30]}
        self.assertEqual(
            table.cells(row, CONTENDERS, rounds),
            (
                "median, µs",
                "25 (24–26)",
                "20",
                "socat 25 (20–30)",
                "**short** 1.25 × minimum (≤ 1.2), **short** 1.07 × socat (≤ 1)",
            ),
        )

    def test_a_contender_without_a_figure_is_shown_as_a_dash(self):
        cells = table.cells(Row("size", "size", ""), CONTENDERS, {OURS: [1], "socat": [None]})
        self.assertEqual(cells, ("size", "1", "–", "–", "–"))

    def test_each_line_has_the_same_columns(self):
        row = Row("size", "size", "", Limit(3))
        lines = table.table([(row, CONTENDERS, {OURS: [1]})] * 2).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual({line.count("|") for line in lines}, {6})


class OneRow(Measure):
    """A measure that fails, or is stopped, in its second round."""

    rows = (Row("size", "size", ""),)
    contenders = (Contender(OURS, "ours"),)

    def __init__(self, failure=None):
        self.failure = failure
        self.done = 0

    def run(self, _bench, _contender):
        self.done += 1
        if self.failure and self.done == 2:
            raise self.failure
        return {"size": self.done}


class FakeBench:
    quick = False
    left_out = ()
    say = staticmethod(lambda _text: None)

    def pick(self, full, quick):
        return quick if self.quick else full

    def leave_out(self, *words):
        self.left_out += (words,)


class Runs(unittest.TestCase):
    def setUp(self):
        self.bench = FakeBench()
        bench.say = lambda _text: None

    def figures(self, measures):
        rows, status = bench.run_measures(self.bench, measures, list(measures))
        return {name: figures[OURS] for name, _, _, figures in rows}, status

    def test_all_rounds_are_recorded(self):
        self.assertEqual(self.figures({"one": OneRow()}), ({"one": [1, 2, 3, 4, 5]}, 0))

    def test_a_failure_keeps_earlier_rounds_and_later_measures(self):
        measures = {"one": OneRow(Failed("no")), "two": OneRow()}
        self.assertEqual(self.figures(measures), ({"one": [1], "two": [1, 2, 3, 4, 5]}, 1))
        self.assertEqual(self.bench.left_out, (("one", "no"),))

    def test_a_signal_keeps_results_and_names_skipped_measures(self):
        stopped = bench.Stopped(signal.SIGTERM)
        measures = {"one": OneRow(), "two": OneRow(stopped), "three": OneRow()}
        self.assertEqual(self.figures(measures), ({"one": [1, 2, 3, 4, 5], "two": [1]}, 143))
        self.assertEqual(
            self.bench.left_out,
            (
                ("two", "stopped by SIGTERM before its last round"),
                ("three", "not measured, stopped by SIGTERM"),
            ),
        )

    def test_an_only_by_name_measure_runs_only_if_named(self):
        by_name = OneRow()
        by_name.only_by_name = True
        measures = {"one": OneRow(), "two": by_name}
        self.assertEqual(bench.wanted(self.bench, measures, []), ["one"])
        self.assertEqual(self.bench.left_out, (("two", "runs only if it is named"),))
        self.assertEqual(bench.wanted(self.bench, measures, ["two"]), ["two"])


class Measures(unittest.TestCase):
    def test_the_list_contains_each_measure_file(self):
        result = subprocess.run(
            [os.path.join(HERE, "run"), "--list"], capture_output=True, text=True, check=True
        )
        listed = {line.split()[0] for line in result.stdout.splitlines()}
        files = os.listdir(os.path.join(HERE, "measures"))
        self.assertEqual(listed, {f.removesuffix(".py") for f in files if f.endswith(".py")})

    def test_an_unknown_measure_is_refused(self):
        result = subprocess.run(
            [sys.executable, os.path.join(HERE, "bench.py"), "nothing"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no measure nothing", result.stderr)


unittest.main()
