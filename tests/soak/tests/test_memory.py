"""Memory that grows is told from memory that is flat."""

import unittest

from tests.soak.memory import Series


def series(size_at, seconds=300):
    made = Series()
    for second in range(seconds):
        made.add(float(second), size_at(second))
    return made


def growth(size_at, *, allowance=0):
    return series(size_at).growth(ratio=0.05, allowance=allowance)


class GrowthTest(unittest.TestCase):

    def test_flat_memory_is_flat(self):
        self.assertIsNone(growth(lambda second: 50_000_000))

    def test_what_the_first_third_takes_does_not_count(self):
        self.assertIsNone(growth(lambda second: min(second, 90) * 1_000_000))

    def test_noise_and_short_peaks_do_not_count(self):
        self.assertIsNone(growth(lambda second: 50_000_000 + 80_000_000 * (second % 10 == 0)))

    def test_a_leak_is_found(self):
        self.assertRegex(growth(lambda second: 50_000_000 + second * 100_000), "memory grows: 75.0 MB")

    def test_the_bound_is_a_share_and_an_allowance(self):
        middle = 100_000_000
        most = 105_000_000 + 7
        for last, is_growth in ((most, False), (most + 1, True)):
            grown = growth(lambda second, last=last: last if second >= 200 else middle, allowance=7)
            self.assertEqual(grown is not None, is_growth, last)

    def test_memory_that_shrinks_is_flat(self):
        self.assertIsNone(growth(lambda second: 50_000_000 - second * 100_000))

    def test_one_sample_is_flat(self):
        self.assertIsNone(series(lambda second: 1, seconds=1).growth(ratio=0, allowance=0))


class RenderingTest(unittest.TestCase):

    def test_the_table_has_a_line_for_each_sample(self):
        self.assertEqual(series(lambda second: 7, seconds=2).csv(), "second,bytes\n0.00,7\n1.00,7\n")

    def test_the_picture_has_a_point_for_each_sample(self):
        svg = series(lambda second: 7_000_000, seconds=4).svg("resident memory")
        points = svg.split('polyline points="')[1].split('"')[0]
        self.assertEqual(len(points.split(" ")), 4)
        self.assertIn("resident memory", svg)


if __name__ == "__main__":
    unittest.main()
