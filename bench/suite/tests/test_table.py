import unittest

from suite import figures, table
from suite.figures import Bound, Target


class Numbers(unittest.TestCase):
    def test_have_three_significant_digits(self):
        for value, text in ((None, "–"), (0, "0"), (0.01234, "0.0123"), (0.0998, "0.0998"),
                            (0.09996, "0.100"), (0.25, "0.250"), (1.234, "1.23"), (9.994, "9.99"),
                            (9.996, "10.0"), (99.94, "99.9"), (99.96, "100"), (1234.5, "1 234"),
                            (4_000_000, "4 000 000"), (-2.5, "-2.50")):
            self.assertEqual(table.number(value), text, value)


class Rendering(unittest.TestCase):
    def test_columns_are_aligned_and_bars_escaped(self):
        text = table.render(("a", "long"), [("x|y", 1), ("zzzz", 22)])
        self.assertEqual(text.splitlines(), [
            "| a    | long |",
            "| ---- | ---: |",
            "| x/y  |    1 |",
            "| zzzz |   22 |"])

    def test_a_column_without_words_is_still_a_column(self):
        self.assertEqual(table.render(("a", ""), []).splitlines()[1], "| --- | --: |")

    def test_a_line_says_what_was_measured_against_what(self):
        target = Target("CPU per delivery", "x", "µs", Bound.RATIO, 1.1)
        runs = [{"result": {"x": value}, "complete": True, "error": None} for value in (2.0, 2.5)]
        outcome = figures.judge(target, "floor", runs[:1], runs[1:])
        self.assertEqual(table.outcome_row(outcome),
                         ("CPU per delivery", "floor 2.00 µs", "2.50 µs", "1.25", "1.25 – 1.25",
                          "≤ 1.10 × floor", "OVER"))

    def test_each_bound_says_its_limit(self):
        texts = [table.target_text(Target("", "", unit, bound, limit), "alone")
                 for unit, bound, limit in (("µs", Bound.RATIO, 1.1), ("B", Bound.AT_MOST, 128),
                                            ("M/s", Bound.AT_LEAST, 3.96),
                                            ("ms", Bound.ABOVE_BASELINE, 5))]
        self.assertEqual(texts, ["≤ 1.10 × alone", "≤ 128 B", "≥ 3.96 M/s", "≤ alone + 5.00 ms"])

    def test_an_incomplete_run_cannot_be_overlooked(self):
        target = Target("w", "x", "B", Bound.AT_MOST, 5)
        run = {"result": {"x": 1, "publish": {"missing": 2}}, "complete": False, "error": None}
        row = table.outcome_row(figures.judge(target, "–", [], [run]))
        self.assertEqual(row[-1], "INCOMPLETE: server: 1 of 1 runs: 2 missing")


if __name__ == "__main__":
    unittest.main()
