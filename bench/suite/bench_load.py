"""make bench-load: the floor and comet-server in turns, held against the table of targets."""

import dataclasses

from . import figures, plot, results, session, table
from .rows import EXPERIMENTS

NEEDS = ("wrk", "taskset")
BUILT = ("comet-server", "comet-floor", "comet-load")
LATENCIES_FROM = "stream-1k"


def body():
    options = session.options(__doc__, [experiment.name for experiment in EXPERIMENTS])
    run = session.Session(options, NEEDS, BUILT)
    described = run.describe(packages=("wrk",))
    where = results.folder(run.programs, described, options.whole)
    outcomes, curves = [], []
    for experiment in EXPERIMENTS:
        if options.only and experiment.name not in options.only:
            continue
        found, by_name = _measure(run, experiment)
        outcomes += found
        if experiment.name == LATENCIES_FROM:
            curves = [(one.name, colour,
                       figures.percentile_curve(figures.merge_buckets(by_name.get(one.name, []))))
                      for one, colour in zip(experiment.trials(), ("base", "comet"))]
    return _report(run, where, described, outcomes, curves)


def _measure(run, experiment):
    trials = [dataclasses.replace(one, work=run.shorten(one.work)) for one in experiment.trials()]
    if reason := next(filter(None, map(run.why_not, trials)), None):
        print(f"{experiment.name}: skipped, {reason}", flush=True)
        return [figures.skipped(target, experiment.baseline_name, reason)
                for target in experiment.targets], {}
    by_name = run.in_turns(experiment.name, trials, _says(experiment))
    baseline_runs = by_name[experiment.baseline.name] if experiment.baseline else []
    return [figures.judge(target, experiment.baseline_name, baseline_runs,
                          by_name[experiment.trial.name])
            for target in experiment.targets], by_name


def _says(experiment):
    """Progress shows the figure of the experiment's first target."""
    first = experiment.targets[0]

    def says(record):
        of_baseline = experiment.baseline and record["trial"] == experiment.baseline.name
        path = (of_baseline and first.baseline_figure) or first.figure
        value = figures.look_up(record["result"], path)
        return table.with_unit(None if value is None else value * first.scale, first.unit)

    return says


def _report(run, where, described, outcomes, curves):
    rendered = table.of_outcomes(outcomes)
    print(f"\n{rendered}\n")
    results.write_json(where / "machine.json", described)
    results.write_records(where / "results.json", {
        "suite": "bench-load", "time": described["time"], "revision": described["revision"],
        "quick": run.options.quick, "outcomes": [_plain(outcome) for outcome in outcomes],
    }, run.records)
    results.write_commands(where / "commands.txt", run.records)
    (where / "table.md").write_text(rendered + "\n", encoding="utf-8")
    subtitle = (f"{described['cpu']}, kernel {described['kernel']}, {described['time'][:10]}; "
                f"medians of {run.options.runs}, thin lines from lowest to highest")
    (where / "ratios.svg").write_text(plot.ratios(outcomes, subtitle), encoding="utf-8")
    if curves:
        runs = "one run" if run.options.runs == 1 else f"{run.options.runs} runs together"
        (where / "latency.svg").write_text(plot.latencies(
            curves, f"1 000 subscribers × 100 messages/s, {runs}; {described['cpu']}"),
            encoding="utf-8")
    met = sum(outcome.verdict == "pass" for outcome in outcomes)
    print(f"{met} of {len(outcomes)} targets met; everything is in {where}")
    if run.options.quick:
        print("This was a quick run: it shows that everything works, its figures are rough.")
    return 0 if all(outcome.met for outcome in outcomes) else 1


def _plain(outcome):
    target = outcome.target
    return {"what": target.what, "figure": target.figure, "unit": target.unit,
            "bound": target.bound.name.lower(), "limit": target.limit,
            "baseline_name": outcome.baseline_name, "baseline": outcome.baseline,
            "measured": outcome.measured, "ratio": outcome.ratio, "spread": outcome.spread,
            "verdict": outcome.verdict, "note": outcome.note}


if __name__ == "__main__":
    session.main(body)
