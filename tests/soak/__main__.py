"""python3 -m tests.soak --server build/comet-server: everything at once against the real server.

A first load shows what memory the crowd takes; the long one must not take more. Exits with 1 on the
first fault and tells the seed; what everybody does follows from it, when they do it does not.
"""

import argparse
import asyncio
import contextlib
import pathlib
import random
import sys
import time
import traceback

from tests.soak import rest
from tests.soak.judge import Fault
from tests.soak.memory import Series
from tests.soak.server import serving
from tests.soak.wire import DEADLINE_S
from tests.soak.world import Tally, World

SAMPLE_S = 0.25
# The last third of the load may have so much more memory than the middle one. A run of seconds is over
# before the allocator has all that it keeps, or a sanitizer its shadow.
GROWTH_RATIO, GROWTH_BYTES, SHORT_GROWTH_BYTES = 0.05, 8 << 20, 64 << 20


async def sample(subject, series, started):
    while True:
        series.add(time.monotonic() - started, subject.resident_bytes())
        await asyncio.sleep(SAMPLE_S)


async def report(tally, subject, every_s):
    while True:
        await asyncio.sleep(every_s)
        print(f"{time.strftime('%T')} {subject.resident_bytes() / 1e6:.1f} MB, {tally}", flush=True)


async def soak(subject, options):
    tally, series = Tally(), Series()
    reporting = asyncio.create_task(report(tally, subject, options.report))
    try:
        await World(subject, tally, f"{options.seed} first").load(options.warm_up)
        before = await rest.settle(subject)
        print(f"at rest after the first load: {before}", flush=True)
        world = World(subject, tally, options.seed)
        sampling = asyncio.create_task(sample(subject, series, time.monotonic()))
        try:
            await world.load(options.seconds, at_end=sampling.cancel)
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)
        after = await rest.settle(subject)
        print(f"at rest after the last load: {after}", flush=True)
        rest.compare(before, after, tally)
        print("what /info says is true", flush=True)
    finally:
        reporting.cancel()
        write(series, options.out)
    print(f"in all: {tally}")
    growth = series.growth(ratio=GROWTH_RATIO,
                           allowance=SHORT_GROWTH_BYTES if options.short else GROWTH_BYTES)
    if growth:
        raise Fault(growth)
    middle, end = series.thirds()
    print(f"memory: median of the middle third {middle / 1e6:.1f} MB, of the last {end / 1e6:.1f} MB")


def write(series, folder):
    if folder and series.samples:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.csv").write_text(series.csv())
        (folder / "memory.svg").write_text(series.svg("comet-server under load: resident memory"))
        print(f"memory over time: {folder}/memory.csv, {folder}/memory.svg")


def read_options():
    parser = argparse.ArgumentParser(prog="python3 -m tests.soak")
    parser.add_argument("--server", required=True, help="the program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warm-up", type=float, default=None, help="seconds of the first load")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--out", type=pathlib.Path, help="where memory.csv and memory.svg go")
    parser.add_argument("--report", type=float, default=5, help="seconds between two lines")
    parser.add_argument("--short", action="store_true",
                        help="allow for what a sanitizer takes in the first minutes")
    options = parser.parse_args()
    if options.warm_up is None:
        options.warm_up = max(5, options.seconds / 10)
    return options


def main():
    options = read_options()
    print(f"seed {options.seed}", flush=True)
    try:
        with serving(options.server) as subject:
            try:
                asyncio.run(soak(subject, options))
                subject.stop(DEADLINE_S)
            except Exception:
                with contextlib.suppress(OSError):
                    print(subject.process.log.read_text(errors="replace")[-20_000:], file=sys.stderr)
                raise
    except Exception as error:
        traceback.print_exception(error)
        print(f"FAILED with --seed {options.seed}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
