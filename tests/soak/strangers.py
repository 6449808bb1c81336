"""Clients that misbehave: what they send is no request, or they do not read, or they vanish.

Nothing is asked of the answers, except that the server gives or ends them: what these clients do to
others is for the others to find.
"""

import asyncio
import contextlib

from tests.soak.judge import Position
from tests.soak.server import REQUEST_TIMEOUT
from tests.soak.transports import TRANSPORTS, subscription
from tests.soak.wire import DEADLINE_S, Ended, Wire, request

# After which they do something else.
PATIENCE_S = 4
UPGRADE = (b"GET /ws?cname=x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
GIBBERISH = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"GET\r\n\r\n",
    b"BREW /poll?cname=a HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /poll?cname=%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /poll HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /stream?cname=a&cname= HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /stream?" + b"&".join(b"cname=%d" % i for i in range(40)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /sse?cname=x&last_event_id=1,2,3 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\nx",
    b"POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n[{]}x",
    b"GET /poll?cname=a HTTP/3.7\r\nHost: a\r\n\r\n",
    b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n" * 300,
    UPGRADE + b"\x81\x05hello",                      # a frame without a mask
    UPGRADE + b"\xff\xff" + b"\xff" * 12,            # reserved bits, a length beyond all
    UPGRADE + b"\x81\x82abcd\x9e\x9d",               # no UTF-8
    UPGRADE + b"\x89\xfeabcdefgh",                   # a ping that is too long
    UPGRADE + b"\x01\x80abcd" * 50,                  # fragments that begin again
)


class Stranger:
    """One deed after the other, until cancelled; what they sleep for is how slow they are."""

    def __init__(self, world, random):
        self.world = world
        self.random = random

    async def run(self, pace):
        deeds = (self.gibberish, self.cut_request, self.drips, self.never_reads, self.half_closes,
                 self.cut_answer, self.vanishes)
        while True:
            with contextlib.suppress(Ended, TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self.random.choice(deeds)()
            self.world.tally.strangers += 1
            await asyncio.sleep(pace())

    async def dawdle(self, pace):
        """Says nothing, or half a request, until the server ends that; until cancelled."""
        while True:
            whole = self.subscribing()
            with contextlib.suppress(Ended):
                async with self.connection() as wire:
                    await wire.send(whole[:self.random.choice((0, len(whole) // 2))])
                    async with asyncio.timeout(REQUEST_TIMEOUT + DEADLINE_S):
                        while True:
                            await wire.fill()
            self.world.tally.strangers += 1
            await asyncio.sleep(pace())

    @contextlib.asynccontextmanager
    async def connection(self, receive_bytes=None):
        port = self.random.choice((self.world.front_port, self.world.front_port, self.world.admin_port))
        wire = await Wire.connect(port, receive_bytes)
        try:
            yield wire
        finally:
            self.random.choice((wire.close, wire.reset))()

    def subscribing(self):
        channels = self.random.sample(self.world.channels, self.random.randint(1, 3))
        path = self.random.choice(TRANSPORTS).path
        return request("GET", f"{path}?{subscription([Position(each, 1) for each in channels])}")

    async def gibberish(self):
        async with self.connection() as wire:
            await wire.send(self.random.choice(GIBBERISH))
            if self.random.random() < 0.7:
                await wire.fill()

    async def cut_request(self):
        whole = self.random.choice((self.subscribing(), *GIBBERISH))
        async with self.connection() as wire:
            await wire.send(whole[:self.random.randrange(1, len(whole))])
            await asyncio.sleep(self.random.uniform(0, 1))

    async def drips(self):
        async with self.connection() as wire:
            for byte in self.subscribing()[:self.random.randint(5, 60)]:
                await wire.send(bytes([byte]))
                await asyncio.sleep(0.05)

    async def never_reads(self):
        async with self.connection(receive_bytes=4096) as wire:
            await wire.send(self.subscribing())
            await asyncio.sleep(self.random.uniform(0, 4))

    async def half_closes(self):
        async with self.connection() as wire:
            await wire.send(self.subscribing())
            wire.half_close()
            await wire.fill()

    async def cut_answer(self):
        async with self.connection() as wire:
            await wire.send(self.subscribing())
            await wire.exactly(self.random.randint(1, 3000))

    async def vanishes(self):
        async with self.connection() as wire:
            await wire.send(self.subscribing() * self.random.randint(1, 3))
            await asyncio.sleep(self.random.uniform(0, 0.1))
