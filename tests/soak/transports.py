"""Each transport as a subscriber sees it: `open` it at some positions, then take message by message.

`last_id` outlives a connection on /sse, as a browser's does. `asked` is told whenever a request goes
out, since what comes first after it may begin later than was wanted.
"""

import base64
import json
import os
import re
import struct
import urllib.parse

from tests.soak.judge import Fault
from tests.soak.wire import Ended, Wire, request


class Busy(Exception):
    """The server asks to come back later: limits.max_memory has been reached, or this machine took longer
    for the request than limits.header_timeout."""


def is_refusal(message):
    """That of a subscription, as a message of its channel or as the answer to an operation."""
    return message["type"] == "429" or (message["type"] == "error" and message["op"] == "subscribe")


# Of /sse. Only a refusal has no id.
EVENT = re.compile(r"(?:id: (?P<id>[-\d,]+)\n)?data: (?P<data>.*)\n\n")


def subscription(positions, **more):
    """`cname` and `seq` of each in step, then what else there is."""
    pairs = []
    for position in positions:
        pairs += [("cname", position.channel.cname), ("seq", position.seq)]
    return urllib.parse.urlencode(pairs + list(more.items()))


def expect(status, wanted=200):
    if status in (408, 429, 503):
        raise Busy()
    if status != wanted:
        raise Fault(f"a subscriber was answered {status}")


class Transport:
    path = ""

    def __init__(self, port, *, origin=None, receive_bytes=None):
        self.port = port
        self.headers = [f"Origin: {origin}"] if origin else []
        self.receive_bytes = receive_bytes
        self.wire = None
        self.noop = 0  # the number of the next heartbeat

    async def connect(self):
        self.wire = await Wire.connect(self.port, self.receive_bytes)

    def hears_noop(self, message):
        if message["seq"] != self.noop:
            raise Fault(f"heartbeat {message['seq']} on {self.path}; {self.noop} was next")
        self.noop += 1


class Stream(Transport):
    path = "/stream"

    async def open(self, positions):
        await self.connect()
        query = subscription(positions, noop=self.noop)
        await self.wire.send(request("GET", f"{self.path}?{query}", self.request_headers()))
        for position in positions:
            position.connects()
        status, _ = await self.wire.head()
        expect(status)
        await self.opening()

    def request_headers(self):
        return self.headers

    async def opening(self):
        """What comes before the first message."""

    async def next(self):
        return json.loads(await self.wire.chunk())


class Iframe(Stream):
    path = "/iframe"
    PREFIX, SUFFIX = b"<script>parent.icomet_cb(", b");</script>\n"

    async def opening(self):
        await self.wire.chunk()

    async def next(self):
        chunk = await self.wire.chunk()
        if not (chunk.startswith(self.PREFIX) and chunk.endswith(self.SUFFIX)):
            raise Fault(f"/iframe: {chunk[:100]!r}")
        return json.loads(chunk[len(self.PREFIX):-len(self.SUFFIX)])


class Sse(Stream):
    path = "/sse"

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.last_id = None

    def request_headers(self):
        resuming = [f"Last-Event-ID: {self.last_id}"] if self.last_id else []
        return self.headers + resuming

    async def opening(self):
        if not (await self.wire.chunk()).startswith(b"retry: "):
            raise Fault("/sse: the stream does not begin with retry")

    async def next(self):
        chunk = (await self.wire.chunk()).decode()
        event = EVENT.fullmatch(chunk)
        message = json.loads(event["data"]) if event else None
        if message is None or (event["id"] is None) != is_refusal(message):
            raise Fault(f"/sse: {chunk!r}")
        self.last_id = event["id"] or self.last_id
        return message


class Poll(Transport):
    path = "/poll"
    plain = {"cb": ""}

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.waiting = []
        self.positions = []

    async def open(self, positions):
        self.waiting = []
        self.positions = positions
        await self.connect()

    async def next(self):
        while not self.waiting:
            await self._ask()
        return self.waiting.pop(0)

    async def _ask(self):
        query = subscription(self.positions, noop=self.noop, **self.plain)
        await self.wire.send(request("GET", f"{self.path}?{query}", self.headers))
        for position in self.positions:
            position.connects()
        status, headers, body = await self.wire.response()
        expect(status)
        answer = json.loads(body)
        self.waiting = answer if isinstance(answer, list) else [answer]
        if headers.get("connection") == "close":
            self.wire.close()
            await self.connect()


class Sub(Poll):
    path = "/sub"
    plain = {}


class WebSocket(Transport):
    """RFC 6455."""
    path = "/ws"
    TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
    LENGTHS = {126: ">H", 127: ">Q"}

    async def open(self, positions):
        await self.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        query = subscription(positions, noop=self.noop)
        await self.wire.send(request("GET", f"/ws?{query}", [
            *self.headers, "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13"]))
        for position in positions:
            position.connects()
        status, _ = await self.wire.head()
        expect(status, 101)

    async def next(self):
        while True:
            first, length = await self.wire.exactly(2)
            if length in self.LENGTHS:
                layout = self.LENGTHS[length]
                length, = struct.unpack(layout, await self.wire.exactly(struct.calcsize(layout)))
            payload = await self.wire.exactly(length)
            if first == 0x80 | self.TEXT:
                return json.loads(payload)
            if first == 0x80 | self.PING:
                await self._send(self.PONG, payload)
            elif first == 0x80 | self.CLOSE:
                raise Ended(f"close {payload!r}")
            else:
                raise Fault(f"/ws: a frame that begins with {first:#x}")

    async def operate(self, op, position):
        operation = {"op": op, "cname": position.channel.cname}
        if op == "subscribe":
            operation["seq"] = position.seq
            position.connects()
        await self._send(self.TEXT, json.dumps(operation).encode())

    async def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        length = (bytes([0x80 | len(payload)]) if len(payload) < 126
                  else bytes([0x80 | 126]) + struct.pack(">H", len(payload)))
        await self.wire.send(bytes([0x80 | opcode]) + length + mask + masked)


TRANSPORTS = (Stream, Iframe, Sse, Poll, Sub, WebSocket)
