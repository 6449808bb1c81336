"""A TCP connection to the server and the HTTP that is read from it, for well-behaved clients."""

import asyncio
import socket
import struct

DEADLINE_S = 120.0  # for whatever must come; a loaded machine under a sanitizer is slow
READ_BYTES = 65536


class Ended(Exception):
    """The other end has closed the connection, or broken it."""


class Wire:

    def __init__(self, peer):
        self.peer = peer
        self.buffer = bytearray()
        self.loop = asyncio.get_running_loop()

    @classmethod
    async def connect(cls, port, receive_bytes=None):
        """`receive_bytes`: the size of the kernel's buffer, for a client that is to be slow."""
        peer = socket.socket()
        peer.setblocking(False)
        if receive_bytes:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        try:
            await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", port))
        except BaseException as error:
            peer.close()
            if isinstance(error, OSError):
                raise Ended(str(error)) from error
            raise
        return cls(peer)

    async def send(self, data):
        try:
            await self.loop.sock_sendall(self.peer, data)
        except OSError as error:
            raise Ended(str(error)) from error

    async def fill(self):
        try:
            async with asyncio.timeout(DEADLINE_S):
                received = await self.loop.sock_recv(self.peer, READ_BYTES)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            raise Ended(str(error)) from error
        if not received:
            raise Ended("end of stream")
        self.buffer += received

    async def line(self):
        """A line without its end."""
        start = 0
        while (end := self.buffer.find(b"\n", start)) < 0:
            start = len(self.buffer)
            await self.fill()
        line = bytes(self.buffer[:end])
        del self.buffer[:end + 1]
        return line.removesuffix(b"\r")

    async def exactly(self, count):
        while len(self.buffer) < count:
            await self.fill()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def head(self):
        """Status and headers of a response, names in small letters."""
        status = int((await self.line()).split(b" ")[1])
        headers = {}
        while line := await self.line():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    async def response(self):
        status, headers = await self.head()
        return status, headers, await self.exactly(int(headers.get("content-length", 0)))

    async def chunk(self):
        """RFC 9112, 7.1; the last one ends the stream."""
        size = int(await self.line(), 16)
        data = await self.exactly(size)
        await self.line()
        if size == 0:
            raise Ended("last chunk")
        return data

    def half_close(self):
        try:
            self.peer.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        """Closes with an RST (socket(7), SO_LINGER of 0)."""
        try:
            self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.peer.close()

    def close(self):
        self.peer.close()


def request(method, target, headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: soak", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ask(port, target, method="GET", headers=(), body=b""):
    """One request on a connection of its own: status and body."""
    wire = await Wire.connect(port)
    try:
        await wire.send(request(method, target, headers, body))
        status, _, answer = await wire.response()
        return status, answer
    finally:
        wire.close()
