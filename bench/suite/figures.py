"""From runs to figures: medians, ratios, verdicts, percentile curves. Pure.

A run is a dictionary as it stands in results.json: `result` holds what was measured, `complete` says
whether every message arrived once and in order, `error` why there is no result.
"""

import dataclasses
import enum
import math
import statistics


class Bound(enum.Enum):
    """What a target's limit bounds."""

    RATIO = "at most this many times the baseline"
    AT_MOST = "at most this"
    AT_LEAST = "at least this"
    ABOVE_BASELINE = "at most this much more than the baseline"


@dataclasses.dataclass(frozen=True)
class Target:
    """One line of the table: `figure` is the path to it in a result, `scale` leads to `unit`."""

    what: str
    figure: str
    unit: str
    bound: Bound
    limit: float
    baseline_figure: str | None = None  # where the baseline's stands, if elsewhere
    scale: float = 1.0


@dataclasses.dataclass(frozen=True)
class Outcome:
    target: Target
    baseline_name: str
    baseline: float | None
    measured: float | None
    ratio: float | None
    spread: tuple[float, float] | None  # of the ratios of neighbouring runs, else of the figure
    verdict: str  # pass, over, incomplete, failed, skipped
    note: str = ""

    @property
    def met(self):
        return self.verdict in ("pass", "skipped")


def look_up(result, path):
    """The number at a path like latency_us/p99.9, or None where a part of it is missing."""
    for key in path.split("/"):
        if not isinstance(result, dict):
            return None
        result = result.get(key)
    return result


def median(values):
    present = [value for value in values if value is not None]
    return statistics.median(present) if present else None


def judge(target, baseline_name, baseline_runs, runs):
    """Holds the medians of alternating runs against the target.

    What was lost, repeated or swapped in any run, the baseline's too, spoils the comparison: that
    is no pass, however fast it was.
    """
    base_values = _values(baseline_runs, target.baseline_figure or target.figure, target.scale)
    values = _values(runs, target.figure, target.scale)
    base, measured = median(base_values), median(values)
    ratios = [value / other for value, other in zip(values, base_values)
              if value is not None and other]
    ratio = measured / base if measured is not None and base else None
    spread_of = ratios if target.bound is Bound.RATIO else [v for v in values if v is not None]
    spread = (min(spread_of), max(spread_of)) if spread_of else None
    verdict, note = _verdict(target, base, measured, ratio)
    for whose, some_runs in (("server", runs), (baseline_name, baseline_runs)):
        spoilt, why = _spoilt(some_runs)
        if spoilt:
            verdict, note = spoilt, f"{whose}: {why}"
            break
    return Outcome(target, baseline_name, base, measured, ratio, spread, verdict, note)


def skipped(target, baseline_name, why):
    return Outcome(target, baseline_name, None, None, None, None, "skipped", why)


def _values(runs, figure, scale):
    found = [look_up(run.get("result"), figure) for run in runs]
    return [None if value is None else value * scale for value in found]


def _verdict(target, base, measured, ratio):
    needs_base = target.bound in (Bound.RATIO, Bound.ABOVE_BASELINE)
    if measured is None or (needs_base and base is None) or (
            target.bound is Bound.RATIO and ratio is None):
        return "failed", "not measured"
    met = {
        Bound.RATIO: lambda: ratio <= target.limit,
        Bound.AT_MOST: lambda: measured <= target.limit,
        Bound.AT_LEAST: lambda: measured >= target.limit,
        Bound.ABOVE_BASELINE: lambda: measured - base <= target.limit,
    }[target.bound]()
    return ("pass" if met else "over"), ""


def _spoilt(runs):
    failed = [run for run in runs if run.get("error")]
    if failed:
        return "failed", f"{len(failed)} of {len(runs)} runs: {failed[0]['error'].splitlines()[0]}"
    incomplete = [run for run in runs if not run.get("complete")]
    if incomplete:
        return "incomplete", f"{len(incomplete)} of {len(runs)} runs: {_what_was_lost(incomplete)}"
    return None, ""


def _what_was_lost(runs):
    published = [run.get("result", {}).get("publish") or {} for run in runs]
    counts = {name: sum(part.get(name) or 0 for part in published)
              for name in ("missing", "repeated", "out_of_order", "closed")}
    named = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return ", ".join(named) or "the check of what arrived failed"


def merge_buckets(runs):
    """The latency histograms of several runs as one: sorted pairs of upper bound and count."""
    counts = {}
    for run in runs:
        for upper, count in look_up(run.get("result"), "latency_us/buckets") or []:
            counts[upper] = counts.get(upper, 0) + count
    return sorted(counts.items())


def percentile_curve(buckets):
    """Points (nines, value): nines = -log10(1 - share), so 99 % is 2 and 99.9 % is 3.

    A bucket stands at the middle of its last value's rank, which keeps the largest value finite.
    """
    total = sum(count for _, count in buckets)
    points, so_far = [], 0
    for upper, count in buckets:
        if not count:
            continue
        if not points:
            points.append((0.0, upper))
        so_far += count
        points.append((-math.log10(1 - (so_far - 0.5) / total), upper))
    return points
