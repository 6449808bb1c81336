import math
import unittest

from suite import figures
from suite.figures import Bound, Target


def run_of(value, complete=True, error=None, **publish):
    result = None if error else {"x": value, "publish": publish or None}
    return {"result": result, "complete": complete, "error": error}


def target(bound, limit, **more):
    return Target("what", "x", "µs", bound, limit, **more)


class LookUp(unittest.TestCase):
    def test_finds_keys_with_points_in_them(self):
        self.assertEqual(figures.look_up({"latency_us": {"p99.9": 7}}, "latency_us/p99.9"), 7)

    def test_is_none_where_a_part_is_missing_or_null(self):
        self.assertIsNone(figures.look_up({}, "a/b"))
        self.assertIsNone(figures.look_up({"a": None}, "a/b"))
        self.assertIsNone(figures.look_up(None, "a"))
        self.assertIsNone(figures.look_up({"a": 1}, "a/b"))


class Median(unittest.TestCase):
    def test_of_odd_and_even_counts(self):
        self.assertEqual(figures.median([3, 1, 2]), 2)
        self.assertEqual(figures.median([4, 1, 2, 3]), 2.5)

    def test_leaves_out_what_was_not_measured(self):
        self.assertEqual(figures.median([None, 5]), 5)
        self.assertIsNone(figures.median([None]))
        self.assertIsNone(figures.median([]))


class Judging(unittest.TestCase):
    def judge(self, bound, limit, base, measured, **more):
        return figures.judge(target(bound, limit, **more), "floor", [run_of(v) for v in base],
                             [run_of(v) for v in measured])

    def test_a_ratio_is_of_medians_and_its_spread_of_neighbours(self):
        outcome = self.judge(Bound.RATIO, 1.10, [2, 2, 4], [2, 2.2, 4])
        self.assertAlmostEqual(outcome.ratio, 1.1)
        self.assertEqual(outcome.spread, (1.0, 1.1))
        self.assertEqual(outcome.verdict, "pass")

    def test_the_limit_itself_passes_and_anything_beyond_does_not(self):
        for bound, within, beyond in ((Bound.RATIO, 3, 3.01), (Bound.AT_MOST, 1.5, 1.51),
                                      (Bound.AT_LEAST, 1.5, 1.49), (Bound.ABOVE_BASELINE, 3.5, 3.51)):
            self.assertEqual(self.judge(bound, 1.5, [2], [within]).verdict, "pass", bound)
            outcome = self.judge(bound, 1.5, [2], [beyond])
            self.assertEqual(outcome.verdict, "over", bound)
            self.assertFalse(outcome.met)

    def test_figures_are_scaled_to_the_unit(self):
        outcome = self.judge(Bound.ABOVE_BASELINE, 5, [1000], [7000], scale=1e-3)
        self.assertEqual((outcome.baseline, outcome.measured, outcome.verdict), (1, 7, "over"))

    def test_the_baseline_may_stand_elsewhere(self):
        outcome = figures.judge(target(Bound.RATIO, 1.3, baseline_figure="wrk/y"), "floor",
                                [{"result": {"wrk": {"y": 4}}, "complete": True, "error": None}],
                                [run_of(5)])
        self.assertEqual(outcome.ratio, 1.25)

    def test_what_was_not_measured_fails(self):
        self.assertEqual(self.judge(Bound.AT_MOST, 1, [], [None]).verdict, "failed")
        self.assertEqual(self.judge(Bound.RATIO, 1, [None], [1]).verdict, "failed")
        self.assertEqual(self.judge(Bound.RATIO, 1, [0], [1]).verdict, "failed")
        self.assertEqual(self.judge(Bound.AT_MOST, 1, [], []).verdict, "failed")

    def test_a_single_incomplete_run_spoils_a_pass(self):
        runs = [run_of(1), run_of(1, complete=False, missing=3, repeated=0, out_of_order=2)]
        outcome = figures.judge(target(Bound.RATIO, 2), "floor", [run_of(1)] * 2, runs)
        self.assertEqual(outcome.verdict, "incomplete")
        self.assertIn("1 of 2 runs: 3 missing, 2 out of order", outcome.note)
        self.assertFalse(outcome.met)

    def test_so_does_one_of_the_baseline(self):
        outcome = figures.judge(target(Bound.RATIO, 2), "floor", [run_of(1, complete=False)],
                                [run_of(1)])
        self.assertEqual(outcome.verdict, "incomplete")
        self.assertTrue(outcome.note.startswith("floor:"))

    def test_a_failed_run_is_told_before_an_incomplete_one(self):
        runs = [run_of(1, complete=False), run_of(None, complete=False, error="gone\nlong ago")]
        outcome = figures.judge(target(Bound.AT_MOST, 2), "–", [], runs)
        self.assertEqual((outcome.verdict, outcome.note), ("failed", "server: 1 of 2 runs: gone"))

    def test_skipping_is_no_failure_and_no_pass(self):
        outcome = figures.skipped(target(Bound.AT_MOST, 2), "–", "one core")
        self.assertTrue(outcome.met)
        self.assertEqual(outcome.verdict, "skipped")


class Percentiles(unittest.TestCase):
    def test_histograms_of_several_runs_are_added(self):
        runs = [{"result": {"latency_us": {"buckets": [[10, 1], [20, 2]]}}},
                {"result": {"latency_us": {"buckets": [[5, 4], [20, 3]]}}}, {"result": None}]
        self.assertEqual(figures.merge_buckets(runs), [(5, 4), (10, 1), (20, 5)])

    def test_the_curve_never_falls_and_ends_at_the_largest(self):
        curve = figures.percentile_curve([(10, 900), (15, 0), (20, 90), (30, 9), (40, 1)])
        self.assertEqual([value for _, value in curve], [10, 10, 20, 30, 40])
        places = [place for place, _ in curve]
        self.assertEqual(places, sorted(places))
        self.assertEqual(places[0], 0)
        self.assertTrue(math.isfinite(places[-1]))

    def test_99_of_100_is_about_two_nines(self):
        curve = figures.percentile_curve([(1, 990_000), (2, 10_000)])
        self.assertAlmostEqual(curve[1][0], 2, places=3)

    def test_of_nothing_is_empty(self):
        self.assertEqual(figures.percentile_curve([]), [])


if __name__ == "__main__":
    unittest.main()
