"""conf/haproxy.cfg in front of the server, both of its ways."""

import contextlib
import http.client
import signal
import socket
import struct
import threading
import unittest

from tests.proxies.behaviour import Behaviour, forwarded_for
from tests.proxies.proxies import PROXY_SIGNATURE, Witness, haproxy
from tests.support import programs
from tests.support.clients import Chunks, Endless, Publisher, get
from tests.support.processes import DEADLINE_S, await_true, comet, scratch_folder


class HaproxyAsHttp(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(programs.COMET, folder))
        self.port, _ = self.enterContext(haproxy(programs.find("haproxy"), self.server, folder))

    def test_the_clients_address_arrives_and_not_what_it_claims_to_be(self):
        with contextlib.closing(Witness(self.server)) as witness, scratch_folder() as folder, \
                haproxy(programs.find("haproxy"), witness, folder) as (port, _):
            self.assertEqual(forwarded_for(port, witness), ["127.0.0.1"])


class HaproxyAndTheHealthOfTheServer(unittest.TestCase):

    def start(self, **settings):
        folder = self.enterContext(scratch_folder())
        server = self.enterContext(comet(programs.COMET, folder, **settings))
        self.ports = self.enterContext(haproxy(programs.find("haproxy"), server, folder))
        return server

    def await_that_newcomers_are_turned_away(self):
        for port in self.ports:
            await_true("HAProxy turns newcomers away", lambda: turns_away(port))

    def test_a_server_that_is_not_ready_gets_nobody_new_and_keeps_who_is_there(self):
        server = self.start(**{"front.listen": "127.0.0.1:0,127.0.0.1:0 proxy",
                               "front.max_channels": "1"})
        with contextlib.closing(Publisher(server)) as publisher, \
                contextlib.closing(Endless(self.ports[0], "/stream", "cname=kept&seq=1")) as one, \
                contextlib.closing(Endless(self.ports[1], "/stream", "cname=kept&seq=1")) as other:
            self.await_that_newcomers_are_turned_away()
            self.assertEqual(get(server.front_port, "/ping")[0], 200)  # who comes past HAProxy
            publisher.push("kept", "news")
            for subscriber in (one, other):
                self.assertEqual(subscriber.next_data()["content"], "news")

    def test_a_server_that_drains_gets_nobody_new(self):
        server = self.start(**{"front.listen": "127.0.0.1:0,127.0.0.1:0 proxy",
                               "drain_timeout": "3600", "limits.header_timeout": "3600"})
        with contextlib.closing(hold(server)):
            self.assertEqual([get(port, "/ping")[0] for port in self.ports], [200, 200])
            server.process.send_signal(signal.SIGTERM)
            self.await_that_newcomers_are_turned_away()
            self.assertIsNone(server.process.poll(), "it still drains")


def turns_away(port):
    """Whether HAProxy has no server for a newcomer: as HTTP it says so, as bytes it hangs up."""
    try:
        return get(port, "/ping")[0] == 503
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return True


def hold(server):
    """A client that does not finish its second request: a drain waits for it."""
    client = socket.create_connection(("127.0.0.1", server.front_port), timeout=DEADLINE_S)
    client.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\nGET /ping HTTP/1.1\r\n")
    client.recv(1)  # of the first one's answer: now it is known to be there
    return client


class HaproxyAsBytes(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(
            programs.COMET, folder, **{"front.listen": "127.0.0.1:0,127.0.0.1:0 proxy"}))
        _, self.port = self.enterContext(haproxy(programs.find("haproxy"), self.server, folder))

    def test_each_chunk_is_one_message_however_fast_they_come(self):
        publishers, pushes = 4, 200
        with contextlib.closing(Chunks(self.port, "/stream?cname=burst&seq=1")) as subscriber:
            threads = [threading.Thread(target=self._push, args=("burst", pushes))
                       for _ in range(publishers)]
            for thread in threads:
                thread.start()
            for _ in range(publishers * pushes):
                chunk = subscriber.next()
                self.assertTrue(chunk.startswith(b'{"type":"') and chunk.endswith(b"}\n"), chunk)
                self.assertEqual(chunk.count(b"\n"), 1, chunk)
            for thread in threads:
                thread.join()

    def _push(self, cname, count):
        with self.publisher() as publisher:
            for number in range(count):
                publisher.push(cname, str(number))

    def test_the_clients_address_arrives_in_a_proxy_header(self):
        with contextlib.closing(Witness(self.server)) as witness, scratch_folder() as folder, \
                haproxy(programs.find("haproxy"), witness, folder) as (_, port), \
                socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as client:
            client.sendall(b"GET /stream?cname=a HTTP/1.1\r\nHost: a\r\n\r\n")
            head = witness.first_request()
            self.assertTrue(head.startswith(PROXY_SIGNATURE), head)
            # Version 2 and "on behalf of"; TCP over IPv4; then addresses and ports (section 2.2).
            rest = head[len(PROXY_SIGNATURE):]
            self.assertEqual(rest[:2], b"\x21\x11")
            source, _, port_of_source = struct.unpack("!4s4sH", rest[4:14])
            self.assertEqual((socket.inet_ntoa(source), port_of_source), client.getsockname())
