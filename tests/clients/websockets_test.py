"""Python's websockets as a subscriber: python3 -m tests.clients.websockets_test."""

import asyncio
import json
import unittest

import websockets

from tests.support import programs
from tests.support.clients import Publisher, await_subscribers
from tests.support.processes import DEADLINE_S, comet, scratch_folder


async def next_message(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), DEADLINE_S))


class Websockets(unittest.IsolatedAsyncioTestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(programs.COMET, folder, **{"front.polling_timeout": "2"}))
        self.publisher = Publisher(self.server)
        self.addCleanup(self.publisher.close)

    def connect(self, query="", **options):
        url = f"ws://127.0.0.1:{self.server.front_port}/ws{query}"
        return websockets.connect(url, **{"ping_interval": None, **options})

    async def test_each_message_arrives_once_and_in_order(self):
        async with self.connect("?cname=a&seq=1") as socket:
            contents = ["", "x" * 125, "x" * 126, "x" * 60000, "\u00e4\u4e2d\U0001f600"]
            contents += [f"number {number}" for number in range(200)]
            for content in contents:
                self.publisher.push("a", content)
            for number, content in enumerate(contents, 1):
                message = await next_message(socket)
                self.assertEqual((message["type"], message["seq"]), ("data", number))
                self.assertEqual(message["content"], content)

    async def test_the_handshake_chooses_a_protocol_and_no_compression(self):
        async with self.connect(subprotocols=["one", "two"]) as socket:
            self.assertEqual(socket.subprotocol, "one")
            self.assertEqual(socket.extensions, [])

    async def test_channels_come_and_go(self):
        async with self.connect() as socket:
            self.publisher.push("b", "before")
            await socket.send(json.dumps({"op": "subscribe", "cname": "b", "seq": 1}))
            self.assertEqual(await next_message(socket),
                             {"type": "subscribed", "cname": "b", "seq": 1})
            self.assertEqual((await next_message(socket))["content"], "before")
            await socket.send(json.dumps({"op": "unsubscribe", "cname": "b"}))
            self.assertEqual(await next_message(socket), {"type": "unsubscribed", "cname": "b"})
            await_subscribers(self.server, "b", 0)

    async def test_pings_of_both_sides_are_answered(self):
        # The server would end who does not answer before the next one.
        async with self.connect("?cname=idle&seq=1") as socket:
            for number in range(2):
                message = await next_message(socket)
                self.assertEqual((message["type"], message["seq"]), ("noop", number))
            await asyncio.wait_for(await socket.ping(b"ours"), DEADLINE_S)

    async def test_fragments_make_one_message(self):
        async with self.connect() as socket:
            await socket.send(["{\"op\":", "\"in parts\"", "}"])
            self.assertEqual((await next_message(socket))["op"], "in parts")

    async def test_closing_is_clean_on_both_sides(self):
        async with self.connect() as socket:
            await socket.close(4000, "enough")
            self.assertEqual(socket.close_code, 4000)
        async with self.connect() as socket:
            await socket.send(b"binary")
            with self.assertRaises(websockets.ConnectionClosedError):
                await next_message(socket)
            self.assertEqual(socket.close_code, 1003)


if __name__ == "__main__":
    unittest.main()
