"""What the server says of itself when nobody is there, and what must be true of that."""

import dataclasses
import re

from tests.soak.eventually import eventually
from tests.soak.judge import Fault
from tests.soak.wire import ask
from tests.soak.world import info

# Why a connection may end that did nothing wrong: it was too slow for the settings, or for a moment at
# which memory was short.
OWN_FAULT = ("lagging", "silent", "slow_reader", "idle", "memory_short")
# What a class of memory may have more of than after the first load: as many bytes, and a share. The
# records stay where they are for those who come later, so it is the most there ever were that counts.
CLASSES = ("connections", "subscribers", "channels", "history", "buffers")
MORE_BYTES, MORE_SHARE = 1_000_000, 0.5


@dataclasses.dataclass
class Rest:
    descriptors: int
    memory: dict
    deliveries: int
    messages_in: int
    closed: dict


async def settle(subject):
    """Waits until /info says that nobody is there, and tells what it says then."""
    facts = None

    async def settled():
        nonlocal facts
        facts = await info(subject.admin_port)
        return at_rest(facts) and subject.descriptors() == subject.descriptors_at_first

    await eventually(settled, lambda: f"the server comes to rest; {subject.descriptors()} descriptors, "
                                      f"{subject.descriptors_at_first} at first; {facts}")
    status, metrics = await ask(subject.admin_port, "/metrics")
    rest = Rest(descriptors=facts["descriptors"]["used"],
                memory={name: facts["memory"][name]["bytes"] for name in CLASSES},
                deliveries=total(facts, "deliveries"), messages_in=total(facts, "messages_in"),
                closed=facts["closed"])
    measured = metric(metrics.decode(), "comet_deliveries_total")
    if status != 200 or measured != rest.deliveries:
        raise Fault(f"/metrics says {measured} deliveries, /info {rest.deliveries}")
    return rest


def total(facts, key):
    return sum(core[key] for core in facts["reactors"])


def metric(text, name):
    return sum(float(value) for value in re.findall(rf"^{name}{{.*}} (\S+)$", text, re.M))


def at_rest(facts):
    """One connection is left, and it is the one that asks."""
    return (facts["channels"] == facts["subscribers"] == 0 and total(facts, "connections") == 1
            and total(facts, "lagging") == 0 and facts["memory"]["history"]["bytes"] == 0
            and not any(any(core["subscribers"].values()) for core in facts["reactors"]))


def compare(before, after, tally):
    """`before` is after the first load, `after` after the last; the tally is of all."""
    if after.descriptors != before.descriptors:
        raise Fault(f"/info says {after.descriptors} descriptors, and said {before.descriptors}")
    for name, size in after.memory.items():
        if size > before.memory[name] * (1 + MORE_SHARE) + MORE_BYTES:
            raise Fault(f"memory of {name} is {size} bytes, and was {before.memory[name]}")
    if tally.received > after.deliveries:
        raise Fault(f"{tally.received} messages were received, {after.deliveries} delivered")
    if tally.pushed > after.messages_in:
        raise Fault(f"{tally.pushed} pushes were acknowledged, {after.messages_in} have a number")
    reasons = sum(after.closed[reason] for reason in OWN_FAULT)
    if tally.cut_off > reasons:
        raise Fault(f"{tally.cut_off} connections were cut off, {reasons} for a reason: {after.closed}")
