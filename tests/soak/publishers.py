"""Those who push, each request in one of the ways that there are, and what they check in the answers."""

import asyncio
import contextlib
import json
import urllib.parse

from tests.soak.judge import Fault
from tests.soak.wire import Ended, Wire, request

FORM = "application/x-www-form-urlencoded"


def query(**fields):
    return urllib.parse.urlencode(fields)


def by_get(cname, content):
    return request("GET", f"/push?{query(cname=cname, content=content)}")


def by_form(cname, content):
    return request("POST", "/push", [f"Content-Type: {FORM}"],
                   query(cname=cname, content=content).encode())


def by_json(cname, content):
    return request("POST", "/push", ["Content-Type: application/json"],
                   json.dumps({"cname": cname, "content": content}).encode())


def by_text(cname, content):
    return request("POST", f"/push?{query(cname=cname)}", ["Content-Type: text/plain"],
                   content.encode())


def by_pub(cname, content):
    return request("POST", "/pub", [f"Content-Type: {FORM}"],
                   query(cname=cname, content=json.dumps(content)[1:-1]).encode())


def batch_as_array(entries):
    return request("POST", "/push", ["Content-Type: application/json"], json.dumps(entries).encode())


def batch_as_lines(entries):
    return request("POST", "/push", ["Content-Type: application/x-ndjson"],
                   "".join(json.dumps(entry) + "\n" for entry in entries).encode())


BURST = 300  # messages
# Where limits.max_memory has been reached, with a channel that is there and with one that would be new.
REFUSED = (503, 429)
SINGLE = (by_get, by_form, by_json, by_text, by_pub)
BATCH = (batch_as_array, batch_as_lines)


class Publisher:
    """Pushes on one connection. `locks` keep others from a channel meanwhile, so that the order of
    its contents is known."""

    def __init__(self, port, channels, locks, random, tally):
        self.port = port
        self.channels = channels
        self.locks = locks
        self.random = random
        self.tally = tally
        self.wire = None

    async def run(self, world, pace):
        """Until the load stops; `pace()` is how long to rest."""
        while not world.stopping:
            if self.random.random() < 0.1:
                await self.push_batch()
            else:
                await self.push_one()
            await asyncio.sleep(pace())

    async def push_one(self):
        channel = self.random.choice(self.channels)
        async with self.holding([channel]):
            form = self.random.choice(SINGLE)
            status, body = await self.exchange(form(channel.cname, channel.begin()))
            if status == 200 and body != b'{"type":"ok"}\n':
                raise Fault(f"{form.__name__} was answered {body!r}")
            self.answered(channel, status)

    async def bursts(self, world, pace):
        """More at once than a slow reader may be behind."""
        while not world.stopping:
            await self.push_batch(self.channels, BURST)
            await asyncio.sleep(pace())

    async def push_batch(self, channels=None, size=None):
        """To these channels in turn; the numbers, None where there is none."""
        channels = channels or self.random.sample(self.channels, self.random.randint(1, 3))
        size = size or self.random.randint(2, 30)
        async with self.holding(channels):
            order = [channels[i % len(channels)] for i in range(size)]
            entries = [{"cname": channel.cname, "content": channel.begin()} for channel in order]
            status, body = await self.exchange(self.random.choice(BATCH)(entries))
            results = json.loads(body)["results"] if status == 200 else [{"status": status}] * size
            if len(results) != size:
                raise Fault(f"{len(results)} results for {size} messages")
            for channel, result in zip(order, results):
                counter = channel.answered + 1
                self.answered(channel, result.get("status", 200))
                if "seq" in result:
                    channel.numbered(result["seq"], counter)
            return [result.get("seq") for result in results]

    def answered(self, channel, status):
        if status not in (200, *REFUSED):
            raise Fault(f"a push was answered {status}")
        channel.answer(1, acknowledged=status == 200)
        if status == 200:
            self.tally.pushed += 1
        else:
            self.tally.pushes_refused += 1

    async def exchange(self, data):
        if self.wire is None:
            self.wire = await Wire.connect(self.port)
        await self.wire.send(data)
        status, headers, body = await self.wire.response()
        if headers.get("connection") == "close":
            self.close()
        return status, body

    @contextlib.asynccontextmanager
    async def holding(self, channels):
        async with contextlib.AsyncExitStack() as stack:
            for channel in sorted(channels, key=lambda channel: channel.cname):
                await stack.enter_async_context(self.locks[channel.cname])
            try:
                yield
            except Ended as error:
                raise Fault(f"a publisher was cut off: {error}") from error

    def close(self):
        if self.wire is not None:
            self.wire.close()
            self.wire = None


class Broadcaster:
    """The only one who broadcasts."""

    def __init__(self, port, broadcasts, tally):
        self.publisher = Publisher(port, [], {}, None, tally)
        self.broadcasts = broadcasts
        self.tally = tally

    async def run(self, world, pace):
        while not world.stopping:
            await asyncio.sleep(pace())
            await self.broadcast()

    async def broadcast(self):
        body = query(content=self.broadcasts.begin()).encode()
        status, answer = await self.publisher.exchange(
            request("POST", "/broadcast", [f"Content-Type: {FORM}"], body))
        if (status, answer) != (200, b"ok\n") and status != 503:
            raise Fault(f"/broadcast was answered {status} {answer!r}")
        self.tally.broadcasts += 1

    def close(self):
        self.publisher.close()
