import unittest
import xml.etree.ElementTree as xml

from suite import figures, plot
from suite.figures import Bound, Target

NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def outcome(bound, limit, base, value, what="what <&>"):
    runs = [{"result": {"x": number}, "complete": True, "error": None} for number in (base, value)]
    return figures.judge(Target(what, "x", "B", bound, limit), "floor", runs[:1], runs[1:])


def elements(svg, name, kind):
    return [element for element in xml.fromstring(svg).iterfind(f".//svg:{name}", NAMESPACE)
            if kind in element.get("class", "").split()]


class Ratios(unittest.TestCase):
    def test_a_bar_for_each_measured_line_in_the_colour_of_its_verdict(self):
        svg = plot.ratios([outcome(Bound.RATIO, 1.1, 1, 1.0), outcome(Bound.RATIO, 1.1, 1, 2.0),
                           outcome(Bound.AT_MOST, 128, 1, 64),
                           figures.skipped(Target("w", "x", "B", Bound.RATIO, 1), "floor", "why")],
                          "here")
        self.assertEqual(len(elements(svg, "rect", "comet")), 2)
        self.assertEqual(len(elements(svg, "rect", "over")), 1)
        self.assertEqual(len(elements(svg, "line", "target")), 3)

    def test_a_missed_target_is_said_in_words_too(self):
        svg = plot.ratios([outcome(Bound.RATIO, 1.1, 1, 2.0)], "")
        (label,) = elements(svg, "text", "over")
        self.assertTrue(label.text.endswith("over"), label.text)

    def test_lengths_are_proportional(self):
        svg = plot.ratios([outcome(Bound.RATIO, 9, 1, 1), outcome(Bound.RATIO, 9, 1, 3)], "")
        short, long = (float(bar.get("width")) for bar in elements(svg, "rect", "comet"))
        self.assertAlmostEqual(long / short, 3, places=1)

    def test_nothing_measured_is_still_a_picture(self):
        xml.fromstring(plot.ratios([], "nothing"))

    def test_stays_inside_the_page(self):
        svg = plot.ratios([outcome(Bound.RATIO, 1.1, 1, 7.3), outcome(Bound.AT_MOST, 5, 1, 20)], "")
        bottom = float(xml.fromstring(svg).get("height"))
        for element in xml.fromstring(svg).iterfind(".//svg:text", NAMESPACE):
            self.assertLess(float(element.get("y")), bottom)


class Latencies(unittest.TestCase):
    def test_each_curve_rises_from_left_to_right_and_has_a_name(self):
        points = figures.percentile_curve([(50, 900), (200, 99), (5000, 1)])
        svg = plot.latencies([("floor", "base", points), ("comet", "comet", points)], "")
        for kind, name in (("base", "floor"), ("comet", "comet")):
            (line,) = elements(svg, "polyline", kind)
            places = [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
            self.assertEqual(places, sorted(places, key=lambda place: (place[0], -place[1])))
            (label,) = elements(svg, "text", kind)
            self.assertEqual(label.text, name)

    def test_labels_of_equal_curves_do_not_touch(self):
        points = figures.percentile_curve([(50, 10)])
        svg = plot.latencies([("a", "base", points), ("b", "comet", points)], "")
        (first,), (second,) = elements(svg, "text", "base"), elements(svg, "text", "comet")
        self.assertGreaterEqual(abs(float(first.get("y")) - float(second.get("y"))), 18)

    def test_without_curves_it_says_so(self):
        self.assertIn("nothing was measured", plot.latencies([("floor", "base", [])], ""))


class Thinning(unittest.TestCase):
    def test_points_that_look_the_same_are_left_out_but_the_ends_stay(self):
        line = [(x / 10, x / 20) for x in range(1000)]
        kept = plot._thinned(line)
        self.assertLess(len(kept), 80)
        self.assertEqual((kept[0], kept[-1]), (line[0], line[-1]))

    def test_few_points_all_stay(self):
        for points in ([], [(0, 0)], [(0, 0), (5, 5), (9, 0)]):
            self.assertEqual(plot._thinned(points), points)


if __name__ == "__main__":
    unittest.main()
