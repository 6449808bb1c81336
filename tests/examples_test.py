"""The programs in examples/ with the real server, over a network that is cut; each where what runs it is there.

    COMET_SERVER_BINARY=build/comet-server python3 -m unittest -v tests.examples_test
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request

from tests.proxies.processes import await_true, child, comet

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
        binary = os.environ.get("COMET_SERVER_BINARY", "build/comet-server")
        self.server = self.enter(comet(binary, self.folder))

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def command(self, program, name):
        path = shutil.which(program)
        if path is None:
            self.skipTest(f"{program} is not installed")
        if program != "go":
            return [path, str(EXAMPLES / name)]
        built = f"{self.folder}/example"
        subprocess.run([path, "build", "-o", built, str(EXAMPLES / name)], check=True,
                       env={**os.environ, "GOCACHE": f"{self.folder}/go", "GO111MODULE": "off"})
        return [built]

    def push(self, content):
        form = urllib.parse.urlencode({"cname": "news", "content": content}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.server.admin_port}/push", form).close()

    def listens(self, program, name):
        door = Door(self.server.front_port)
        self.addCleanup(door.close)
        wanted = []
        for number in range(1, 41):
            wanted.append(f"{number} message {number}")
        for line in wanted[:10]:
            self.push(line.split(" ", 1)[1])
        with child([*self.command(program, name), f"http://127.0.0.1:{door.port}", "news", "1"],
                   folder=self.folder) as process:
            seen = lambda: [line for line in process.log.read_text().splitlines() if " message " in line]
            for count in (10, 20, 30, 40):
                for line in wanted[max(count - 10, 10):count]:
                    self.push(line.split(" ", 1)[1])
                await_true(f"{count} messages by {name}", lambda: len(seen()) >= count)
                door.cut()
            self.assertEqual(seen(), wanted)

    def publishes(self, program, name):
        subprocess.run([*self.command(program, name), f"http://127.0.0.1:{self.server.admin_port}", "news", CONTENT],
                       check=True, stdout=subprocess.PIPE)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.front_port}/sub?cname=news&seq=1") as answer:
            self.assertEqual([message["content"] for message in json.load(answer)], [CONTENT])

    def test_python_listens(self):
        self.listens("python3", "listen.py")

    def test_node_listens(self):
        self.listens("node", "listen.mjs")

    def test_go_listens(self):
        self.listens("go", "listen.go")

    def test_python_publishes(self):
        self.publishes("python3", "publish.py")

    def test_node_publishes(self):
        self.publishes("node", "publish.mjs")

    def test_go_publishes(self):
        self.publishes("go", "publish.go")

    def test_php_publishes(self):
        self.publishes("php", "publish.php")


if __name__ == "__main__":
    unittest.main()
