"""What the three programs have in common: options, checks before the start, trials in turns."""

import argparse
import os
import pathlib
import shutil
import sys
import time

from . import cores, machine, processes, servers, trial
from .table import number

BUSY_LOAD = 0.5


class Session:
    """The options, the programs, the cores and the records of one call."""

    def __init__(self, options, needs, built):
        self.options = options
        # Command lines are written down: from the project's folder, and as short as they can be.
        os.chdir(options.source)
        self.programs = servers.Programs(source=pathlib.Path(), build=pathlib.Path(options.build))
        self.cores = cores.of_this_machine()
        self.descriptors = processes.raise_descriptor_limit()
        self.records = []
        _insist_on(needs)
        if options.check:
            sys.exit(0)
        _insist_on_built(self.programs, built)

    def describe(self, packages=()):
        """Looks at the machine before the first run, and warns of what would spoil the figures."""
        described = machine.describe(self.programs.source, self.programs.build, packages)
        described["server_cores"] = self.cores.server
        described["generator_core"] = self.cores.generator
        described["descriptors"] = self.descriptors
        described["one_core_shared"] = self.cores.shared
        if self.cores.shared:
            processes.warn("ONLY ONE CORE may be used here: server and generator take turns on it. "
                           "Figures are distorted, and latencies mean nothing; use two cores or more.")
        if described["load_average"][0] > BUSY_LOAD:
            processes.warn(f"the machine is busy (load average {described['load_average'][0]:.2f}): "
                           "figures will be worse and less steady than they are on a quiet one.")
        return described

    def why_not(self, one_trial):
        """A reason for which this machine or user can't run the trial, or None."""
        if one_trial.reactors > 1 and len(set(self.cores.server)) < one_trial.reactors:
            return f"needs {one_trial.reactors} cores"
        needed = getattr(one_trial.work, "connections", 0) + 200
        if needed > self.descriptors:
            return f"needs {needed} descriptors, the limit is {self.descriptors} (ulimit -Hn)"
        return None

    def in_turns(self, name, trials, figure):
        """Runs each trial once, then each again, and so on: drift of the machine meets all alike.

        Returns the records by the trials' names, and keeps them in order; `figure` (record -> text)
        is what the line of progress says of each.
        """
        by_name = {one.name: [] for one in trials}
        for run in range(1, self.options.runs + 1):
            for one in trials:
                began = time.monotonic()
                record = {"experiment": name, "run": run,
                          **trial.run(one, self.programs, self.cores)}
                self.records.append(record)
                by_name[one.name].append(record)
                says = f"FAILED: {record['error']}" if record["error"] else figure(record)
                if not record["error"] and not record["complete"]:
                    says += "  INCOMPLETE"
                print(f"{name:<12} run {run}/{self.options.runs}  {one.name:<12} {says}"
                      f"  ({time.monotonic() - began:.0f} s)", flush=True)
        return by_name

    def shorten(self, work):
        return work.shortened() if self.options.quick else work


def options(description, names):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=5, help="runs of each trial (default 5)")
    parser.add_argument("--only", default="", metavar="NAME,...",
                        help="some of: " + ", ".join(names))
    parser.add_argument("--quick", action="store_true",
                        help="one short run of each, to see that everything works; the figures are rough")
    parser.add_argument("--check", action="store_true",
                        help="only look whether the programs it takes are installed")
    parser.add_argument("--source", default=".", help="the project's folder")
    parser.add_argument("--build", default="build",
                        help="where the programs were built, seen from the project's folder")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.runs = 1
    if chosen.runs < 1:
        parser.error("--runs takes 1 or more")
    chosen.only = [name for name in chosen.only.split(",") if name]
    if unknown := sorted(set(chosen.only) - set(names)):
        parser.error(f"--only knows no {', '.join(unknown)}; there are {', '.join(names)}")
    chosen.whole = not chosen.only and not chosen.quick and chosen.runs >= 5
    return chosen


def progress(figure_path, look_up, unit="µs"):
    def says(record):
        return f"{number(look_up(record['result'], figure_path))} {unit}"
    return says


def _insist_on(needs):
    missing = [need for need in needs if not _installed(need)]
    if missing:
        sys.exit(f"bench: missing {', '.join(missing)}; `make bench-deps` installs what it takes")


def _installed(need):
    if need == "nchan":
        return servers.NCHAN_MODULE.exists()
    return shutil.which(servers.find(need)) is not None


def _insist_on_built(programs, built):
    missing = [name for name in built if not (programs.build / name).exists()]
    if missing:
        sys.exit(f"bench: {programs.build} holds no {', '.join(missing)}; `make` with the name of "
                 "this benchmark builds them first")


def main(body):
    """Runs a program; Ctrl-C and SIGTERM unwind it, so that no child stays behind."""
    processes.end_on_signals()
    try:
        sys.exit(body())
    except KeyboardInterrupt:
        sys.exit("\nbench: interrupted; nothing was written, and nothing still runs")
