"""conf/haproxy.cfg in front of the server, both of its ways."""

import contextlib
import signal
import threading
import unittest

from tests.proxies import programs
from tests.proxies.behaviour import Behaviour
from tests.proxies.clients import Chunks, get
from tests.proxies.processes import await_true, comet, haproxy, scratch_folder


class HaproxyAsHttp(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(
            comet(programs.COMET, folder, **{"drain_timeout": "3"}))
        self.port, _ = self.enterContext(haproxy(programs.find("haproxy"), self.server, folder))

    def test_while_the_server_drains_it_gets_nobody_new_and_keeps_who_is_there(self):
        with self.endless("/stream", "cname=drained&seq=1") as subscriber, \
                self.publisher() as publisher:
            publisher.push("drained", "first")
            self.assertEqual(subscriber.next_data()["content"], "first")
            self.server.process.send_signal(signal.SIGTERM)
            await_true("HAProxy turns newcomers away", lambda: get(self.port, "/ping")[0] == 503)


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
