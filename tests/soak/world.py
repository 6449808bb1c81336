"""One load on the server: who takes part, and how it is brought to an end at which all is known.

Everybody is a task of one event loop. The first fault ends the load.
"""

import asyncio
import dataclasses
import json
import math
import random

from tests.soak import server
from tests.soak.eventually import eventually
from tests.soak.judge import Broadcasts, Channel, Fault, Position, Settings
from tests.soak.listener import Listener
from tests.soak.publishers import Broadcaster, Publisher
from tests.soak.strangers import Stranger
from tests.soak.transports import TRANSPORTS, Iframe, Stream, WebSocket
from tests.soak.visitors import Visitor
from tests.soak.watchers import Census, Onlooker, watch
from tests.soak.wire import DEADLINE_S, ask

ROOMS, QUIET_ROOMS = 12, 2
# How many of each.
CROWD, SLOW, IDLE, PUBLISHERS, STRANGERS, DAWDLERS, VISITORS = 110, 12, 10, 4, 12, 4, 4
CHANNELS_MOST = 5
LIVES = (3, 30, 300)  # messages


@dataclasses.dataclass
class Tally:
    """What happened, for the lines that are printed and for the sums at the end."""
    listeners: int = 0
    received: int = 0
    pushed: int = 0
    pushes_refused: int = 0
    broadcasts: int = 0
    cut_off: int = 0
    told_to_wait: int = 0
    gaps_announced: int = 0
    late_beginnings: int = 0
    visits: int = 0
    strangers: int = 0
    pages: int = 0
    reloads: int = 0

    def __str__(self):
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in vars(self).items())


