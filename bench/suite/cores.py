"""Which cores the server and the generator run on."""

import dataclasses
import os
import pathlib


@dataclasses.dataclass(frozen=True)
class Cores:
    """`server` in the order in which reactors take them; `generator` is the same for every trial."""

    server: tuple[int, ...]
    generator: int

    @property
    def shared(self):
        """Whether even a server of one reactor has to share its core with the generator."""
        return self.generator == self.server[0]

    def for_reactors(self, reactors):
        return self.server[:reactors]


def choose(allowed, siblings):
    """The first core for the first reactor; the generator on another, if it can be no hyper-thread of the same.

    `siblings(core)` names the hardware threads that share its execution units. With two cores a
    second reactor shares the generator's; with three or more it has its own.
    """
    first, *others = sorted(allowed)
    if not others:
        return Cores(server=(first,), generator=first)
    apart = [core for core in others if core not in siblings(first)] or others
    generator = apart[0]
    rest = [core for core in apart[1:] + others if core != generator]
    second = rest[0] if rest else generator
    return Cores(server=(first, second), generator=generator)


def of_this_machine():
    return choose(os.sched_getaffinity(0), _siblings)


def _siblings(core):
    path = pathlib.Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    try:
        return parse_list(path.read_text())
    except OSError:
        return {core}


def parse_list(text):
    """The kernel's notation for sets of cores: 0-1,4."""
    found = set()
    for part in filter(None, text.strip().split(",")):
        low, _, high = part.partition("-")
        found.update(range(int(low), int(high or low) + 1))
    return found
