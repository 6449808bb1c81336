"""The admin port, as a backend uses it: pushes over one connection, and what the server says of itself."""

import asyncio
import json
from urllib.parse import urlencode


class Admin:
    def __init__(self, address):
        self.host, port = address.rsplit(':', 1)
        self.port = int(port)
        self.lock = asyncio.Lock()
        self.reader = self.writer = None

    async def push(self, cname, content):
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, separators=(',', ':'))
        await self._ask('POST /push', urlencode({'cname': cname, 'content': text}).encode())

    async def info(self):
        return json.loads(await self._ask('GET /info', b''))

    async def _ask(self, what, body):
        async with self.lock:
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 22)
            try:
                self.writer.write(f'{what} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)
                head = await self.reader.readuntil(b'\r\n\r\n')
                size = int(head.lower().split(b'content-length:', 1)[1].split(b'\r\n', 1)[0])
                answer = await self.reader.readexactly(size)
            except (OSError, asyncio.IncompleteReadError):
                self.writer.close()
                self.writer = None
                raise ConnectionError('the server is gone') from None
            if b' 200 ' not in head.split(b'\r\n', 1)[0] + b' ':
                raise ConnectionError(answer.decode(errors='replace').strip())
            return answer
