"""Tests of flamegraph.py: python3 perf/flamegraph_test.py"""

import io
import unittest
import xml.etree.ElementTree as ElementTree

import flamegraph

SCRIPT = """\
comet-server   123  4230.343419:    1001001 cpu-clock:
\tffffffff82200809 tcp_sendmsg+0x19 ([kernel.kallsyms])
\t          10aba4 __send+0x64 (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t           1aba4 std::vector<int, (anonymous namespace)::Pool>::grow(int) const+0x4 (/bin/comet-server (deleted))

comet-server   123/124 [001]  4230.350621:    1001001 cycles:u:
\t          10a974 [unknown] (/usr/lib/libc.so.6)

"""
FOLDED_SCRIPT = {
    "comet-server;std::vector::grow;__send;tcp_sendmsg_[k]": 1,
    "comet-server;[libc.so.6]": 1,
}


class Folding(unittest.TestCase):
    def test_script_becomes_stacks_from_the_outside_in(self):
        self.assertEqual(flamegraph.read_profile(io.StringIO(SCRIPT)), FOLDED_SCRIPT)

    def test_a_last_sample_without_an_empty_line_counts(self):
        self.assertEqual(flamegraph.read_profile(io.StringIO(SCRIPT.rstrip("\n"))), FOLDED_SCRIPT)

    def test_folded_stacks_are_taken_as_they_are_and_added_up(self):
        lines = io.StringIO("a;b c 2\na;b c 3\n\na 1\n")
        self.assertEqual(flamegraph.read_profile(lines), {"a;b c": 5, "a": 1})

    def test_a_broken_folded_line_is_named(self):
        with self.assertRaisesRegex(ValueError, "line 2 .*nonsense"):
            flamegraph.read_profile(io.StringIO("a;b 2\nnonsense\n"))

    def test_nothing_gives_nothing(self):
        self.assertEqual(flamegraph.read_profile(io.StringIO("")), {})

    def test_names_lose_parameters_but_not_operators(self):
        self.assertEqual(flamegraph.without_parameters("a::b<c<d>>::e(f (*)(g)) const"), "a::b::e")
        self.assertEqual(flamegraph.without_parameters("x::operator()(int)"), "x::operator()(int)")


class Drawing(unittest.TestCase):
    def test_widths_are_shares_and_the_picture_is_whole_xml(self):
        picture = flamegraph.draw({"main;<b>": 3, "main;c_[k]": 1}, "a & b", "")
        root = ElementTree.fromstring(picture)
        space = "{http://www.w3.org/2000/svg}"
        hints = {}
        for group in root.iter(space + "g"):
            title = group.find(space + "title")
            if title is not None:
                hints[title.text] = float(group.find(space + "rect").get("width"))
        whole = hints["main: 4 samples, 100.00%"]
        self.assertAlmostEqual(hints["<b>: 3 samples, 75.00%"] / whole, 0.75, places=2)
        self.assertAlmostEqual(hints["c (kernel): 1 samples, 25.00%"] / whole, 0.25, places=2)

    def test_frames_too_thin_to_see_are_left_out(self):
        picture = flamegraph.draw({"wide": 1_000_000, "thin": 1}, "", "")
        self.assertIn("wide", picture)
        self.assertNotIn("thin", picture)


if __name__ == "__main__":
    unittest.main()
