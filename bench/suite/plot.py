"""Plots as SVG, written by hand: no library, and legible on light and on dark pages. Pure.

Colours stand in one style sheet at the top of each picture and follow the reader's preference; the
background is drawn, so that a page which knows only one of the two leaves nothing unreadable.
"""

import math
from xml.sax.saxutils import escape

from .figures import Bound
from .table import target_text, with_unit

STYLE = """
  svg { --page: #ffffff; --ink: #1d2125; --soft: #5c646c; --grid: #dfe3e6;
        --comet: #1f6fc4; --base: #7c848c; --over: #c8501e; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #14181c; --ink: #eceff1; --soft: #a2abb3; --grid: #323940;
          --comet: #5aa2ec; --base: #98a1a9; --over: #f08352; } }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
  .title { font-size: 16px; font-weight: 600; }
  .soft { fill: var(--soft); font-size: 12px; }
  .page { fill: var(--page); }
  .grid { stroke: var(--grid); }
  .one { stroke: var(--base); stroke-width: 1.5; }
  .target { stroke: var(--ink); stroke-width: 2; }
  .spread { stroke: var(--ink); stroke-width: 1.2; opacity: .65; }
  .comet { fill: var(--comet); } .base { fill: var(--base); } .over { fill: var(--over); }
  .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
  .line.comet { fill: none; stroke: var(--comet); } .line.base { fill: none; stroke: var(--base); }
"""


class Picture:
    """Elements in the order in which they are drawn."""

    def __init__(self, width, height, title, subtitle):
        self.width, self.height = width, height
        self.parts = []
        self.title = title
        self.rect(0, 0, width, height, "page")
        self.text(20, 30, title, "title")
        self.text(20, 50, subtitle, "soft")

    def rect(self, x, y, width, height, kind, radius=0):
        self.parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                          f'height="{height:.1f}" rx="{radius}"/>')

    def line(self, x1, y1, x2, y2, kind):
        self.parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
                          f'y2="{y2:.1f}"/>')

    def curve(self, points, kind):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline class="line {kind}" points="{where}"/>')

    def text(self, x, y, words, kind="", anchor="start"):
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def svg(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" role="img" '
                f'aria-label="{escape(self.title, {chr(34): "&quot;"})}">\n'
                f"<style>{STYLE}</style>\n" + "\n".join(self.parts) + "\n</svg>\n")


BARS_LEFT, BARS_RIGHT, ROW, BAR = 320, 620, 32, 16


def ratios(outcomes, subtitle):
    """Bars of what was measured, each with its target: ratios to a baseline, then plain bounds.

    A plain bound is drawn as a share of its target, as bytes and microseconds share no axis.
    """
    shown = [outcome for outcome in outcomes if outcome.measured is not None]
    relative = [o for o in shown if o.target.bound is Bound.RATIO and o.ratio is not None]
    plain = [o for o in shown if o.target.bound in (Bound.AT_MOST, Bound.AT_LEAST)]
    height = 80 + sum(60 + ROW * len(group) for group in (relative, plain) if group)
    picture = Picture(920, height, "comet-server against its targets", subtitle)
    top = 92
    if relative:
        top = _bars(picture, top, "times the baseline, which is the floor where nothing else is said; upright marks are targets",
                    [(o.target.what, o.ratio, o.target.limit, o.spread, o.verdict != "pass",
                      f"{o.ratio:.2f}  ({target_text(o.target, o.baseline_name)}){_spoken(o)}")
                     for o in relative], mark_one=True)
    if plain:
        _bars(picture, top, "share of the target",
              [(o.target.what, o.measured / o.target.limit, 1.0,
                tuple(end / o.target.limit for end in o.spread), o.verdict != "pass",
                f"{with_unit(o.measured, o.target.unit)}  ({target_text(o.target, '')}){_spoken(o)}")
               for o in plain], mark_one=False)
    return picture.svg()


def _spoken(outcome):
    """A verdict that colour alone must not carry."""
    return "" if outcome.verdict == "pass" else f"  {outcome.verdict}"


