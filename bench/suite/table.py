"""The results as a table: aligned for a terminal, and Markdown for a page. Pure."""

from .figures import Bound

VERDICTS = {"pass": "pass", "over": "OVER", "incomplete": "INCOMPLETE", "failed": "FAILED",
            "skipped": "skipped"}
HEADINGS = ("what", "baseline", "comet", "ratio", "lowest–highest", "target", "verdict")


def number(value):
    """Three significant digits, never an exponent; long whole numbers in groups of three."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 99.95:
        return f"{value:,.0f}".replace(",", " ")
    for threshold, digits in ((9.995, 1), (0.9995, 2), (0.09995, 3)):
        if size >= threshold:
            return f"{value:.{digits}f}"
    return f"{value:.4f}"


def with_unit(value, unit):
    return number(value) if value is None or not unit else f"{number(value)} {unit}"


def target_text(target, baseline_name):
    limit = with_unit(target.limit, target.unit)
    return {
        Bound.RATIO: f"≤ {target.limit:.2f} × {baseline_name}",
        Bound.AT_MOST: f"≤ {limit}",
        Bound.AT_LEAST: f"≥ {limit}",
        Bound.ABOVE_BASELINE: f"≤ {baseline_name} + {limit}",
    }[target.bound]


def outcome_row(outcome):
    target = outcome.target
    unit = "" if target.bound is Bound.RATIO else target.unit
    spread = " – ".join(number(end) for end in outcome.spread) if outcome.spread else "–"
    verdict = VERDICTS[outcome.verdict] + (f": {outcome.note}" if outcome.note else "")
    return (
        target.what,
        "–" if outcome.baseline is None
        else f"{outcome.baseline_name} {with_unit(outcome.baseline, target.unit)}",
        with_unit(outcome.measured, target.unit),
        "–" if outcome.ratio is None else f"{outcome.ratio:.2f}",
        f"{spread} {unit}".strip() if outcome.spread else "–",
        target_text(target, outcome.baseline_name),
        verdict,
    )


def of_outcomes(outcomes):
    return render(HEADINGS, [outcome_row(outcome) for outcome in outcomes])


def render(headings, rows):
    """Markdown with aligned columns: the first to the left, the others to the right."""
    cells = [[str(cell).replace("|", "/") for cell in row] for row in (headings, *rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(headings))]
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    lines = [[row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width
                                         in zip(row[1:], widths[1:]))] for row in cells]
    lines.insert(1, rule)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
