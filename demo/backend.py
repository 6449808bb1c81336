"""The example of a backend: takes what visitors post, decides, and pushes on the admin port.

Visitors never reach the admin port. What they may do is little, and how often is bounded by address.
"""

import asyncio
import json
import math
import re
import time

HEAD_BYTES_MAX = 8192
BODY_BYTES_MAX = 2048
ADDRESSES_MAX = 4096
PATIENCE_S = 60

ECHO_CHANNEL = re.compile(r'demo-echo-[a-z0-9]{1,12}\Z')


class Refused(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


class Allowance:
    """So much at once and so much a second, for each address."""

    def __init__(self, burst, per_second):
        self.burst = burst
        self.per_second = per_second
        self.left = {}  # address: (how much, at what time)

    def take(self, address):
        now = time.monotonic()
        left, then = self.left.pop(address, (self.burst, now))
        left = min(left + (now - then) * self.per_second, self.burst)
        if len(self.left) >= ADDRESSES_MAX:
            del self.left[next(iter(self.left))]  # who was here longest ago
        self.left[address] = (max(left - 1, 0) if left >= 1 else left, now)
        if left < 1:
            raise Refused(429, 'Not so fast, please.')


def text_of(fields, name, longest):
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise Refused(400, f'{name} must be a text of at most {longest} characters.')
    return value.strip()


class Backend:
    def __init__(self, admin, nudge):
        self.admin = admin
        self.nudge_crowd = nudge
        self.actions = {'/say': (self.say, Allowance(5, 0.5)), '/echo': (self.echo, Allowance(10, 4)), '/nudge': (self.nudge, Allowance(5, 1))}

    async def say(self, fields):
        await self.admin.push('demo-chat', {
            'name': text_of(fields, 'name', 20), 'text': text_of(fields, 'text', 280),
            'by': text_of(fields, 'by', 16), 'at': int(time.time() * 1000)})

    async def echo(self, fields):
        channel, number = text_of(fields, 'channel', 32), fields.get('number')
        if not ECHO_CHANNEL.match(channel) or not isinstance(number, int):
            raise Refused(400, 'There is nothing to echo.')
        await self.admin.push(channel, str(number))

    async def nudge(self, fields):
        by = fields.get('by')
        if not isinstance(by, (int, float)) or not math.isfinite(by):
            raise Refused(400, 'by must be a number.')
        self.nudge_crowd(min(max(by, -8), 8))

    async def serve(self, reader, writer):
        address = writer.get_extra_info('peername')[0]
        try:
            while await asyncio.wait_for(self.answer(reader, writer, address), PATIENCE_S):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            pass
        except asyncio.CancelledError:
            pass  # the demonstration ends, and nobody waits for this task
        finally:
            writer.close()

    async def answer(self, reader, writer, address):
        """Whether the connection may go on."""
        head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        method, path, _ = (head[0] + '  ').split(' ', 2)
        headers = dict(line.lower().split(': ', 1) for line in head[1:] if ': ' in line)
        size = headers.get('content-length', '0')
        if not size.isdigit() or int(size) > BODY_BYTES_MAX:
            return self.write(writer, 413, 'This is too long.')
        body = await reader.readexactly(int(size))
        try:
            await self.act(method, path, body, address)
        except Refused as refused:
            self.write(writer, refused.status, str(refused))
        except ConnectionError:
            self.write(writer, 503, 'The server does not answer.')
        else:
            self.write(writer, 200, '')
        await writer.drain()
        return True

    async def act(self, method, path, body, address):
        action, allowance = self.actions.get(path, (None, None))
        if action is None or method != 'POST':
            raise Refused(404, 'There is nothing here.')
        allowance.take(address)
        try:
            fields = json.loads(body)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise Refused(400, 'This is not a JSON object.')
        await action(fields)

    @staticmethod
    def write(writer, status, text):
        body = text.encode()
        writer.write(f'HTTP/1.1 {status} {"OK" if status == 200 else "Refused"}\r\nContent-Type: text/plain; charset=utf-8\r\n'
                     f'Content-Length: {len(body)}\r\nAccess-Control-Allow-Origin: *\r\n\r\n'.encode() + body)
        return False
