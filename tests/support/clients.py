"""What subscribers and publishers do in these tests."""

import http.client
import json
import socket
import urllib.parse

from tests.support.processes import DEADLINE_S, await_true


def _connect(port):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)


def get(port, target):
    """One request on a connection of its own: status and body."""
    connection = _connect(port)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class Publisher:
    """Pushes on one connection, so that messages have the order of the calls."""

    def __init__(self, server):
        self.connection = _connect(server.admin_port)

    def push(self, cname, content):
        query = urllib.parse.urlencode({"cname": cname, "content": content})
        self.connection.request("GET", "/push?" + query)
        answer = self.connection.getresponse().read().decode()
        assert answer == '{"type":"ok"}\n', answer

    def close(self):
        self.connection.close()


def await_subscribers(server, cname, count):
    target = "/info?" + urllib.parse.urlencode({"cname": cname})
    await_true(f"{count} subscribers of {cname}",
               lambda: json.loads(get(server.admin_port, target)[1])["subscribers"] == count)


class Endless:
    """A subscriber on /stream, /sse or /iframe: its messages, one after the other."""

    MARKS = {"/stream": ("", ""), "/sse": ("data: ", ""),
             "/iframe": ("<script>parent.icomet_cb(", ");</script>")}

    def __init__(self, port, path, query):
        self.prefix, self.suffix = self.MARKS[path]
        self.connection = _connect(port)
        self.connection.request("GET", f"{path}?{query}")
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.status

    def next(self):
        """The next message; what stands between messages is left out."""
        while True:
            line = self.response.readline().decode()
            assert line, "the response has ended"
            line = line.rstrip("\n")
            if line.startswith(self.prefix) and line.endswith(self.suffix):
                body = line[len(self.prefix):len(line) - len(self.suffix)]
                if body.startswith('{"type"'):
                    return json.loads(body)

    def next_data(self):
        """The next message that somebody pushed."""
        while True:
            message = self.next()
            if message["type"] == "data":
                return message

    def close(self):
        # The response holds the descriptor, too.
        self.response.close()
        self.connection.close()


class Poller:
    """A subscriber that polls on one connection for as long as that is kept alive."""

    def __init__(self, port, cname, seq):
        self.connection = _connect(port)
        self.cname = cname
        self.seq = seq

    def ask(self):
        query = urllib.parse.urlencode({"cname": self.cname, "seq": self.seq, "cb": ""})
        self.connection.request("GET", "/poll?" + query)

    def answer(self):
        """The messages of one answer; the connection must have stayed open."""
        response = self.connection.getresponse()
        assert response.status == 200, response.status
        answer = json.loads(response.read())
        assert not response.will_close
        messages = answer if isinstance(answer, list) else [answer]
        for message in messages:
            if message["type"] == "data":
                self.seq = message["seq"] + 1
        return messages

    def close(self):
        self.connection.close()


class Chunks:
    """An endless response chunk by chunk (RFC 9112 7.1), as it was cut on the way."""

    def __init__(self, port, target):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        while self.stream.readline() != b"\r\n":
            pass

    def next(self):
        chunk = self.stream.read(int(self.stream.readline(), 16))
        self.stream.readline()
        return chunk

    def close(self):
        self.stream.close()
        self.socket.close()


class WebSocket:
    """A subscriber on /ws: its frames, one after the other (RFC 6455 5.2)."""

    TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

    def __init__(self, port, query):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(
            f"GET /ws?{query} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .encode())
        status = self.stream.readline()
        assert status.startswith(b"HTTP/1.1 101 "), status
        while self.stream.readline() != b"\r\n":
            pass

    def send(self, opcode, payload=b""):
        # A mask of zeros is one, too.
        assert len(payload) < 126
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

    def next_frame(self):
        head = self.stream.read(2)
        assert len(head) == 2, "the connection has ended"
        size = head[1]
        if size >= 126:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        return head[0] & 0x0f, self.stream.read(size)

    def next(self):
        """The next message; pings are answered on the way."""
        while True:
            opcode, payload = self.next_frame()
            if opcode == self.TEXT:
                return json.loads(payload)
            assert opcode == self.PING, opcode
            self.send(self.PONG, payload)

    def close(self):
        self.stream.close()
        self.socket.close()