class World:

    def __init__(self, subject, tally, seed):
        self.subject = subject
        self.front_port = subject.front_port
        self.admin_port = subject.admin_port
        self.tally = tally
        self.seed = seed
        self.settings = Settings(least_kept=server.LEAST_KEPT)
        self.broadcasts = Broadcasts()
        self.rooms = [self._channel(f"room {i} é\"&") for i in range(ROOMS)]
        self.quiet = [self._channel(f"quiet {i}") for i in range(QUIET_ROOMS)]
        self.loud = self._channel("loud")  # more than a slow reader and the kernel's buffers can take
        self.channels = [*self.rooms, *self.quiet, self.loud]
        self.locks = {channel.cname: asyncio.Lock() for channel in self.channels}
        self.final = {}         # see Listener.run
        self.stopping = False   # whoever changes something comes to an end
        self.failure = asyncio.get_running_loop().create_future()
        self.closers = []

    def _channel(self, cname):
        return Channel(cname, self.settings, self.broadcasts)

    def chance(self, *name):
        return random.Random(f"{self.seed} {name}")

    def start(self, coroutine):
        task = asyncio.create_task(coroutine)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task):
        if not task.cancelled() and task.exception() and not self.failure.done():
            self.failure.set_result(task.exception())

    async def unless_failed(self, awaitable, timeout):
        """Waits for it, but not longer than for the first fault."""
        waiting = asyncio.ensure_future(awaitable)
        await asyncio.wait((waiting, self.failure), timeout=timeout,
                           return_when=asyncio.FIRST_COMPLETED)
        if self.failure.done():
            waiting.cancel()
            raise self.failure.result()
        if not waiting.done():
            waiting.cancel()
            raise Fault(f"not within {timeout:g} s: {awaitable}")
        return await waiting

    async def load(self, seconds, at_end=lambda: None):
        """Everybody at once for so long; then all leave, each having heard the last message."""
        working = [self.start(work) for work in self._working()]
        hearing = [self.start(work) for work in self._hearing()]
        passing = [self.start(work) for work in self._passing()]
        census = Census(self)
        counting = self.start(census.run())
        try:
            await self.unless_failed(asyncio.sleep(seconds), seconds + DEADLINE_S)
            at_end()
            self.stopping = True
            await self.unless_failed(asyncio.gather(*working), DEADLINE_S)
            await self._cancel(passing)
            await self._reload(server.CALM)
            await self._say_farewell()
            await self.unless_failed(asyncio.gather(*hearing), 2 * DEADLINE_S)
            for channel in self.channels:
                channel.settle()
            await self.unless_failed(self._all_are_gone(census), 2 * DEADLINE_S)
        finally:
            await self._cancel([*working, *hearing, *passing, counting])
            for each in self.closers:
                each.close()

    @staticmethod
    async def _cancel(tasks):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _working(self):
        """Those who change something: they end what they are at."""
        for i in range(PUBLISHERS):
            chance = self.chance("publisher", i)
            publisher = Publisher(self.admin_port, self.rooms, self.locks, chance, self.tally)
            self.closers.append(publisher)
            yield publisher.run(self, pacing(chance, 0.1))
        chance = self.chance("bursts")
        publisher = Publisher(self.admin_port, [self.loud], self.locks, chance, self.tally)
        self.closers.append(publisher)
        yield publisher.bursts(self, pacing(chance, 2))
        broadcaster = Broadcaster(self.admin_port, self.broadcasts, self.tally)
        self.closers.append(broadcaster)
        yield broadcaster.run(self, pacing(self.chance("broadcaster"), 1))
        for i in range(VISITORS):
            chance = self.chance("visitor", i)
            yield Visitor(self, chance, i).run(pacing(chance, 0.3))
        chance = self.chance("onlooker")
        yield Onlooker(self, chance).run(pacing(chance, 1))
        yield self._reloads(self.chance("reloads"))

    def _hearing(self):
        """Those who must have heard everything."""
        for i, channel in enumerate(self.channels):
            # With these, no channel's time is over before the load is.
            for kind in (Stream, WebSocket):
                yield self._listener(self.chance("anchor", i), kind, [Position(channel, 1)], math.inf)
        for i in range(CROWD):
            yield self._crowd(self.chance("crowd", i))
        for i in range(SLOW):
            chance = self.chance("slow", i)
            yield self._listener(chance, TRANSPORTS[i % len(TRANSPORTS)],
                                 [Position(self.loud, 1)], math.inf,
                                 pause_s=0.01, receive_bytes=4096)
        for i in range(IDLE):
            chance = self.chance("idle", i)
            yield self._listener(chance, TRANSPORTS[i % len(TRANSPORTS)],
                                 [Position(chance.choice(self.quiet))], math.inf)

    def _passing(self):
        """Those of whom nothing is expected at the end."""
        for i in range(STRANGERS):
            chance = self.chance("stranger", i)
            yield Stranger(self, chance).run(pacing(chance, 0.1))
        for i in range(DAWDLERS):
            chance = self.chance("dawdler", i)
            yield Stranger(self, chance).dawdle(pacing(chance, 1))
        for channel in self.rooms[:3]:
            yield watch(self, channel)

    async def _crowd(self, chance):
        """One after the other, each on some transport and some channels, from some number on."""
        while not self.final:
            kind = chance.choice(TRANSPORTS)
            several = 1 if kind is Iframe or chance.random() < 0.5 else chance.randint(2, CHANNELS_MOST)
            positions = [Position(channel, chance.choice((0, 1, channel.highest + 1)))
                         for channel in chance.sample(self.rooms, several)]
            await self._listener(chance, kind, positions, chance.choice(LIVES))

    async def _listener(self, chance, kind, positions, life, pause_s=0, receive_bytes=None):
        transport = kind(self.front_port, receive_bytes=receive_bytes,
                         origin=chance.choice((None, server.ORIGIN)))
        # An anchor stays where it is.
        others = self.rooms if life < math.inf else ()
        listener = Listener(transport, positions, chance, life=life, pause_s=pause_s, others=others)
        await listener.run(self.tally, self.final)

    async def _reloads(self, chance):
        settings = dict(server.CALM)
        while not self.stopping:
            # Never for long: a channel that nobody may come back to would be forgotten.
            settings["limits.max_memory"] = 0
            for key in chance.sample(sorted(server.CHOICES), 3):
                settings[key] = chance.choice(server.CHOICES[key])
            await self._reload(settings)
            self.tally.reloads += 1
            await asyncio.sleep(chance.uniform(0, 2))

    async def _reload(self, wanted):
        self.subject.configure(wanted)
        rows = None

        async def in_force():
            nonlocal rows
            rows = json.loads((await ask(self.admin_port, "/info?config"))[1])["config"]
            return all(wanted.get(row["key"], row["value"]) == row["value"] for row in rows)

        await eventually(in_force, lambda: f"{wanted} is in force; {rows}")

    async def _say_farewell(self):
        publisher = Publisher(self.admin_port, [], self.locks, self.chance("farewell"), self.tally)
        last = {}
        try:
            for channel in self.channels:
                numbers = [None]
                while numbers == [None]:
                    numbers = await publisher.push_batch([channel], 1)
                last[channel.cname] = numbers[0]
        finally:
            publisher.close()
        self.final.update(last)

    async def _all_are_gone(self, census):
        """The channels' time is over, and /psub has told of each that it has gone."""
        there = listed = None

        async def gone():
            nonlocal there, listed
            there = (await info(self.admin_port))["channels"]
            listed = (await ask(self.admin_port, "/channels"))[1]
            return not there and not census.channels

        await eventually(gone, lambda: f"all channels are gone; {there} are there: {listed}; "
                                       f"by /psub {census.channels}")


def pacing(chance, most_s):
    """How long somebody rests between two deeds, so that the load is such as one machine can take."""
    return lambda: chance.uniform(0, most_s)


async def info(admin_port):
    status, body = await ask(admin_port, "/info")
    if status != 200:
        raise Fault(f"/info was answered {status}")
    return json.loads(body)
