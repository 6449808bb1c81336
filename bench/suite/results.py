"""Where results go: perf/results/<date>-<cpu>/ for a whole run, the build folder for a partial one.

Only a whole run may stand in the repository; a quick or a partial one must not replace it.
"""

import datetime
import json
import os
import pathlib
import sys

from . import machine


def folder(programs, described, whole):
    """Made before the first run: what can't be written must not come out after the last."""
    base = programs.source / "perf" / "results" if whole else programs.build / "results"
    day = datetime.date.fromisoformat(described["time"][:10])
    path = base / f"{day.isoformat()}-{machine.slug(described['cpu'])}"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        sys.exit(f"bench: cannot make the folder for the results: {trouble}")
    unwritable = [place for place in (path, *path.iterdir()) if not os.access(place, os.W_OK)]
    if unwritable:
        sys.exit(f"bench: may not write to {unwritable[0]}")
    return path


def write_suite(where, name, described, run, rendered):
    """All that is kept of a suite beside bench-load's files: the machine, the runs, how to repeat
    them, and the table."""
    write_json(where / f"{name}-machine.json", described)
    write_records(where / f"{name}.json", {
        "suite": f"bench-{name}", "time": described["time"], "revision": described["revision"],
        "quick": run.options.quick}, run.records)
    write_commands(where / f"{name}-commands.txt", run.records)
    (where / f"{name}.md").write_text(rendered + "\n", encoding="utf-8")
    print(f"everything is in {where}")


def write_json(path, value):
    pathlib.Path(path).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n",
                                  encoding="utf-8")


def write_records(path, head, records):
    """A run on each line: a file that a person can look through, and that may be committed."""
    lines = ",\n".join("  " + json.dumps(_without_buckets(record), ensure_ascii=False)
                       for record in records)
    opening = json.dumps(head, indent=1, ensure_ascii=False).rstrip("}").rstrip()
    pathlib.Path(path).write_text(f'{opening},\n "runs": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def _without_buckets(record):
    """A histogram is megabytes; its percentiles stand beside it, and its picture is drawn."""
    latency = (record.get("result") or {}).get("latency_us")
    if not latency:
        return record
    kept = {name: value for name, value in latency.items() if name != "buckets"}
    return {**record, "result": {**record["result"], "latency_us": kept}}


def write_commands(path, records):
    """Every command line, in order, as it can be typed again (with other ports)."""
    lines = []
    for record in records:
        lines.append(f"# {record['experiment']}, {record['trial']}, run {record['run']}")
        lines += record["commands"]
    pathlib.Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
