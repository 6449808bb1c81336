"""What must hold whatever stands between a subscriber and the server.

A test case of a proxy inherits these and starts it in setUp: `self.server`, `self.port`.
"""

import contextlib
import http.client
import pathlib
import re

from tests.support.clients import Endless, Poller, Publisher, WebSocket, await_subscribers, get
from tests.support.processes import DEADLINE_S

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
PATHS = ("/stream", "/sse", "/iframe")
# Enough to fill every buffer on the way several times over.
MANY = 2000
LONG = "x" * 1000


class Behaviour:

    def endless(self, path, query):
        return contextlib.closing(Endless(self.port, path, query))

    def poller(self, cname, seq):
        return contextlib.closing(Poller(self.port, cname, seq))

    def publisher(self):
        return contextlib.closing(Publisher(self.server))

    def test_each_live_message_arrives_before_the_next_is_pushed(self):
        for path in PATHS:
            with self.subTest(path=path), self.publisher() as publisher, \
                    self.endless(path, f"cname=live{path}&seq=1") as subscriber:
                for number in range(1, 21):
                    publisher.push(f"live{path}", f"content {number}")
                    message = subscriber.next_data()
                    self.assertEqual(message["seq"], number)
                    self.assertEqual(message["content"], f"content {number}")

    def test_many_messages_arrive_in_order_and_none_is_missing(self):
        for path in PATHS:
            with self.subTest(path=path), self.publisher() as publisher, \
                    self.endless(path, f"cname=many{path}&seq=1") as subscriber:
                for number in range(1, MANY + 1):
                    publisher.push(f"many{path}", f"{number} {LONG}")
                for number in range(1, MANY + 1):
                    message = subscriber.next_data()
                    self.assertEqual(message["seq"], number)
                    self.assertEqual(message["content"], f"{number} {LONG}")

    def test_heartbeats_pass(self):
        for path in PATHS:
            with self.subTest(path=path), \
                    self.endless(path, f"cname=idle{path}&seq=1&noop=7") as subscriber:
                for number in (7, 8):
                    message = subscriber.next()
                    self.assertEqual((message["type"], message["seq"]), ("noop", number))

    def test_websockets_pass_in_both_directions(self):
        with self.publisher() as publisher, \
                contextlib.closing(WebSocket(self.port, "cname=ws&seq=1&noop=7")) as subscriber:
            for number in range(1, 21):
                publisher.push("ws", f"{number} {LONG}")
                message = subscriber.next()
                self.assertEqual((message["type"], message["seq"]), ("data", number))
                self.assertEqual(message["content"], f"{number} {LONG}")
            # Only who answers pings gets a second heartbeat.
            for number in (7, 8, 9):
                message = subscriber.next()
                self.assertEqual((message["type"], message["seq"]), ("noop", number))
            subscriber.send(WebSocket.TEXT, b'{"op":"unsubscribe","cname":"ws"}')
            self.assertEqual(subscriber.next(), {"type": "unsubscribed", "cname": "ws"})
            subscriber.send(WebSocket.CLOSE, b"\x03\xe8")
            self.assertEqual(subscriber.next_frame(), (WebSocket.CLOSE, b"\x03\xe8"))

    def test_a_websocket_that_is_left_is_left_at_the_server(self):
        with contextlib.closing(WebSocket(self.port, "cname=gone&seq=1")):
            await_subscribers(self.server, "gone", 1)
        await_subscribers(self.server, "gone", 0)

    def test_polls_are_answered_one_after_the_other_on_one_connection(self):
        with self.publisher() as publisher, self.poller("poll", 1) as poller:
            for number in range(1, 51):
                poller.ask()
                publisher.push("poll", str(number))
                answer = poller.answer()
                while answer[0]["type"] == "noop":
                    poller.ask()
                    answer = poller.answer()
                self.assertEqual([message["content"] for message in answer], [str(number)])

    def test_a_poll_gets_its_heartbeat(self):
        with self.poller("idle-poll", 1) as poller:
            poller.ask()
            self.assertEqual(poller.answer()[0]["type"], "noop")

    def test_a_client_that_leaves_is_gone_from_the_server(self):
        for path in PATHS:
            with self.subTest(path=path), self.endless(path, f"cname=gone{path}&seq=1"):
                await_subscribers(self.server, f"gone{path}", 1)
            await_subscribers(self.server, f"gone{path}", 0)

    def test_all_that_subscribers_ask_is_let_through(self):
        # /psub is no path of the front port: what the server, too, does not know there is 404.
        self.assertEqual(get(self.server.front_port, "/psub")[0], 404)
        for path in front_paths():
            with self.subTest(path=path):
                self.assertNotEqual(get(self.port, path)[0], 404)

    def test_the_scripts_of_pages_are_let_through_as_they_are(self):
        for script in ("/comet.js", "/comet.mjs"):
            with self.subTest(script=script):
                status, text = get(self.port, script)
                self.assertEqual(status, 200)
                self.assertEqual(text, get(self.server.front_port, script)[1])

    def test_nothing_else_is_let_through(self):
        for target in ("/info", "/push?cname=a&content=b", "/sign?cname=a", "/streams",
                       "/comet_js", "/console"):
            with self.subTest(target=target):
                self.assertEqual(get(self.port, target)[0], 404)
        self.assertEqual(get(self.port, "/ping")[0], 200)


def front_paths():
    """The paths of the front port, from the table that the server's own table makes in README.md."""
    return re.findall(r"^\| front \| `(/\w+)`", README.read_text(), re.MULTILINE)


def forwarded_for(port, witness):
    """All X-Forwarded-For that arrive at the witness for a client that claims to be another."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    with contextlib.closing(client):
        client.request("GET", "/stream?cname=a", headers={"X-Forwarded-For": "192.0.2.1"})
        lines = witness.first_request().decode().split("\r\n")
    return [line.partition(":")[2].strip() for line in lines
            if line.lower().startswith("x-forwarded-for:")]