def _bars(picture, top, heading, rows, mark_one):
    largest = max(max(value, limit, spread[1]) for _, value, limit, spread, _, _ in rows)
    scale = (BARS_RIGHT - BARS_LEFT) / (largest * 1.04)
    bottom = top + ROW * len(rows)
    picture.text(20, top - 8, heading, "soft")
    step = 0.5 if largest < 4 else math.ceil(largest / 5)
    for tick in range(math.floor(largest * 1.04 / step) + 1):
        x = BARS_LEFT + tick * step * scale
        picture.line(x, top, x, bottom, "one" if mark_one and tick * step == 1 else "grid")
        picture.text(x, bottom + 16, f"{tick * step:g}", "soft", "middle")
    for index, (what, value, limit, spread, missed, says) in enumerate(rows):
        middle = top + ROW * (index + 0.5)
        picture.text(BARS_LEFT - 12, middle + 4, what, "", "end")
        picture.rect(BARS_LEFT, middle - BAR / 2, value * scale, BAR,
                     "over" if missed else "comet", 2)
        picture.line(BARS_LEFT + spread[0] * scale, middle, BARS_LEFT + spread[1] * scale, middle,
                     "spread")
        target_x = BARS_LEFT + limit * scale
        picture.line(target_x, middle - BAR / 2 - 4, target_x, middle + BAR / 2 + 4, "target")
        picture.text(BARS_RIGHT + 12, middle + 4, says, "over" if missed else "")
    return bottom + 60


LEFT, RIGHT, TOP, BOTTOM = 80, 740, 84, 400
NINES = ((0, "0 %"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %"), (5, "99.999 %"))


def latencies(curves, subtitle):
    """Latency by percentile, both logarithmic. `curves`: (name, colour class, points (nines, µs))."""
    picture = Picture(860, 450, "Latency from the intended send time to the subscriber", subtitle)
    curves = [curve for curve in curves if curve[2]]
    if not curves:
        picture.text(LEFT, (TOP + BOTTOM) / 2, "nothing was measured", "soft")
        return picture.svg()
    values = [value for _, _, points in curves for _, value in points]
    # Five nines of what thousands of messages brought is a handful of deliveries: enough.
    nines = min(5.0, max(point[0] for _, _, points in curves for point in points)) or 1.0
    low = math.floor(math.log10(max(1, min(values))))
    high = max(low + 1, math.ceil(math.log10(max(1, *values))))

    def place(point):
        share = (math.log10(max(1, point[1])) - low) / (high - low)
        return (LEFT + (RIGHT - LEFT) * point[0] / nines, BOTTOM - (BOTTOM - TOP) * share)

    for power in range(low, high + 1):
        _, y = place((0, 10 ** power))
        picture.line(LEFT, y, RIGHT, y, "grid")
        picture.text(LEFT - 10, y + 4, _duration(10 ** power), "soft", "end")
    for at, label in NINES:
        if at <= nines:
            x, _ = place((at, 1))
            picture.line(x, TOP, x, BOTTOM, "grid")
            picture.text(x, BOTTOM + 20, label, "soft", "middle")
    picture.text((LEFT + RIGHT) / 2, BOTTOM + 40, "percentile of all deliveries", "soft", "middle")
    ends = []
    for name, colour, points in curves:
        inside = [place(point) for point in points if point[0] <= nines]
        picture.curve(_thinned(inside), colour)
        ends.append([inside[-1][1], name, colour])
    for y, name, colour in _apart(sorted(ends), 18):
        picture.text(RIGHT + 10, y + 4, name, colour)
    return picture.svg()


def _thinned(points, least=1.5):
    """Without those that nobody could tell from their neighbours; the first and the last stay."""
    kept = points[:1]
    for point in points[1:]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= least:
            kept.append(point)
    return kept if kept[-1:] == points[-1:] else kept + points[-1:]


def _apart(ends, least):
    """Moves labels down until no two of them touch."""
    for before, after in zip(ends, ends[1:]):
        after[0] = max(after[0], before[0] + least)
    return ends


def _duration(microseconds):
    for size, unit in ((1_000_000, "s"), (1000, "ms")):
        if microseconds >= size:
            return f"{microseconds / size:g} {unit}"
    return f"{microseconds:g} µs"
