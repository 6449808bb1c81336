"""Channels that come and go: each visitor has one of its own, sees all of its life, and leaves."""

import asyncio
import json
import urllib.parse

from tests.soak.judge import Channel, Fault, Position
from tests.soak.listener import LATER_S
from tests.soak.publishers import Publisher
from tests.soak.transports import TRANSPORTS, Busy, is_refusal
from tests.soak.wire import Ended, ask


class Visitor:

    def __init__(self, world, random, number):
        self.world = world
        self.random = random
        self.number = number

    async def run(self, pace):
        count = 0
        while not self.world.stopping:
            count += 1
            try:
                await self.visit(f"visit {self.number}.{count}")
                self.world.tally.visits += 1
            except Busy:
                self.world.tally.told_to_wait += 1
            await asyncio.sleep(pace())

    async def visit(self, cname):
        channel = Channel(cname, self.world.settings, self.world.broadcasts)
        target = "/sign?" + urllib.parse.urlencode({"cname": cname, "expires": 30})
        signed = json.loads(await self.ok(target))
        if (signed["type"], signed["cname"]) != ("sign", cname) or len(signed["token"]) < 16:
            raise Fault(f"/sign: {signed}")
        publisher = Publisher(self.world.admin_port, [channel], {cname: asyncio.Lock()},
                              self.random, self.world.tally)
        try:
            position = Position(channel, 1)
            transport = self.random.choice(TRANSPORTS)(self.world.front_port)
            for _ in range(self.random.randint(1, 6)):
                await publisher.push_one()
            await self.listen(transport, position, channel)
            # Gone already where this machine took as long as a channel lives.
            check = json.loads(await self.ok("/check?" + urllib.parse.urlencode({"cname": cname})))
            if check not in ({cname: 1}, {}):
                raise Fault(f"/check: {check}")
            if self.random.random() < 0.5:
                await self.ok("/close?" + urllib.parse.urlencode({"cname": cname}), or_status=404)
        finally:
            publisher.close()
        self.world.tally.received += position.received
        channel.settle()

    async def listen(self, transport, position, channel):
        """Hears everything that was pushed. It may take several connections."""
        heard = 0
        while heard < channel.begun - len(channel.failed):
            try:
                await transport.open([position])
                while heard < channel.begun - len(channel.failed):
                    message = await transport.next()
                    if message["type"] == "noop":
                        transport.hears_noop(message)
                    elif is_refusal(message):
                        raise Busy()
                    else:
                        position.hears(message)
                        heard += message["type"] == "data"
            except Ended:
                self.world.tally.cut_off += 1
            except Busy:
                self.world.tally.told_to_wait += 1
                await asyncio.sleep(LATER_S)
            finally:
                if transport.wire is not None:
                    transport.wire.close()

    async def ok(self, target, or_status=200):
        status, body = await ask(self.world.admin_port, target)
        if status in (429, 503):
            raise Busy()
        if status not in (200, or_status):
            raise Fault(f"{target} was answered {status} {body[:200]!r}")
        return body
