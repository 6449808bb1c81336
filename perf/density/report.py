#!/usr/bin/env python3
"""Reads what measure.sh writes, shows the progress, and prints the table of a density run.

Exit status 1 when the measurement did not come to its end.
"""

import argparse
import json
import sys

SLABS_SHOWN = 6
BAR_WIDTH = 40


class Progress:
    """A bar on a terminal, a line for every tenth of the way elsewhere."""

    def __init__(self, total):
        self.total = total
        self.tenth = 0

    def show(self, there):
        part = min(1.0, there / self.total)
        if sys.stderr.isatty():
            bar = "#" * int(part * BAR_WIDTH)
            end = "\n" if there >= self.total else ""
            print(f"\r[{bar:<{BAR_WIDTH}}] {there:,} subscribers", end=end, file=sys.stderr, flush=True)
        elif int(part * 10) > self.tenth:
            self.tenth = int(part * 10)
            print(f"{there:,} subscribers", file=sys.stderr, flush=True)


def read_run(lines, total):
    """The facts of one run as a dictionary; "complete" tells whether it came to its end."""
    progress = Progress(total)
    run = {"facts": {}, "slabs": {}, "load": None, "complete": False}
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "progress":
            progress.show(int(rest))
        elif word == "fact":
            name, _, value = rest.partition(" ")
            run["facts"][name] = value
        elif word == "slab":
            name, value = rest.split()
            run["slabs"][name] = int(value)
        elif word == "load":
            run["load"] = json.loads(rest)
        elif word == "done":
            run["complete"] = True
    return run


def size(count):
    for unit in ("bytes", "KiB", "MiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"


def table(run, subscribers, heartbeat_s, in_guest):
    facts, load = run["facts"], run["load"]
    memory, idle = load["memory"], load["idle"]
    user = memory["pss_after"] - memory["pss_before"]
    kernel = int(facts["kernel_bytes"])
    rows = [
        ("server's memory (PSS)", size(user), f"{user / subscribers:.0f} bytes"),
        ("kernel's memory, both ends of each connection", size(kernel), f"{kernel / subscribers:.0f} bytes"),
    ]
    largest = sorted(run["slabs"].items(), key=lambda entry: -entry[1])[:SLABS_SHOWN]
    rows += [(f"    {name}", size(grown), f"{grown / subscribers:.0f} bytes") for name, grown in largest]
    if in_guest:  # elsewhere others take and give back memory too
        missing = int(facts["missing_bytes"])
        rows.append(("    cross-check: what is gone, without programs'", size(missing), f"{missing / subscribers:.0f} bytes"))
    rows += [
        ("opening them", f"{float(facts['subscribed_s']):.1f} s",
         f"{load['subscribe']['cpu_us_per_connection']:.1f} µs of CPU"),
        (f"server's CPU at rest, heartbeat every {heartbeat_s} s", f"{idle['seconds']:.0f} s watched",
         f"{idle['cpu_us_per_subscriber_second']:.3f} µs per second"),
    ]
    if heartbeat_s != 30:
        as_of_30 = idle["cpu_us_per_subscriber_second"] * heartbeat_s / 30
        rows.append(("    the same work spread over 30 s", "", f"{as_of_30:.3f} µs per second"))
    if load.get("latency_us"):
        rows.append(("one push, until the last one has it", f"{load['latency_us']['max'] / 1e6:.3f} s",
                     f"{load['publish']['deliveries']:,} deliveries"))
    return rows


def print_table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, whole, each in rows:
        print(f"  {name:<{widths[0]}}  {whole:>{widths[1]}}  {each:>{widths[2]}}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--subscribers", type=int, required=True)
    arguments.add_argument("--heartbeat", type=int, required=True, help="seconds")
    arguments.add_argument("--accel", help="kvm or tcg when it ran in a guest")
    arguments.add_argument("--json", help="file for the results")
    options = arguments.parse_args()

    run = read_run(sys.stdin, options.subscribers)
    if not run["complete"] or not run["load"]:
        return 1
    place = f"in a QEMU guest ({options.accel})" if options.accel else "on this box"
    print(f"{options.subscribers:,} idle subscribers of one channel, {place}, "
          f"Linux {run['facts']['kernel_release']}; on the right per subscriber")
    print_table(table(run, options.subscribers, options.heartbeat, bool(options.accel)))
    if options.accel == "tcg":
        print("  Memory is as on hardware. Times are those of an emulated processor.")
    if options.json:
        run["subscribers"], run["heartbeat_s"], run["accel"] = options.subscribers, options.heartbeat, options.accel
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(run, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
