"""The programs in examples/ with the real server, over a network that is cut, those in one language:

    COMET_SERVER_BINARY=build/comet-server python3 -m tests.examples_test python|node|go|php

The exit status is 77 where what runs them is not installed, which ctest counts as skipped.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request

from tests.support.processes import await_true, child, comet

LANGUAGES = {"python": "python3", "node": "node", "go": "go", "php": "php"}
SKIPPED = 77
EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"
CONTENT = "é \"quotes\" & <b> 100%+1 \u2028 👋 \\n"


class Door:
    """A port that leads to the server, and loses every connection when it is told to."""

    def __init__(self, port):
        self.port_behind = port
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.entering = threading.Thread(target=self._enter, daemon=True)
        self.entering.start()

    def _enter(self):
        while True:
            try:
                near, _ = self.listener.accept()
                pair = near, socket.create_connection(("127.0.0.1", self.port_behind))
            except OSError:
                return
            self.pairs.append(pair)
            for source, sink in (pair, pair[::-1]):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def _carry(source, sink):
        try:
            while received := source.recv(65536):
                sink.sendall(received)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for pair in self.pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.entering.join()
        self.cut()
        for one in (self.listener, *(end for pair in self.pairs for end in pair)):
            one.close()


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = self.enter(tempfile.TemporaryDirectory(prefix="comet-examples-"))
        self.server = self.start("first")

    def start(self, name, **settings):
        folder = pathlib.Path(self.folder) / name
        folder.mkdir()
        binary = os.environ.get("COMET_SERVER_BINARY", "build/comet-server")
        return self.enter(comet(binary, folder, **settings))

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def command(self, program, name):
        path = shutil.which(program)
        if program != "go":
            return [path, str(EXAMPLES / name)]
        built = f"{self.folder}/example"
        subprocess.run([path, "build", "-o", built, str(EXAMPLES / name)], check=True,
                       env={**os.environ, "GOCACHE": f"{self.folder}/go", "GO111MODULE": "off"})
        return [built]

    def push(self, content):
        form = urllib.parse.urlencode({"cname": "news", "content": content}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.server.admin_port}/push", form).close()

    def listener(self, program, name):
        """The way to the server, and the example as it listens from number 1 on, with `seen()` of it."""
        door = Door(self.server.front_port)
        self.addCleanup(door.close)
        process = self.enter(child([*self.command(program, name), f"http://127.0.0.1:{door.port}", "news", "1"],
                                   folder=self.folder))
        lines = lambda word: [line for line in process.log.read_text().splitlines() if word in line]
        return door, lines

    def listens(self, program, name):
        wanted = [f"{number} message {number}" for number in range(1, 41)]
        door, lines = self.listener(program, name)
        for count in (10, 20, 30, 40):
            for line in wanted[count - 10:count]:
                self.push(line.split(" ", 1)[1])
            await_true(f"{count} messages by {name}", lambda: len(lines(" message ")) >= count)
            door.cut()
        self.assertEqual(lines(" message "), wanted)
        self.assertEqual(lines("missed"), [])

    def begins_anew(self, program, name):
        """Behind the same address a server that knows nothing of the one before."""
        for number in range(1, 11):
            self.push(f"message {number}")
        door, lines = self.listener(program, name)
        await_true(f"10 messages by {name}", lambda: len(lines(" message ")) == 10)
        self.server = self.start("second")
        wanted = ["1 new", "2 new", "3 new"]
        for _ in wanted:
            self.push("new")
        door.port_behind = self.server.front_port
        door.cut()
        await_true(f"what is new by {name}", lambda: lines(" new") == wanted)
        self.assertNotEqual(lines("began anew"), [])

    def tells_a_gap(self, program, name):
        self.server = self.start("short", **{"front.channel_buffer_size": "3"})
        for number in range(1, 11):
            self.push(f"message {number}")
        _, lines = self.listener(program, name)
        await_true(f"the last messages by {name}", lambda: len(lines(" message ")) == 3)
        self.assertEqual(lines(" message "), [f"{number} message {number}" for number in (8, 9, 10)])
        self.assertRegex("\n".join(lines("missed")), "missed 1 to 7$")

    def publishes(self, program, name):
        subprocess.run([*self.command(program, name), f"http://127.0.0.1:{self.server.admin_port}", "news", CONTENT],
                       check=True, stdout=subprocess.PIPE)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.front_port}/sub?cname=news&seq=1") as answer:
            self.assertEqual([message["content"] for message in json.load(answer)], [CONTENT])

    def test_python_listens(self):
        self.listens("python3", "listen.py")

    def test_python_begins_anew_with_a_server_that_forgot_the_channel(self):
        self.begins_anew("python3", "listen.py")

    def test_python_tells_a_gap(self):
        self.tells_a_gap("python3", "listen.py")

    def test_node_listens(self):
        self.listens("node", "listen.mjs")

    def test_node_begins_anew_with_a_server_that_forgot_the_channel(self):
        self.begins_anew("node", "listen.mjs")

    def test_node_tells_a_gap(self):
        self.tells_a_gap("node", "listen.mjs")

    def test_go_listens(self):
        self.listens("go", "listen.go")

    def test_go_begins_anew_with_a_server_that_forgot_the_channel(self):
        self.begins_anew("go", "listen.go")

    def test_go_tells_a_gap(self):
        self.tells_a_gap("go", "listen.go")

    def test_python_publishes(self):
        self.publishes("python3", "publish.py")

    def test_node_publishes(self):
        self.publishes("node", "publish.mjs")

    def test_go_publishes(self):
        self.publishes("go", "publish.go")

    def test_php_publishes(self):
        self.publishes("php", "publish.php")


def main(language):
    program = LANGUAGES[language]
    if not shutil.which(program):
        print(f"SKIPPED: {program} is not installed; `make test-deps` installs it")
        return SKIPPED
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*.test_{language}_*"]
    result = unittest.TextTestRunner(verbosity=2).run(loader.loadTestsFromTestCase(Examples))
    return 0 if result.testsRun and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
