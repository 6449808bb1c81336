"""Those who look at the server while it works: every page of the admin port, /psub, /tail."""

import asyncio
import json
import urllib.parse

from tests.soak.eventually import eventually
from tests.soak.judge import Fault, Position
from tests.soak.listener import LATER_S
from tests.soak.transports import Busy, Stream, expect, is_refusal
from tests.soak.wire import Ended, Wire, ask, request


class Onlooker:
    """Asks for pages that must be there and be whole; clears a channel's buffer now and then."""

    def __init__(self, world, random):
        self.world = world
        self.random = random

    async def run(self, pace):
        while not self.world.stopping:
            channel = self.random.choice(self.world.rooms)
            cname = urllib.parse.urlencode({"cname": channel.cname})
            for target in ("/info", f"/info?{cname}", "/info?config", "/channels?limit=3&sort=subscribers",
                           f"/check?{cname}", f"/presence?{cname}&limit=5"):
                self.whole(target, await self.page(target))
            metrics = (await self.page("/metrics")).decode()
            if "\ncomet_deliveries_total{" not in metrics:
                raise Fault("/metrics does not tell of deliveries")
            await self.page("/health/live")
            if self.random.random() < 0.2:
                # Pushes to it wait, so that it is known which numbers may be forgotten.
                async with self.world.locks[channel.cname]:
                    await self.page(f"/clear?{cname}")
                    channel.clear()
            await asyncio.sleep(pace())

    @staticmethod
    def whole(target, text):
        try:
            json.loads(text)
        except ValueError as error:
            raise Fault(f"{target}: {error} in {text[:2000]!r}") from error

    async def page(self, target):
        status, body = await ask(self.world.admin_port, target)
        if status != 200:
            raise Fault(f"{target} was answered {status} {body[:200]!r}")
        self.world.tally.pages += 1
        return body


class Census:
    """Follows `/psub?events=subscribers`, and knows at the end whether all have left."""

    def __init__(self, world):
        self.world = world
        self.channels = {}  # those that are there: the number of subscribers that was told last
        self.wire = None

    async def run(self, _pace=None):
        while True:
            self.channels.clear()
            self.wire = await Wire.connect(self.world.admin_port)
            try:
                await self.wire.send(request("GET", "/psub?events=subscribers"))
                status, _ = await self.wire.head()
                expect(status)
                while True:
                    for line in (await self.wire.chunk()).decode().splitlines():
                        self.hears(line)
            except Ended:
                self.world.tally.cut_off += 1
            except Busy:
                await asyncio.sleep(LATER_S)
            finally:
                self.wire.close()

    def hears(self, line):
        word, _, rest = line.partition(" ")
        if word == "1":
            self.channels.setdefault(rest, None)
        elif word == "0":
            if self.channels.pop(rest, None) not in (None, 0):
                raise Fault(f"/psub: {rest} has gone, with subscribers")
        elif word in ("join", "leave"):
            count, _, cname = rest.partition(" ")
            self.channels[cname] = int(count)
        elif word:
            raise Fault(f"/psub: {line!r}")


class Tail(Stream):
    path = "/tail"


async def watch(world, channel):
    """Follows a channel with /tail, as its subscribers do."""
    check = "/check?" + urllib.parse.urlencode({"cname": channel.cname})

    async def is_there():
        return json.loads((await ask(world.admin_port, check))[1]) == {channel.cname: 1}

    # Those with whom it begins are refused at first where memory is short already.
    await eventually(is_there, lambda: f"{channel.cname} is there")
    position = Position(channel, 1)
    while True:
        tail = Tail(world.admin_port)
        try:
            await tail.open([position])
            while True:
                message = await tail.next()
                if message["type"] == "noop":
                    tail.hears_noop(message)
                elif is_refusal(message):
                    raise Busy()
                else:
                    position.hears(message)
        except Ended:
            world.tally.cut_off += 1
        except Busy:
            await asyncio.sleep(LATER_S)
        finally:
            if tail.wire is not None:
                tail.wire.close()
