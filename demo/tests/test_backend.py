"""What the backend of the demonstration takes from strangers, and what it refuses."""

import asyncio
import json
import unittest
from unittest import mock

from demo.backend import ADDRESSES_MAX, HEAD_BYTES_MAX, Allowance, Backend, Refused


class FakeAdmin:
    def __init__(self):
        self.pushed = []

    async def push(self, cname, content):
        self.pushed.append((cname, content))


class AllowanceTest(unittest.TestCase):
    def test_a_burst_is_taken_and_then_so_much_a_second(self):
        with mock.patch('time.monotonic') as now:
            now.return_value = 100.0
            allowance = Allowance(3, 0.5)
            for _ in range(3):
                allowance.take('a')
            self.assertRaises(Refused, allowance.take, 'a')
            allowance.take('b')
            now.return_value = 101.9
            self.assertRaises(Refused, allowance.take, 'a')
            now.return_value = 102.0
            allowance.take('a')
            self.assertRaises(Refused, allowance.take, 'a')

    def test_addresses_are_bounded(self):
        allowance = Allowance(1, 0)
        for number in range(ADDRESSES_MAX + 10):
            allowance.take(number)
        self.assertEqual(len(allowance.left), ADDRESSES_MAX)


class BackendTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.admin = FakeAdmin()
        self.nudges = []
        self.backend = Backend(self.admin, self.nudges.append)
        self.listener = await asyncio.start_server(self.backend.serve, '127.0.0.1', 0, limit=HEAD_BYTES_MAX)
        self.reader, self.writer = await asyncio.open_connection(*self.listener.sockets[0].getsockname())

    async def asyncTearDown(self):
        self.writer.close()
        self.listener.close()

    async def ask(self, path, fields, method='POST'):
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        self.writer.write(f'{method} {path} HTTP/1.1\r\nHost: x\r\ncontent-length: {len(body)}\r\n\r\n'.encode() + body)
        head = (await self.reader.readuntil(b'\r\n\r\n')).decode()
        size = int(head.split('Content-Length: ')[1].split('\r\n')[0])
        self.assertIn('\r\nAccess-Control-Allow-Origin: *\r\n', head)
        return int(head.split(' ')[1]), (await self.reader.readexactly(size)).decode()

    async def test_what_is_said_is_pushed(self):
        self.assertEqual(await self.ask('/say', {'name': ' a ', 'text': '</script> 👋', 'by': 'x'}), (200, ''))
        [(cname, said)] = self.admin.pushed
        self.assertEqual((cname, said['name'], said['text'], said['by']), ('demo-chat', 'a', '</script> 👋', 'x'))

    async def test_what_is_not_as_it_should_be_is_refused(self):
        self.backend.actions = {path: (action, Allowance(100, 1)) for path, (action, _) in self.backend.actions.items()}
        good = {'name': 'a', 'text': 'b', 'by': 'x'}
        for path, fields, status in (
                ('/say', b'{', 400), ('/say', [], 400), ('/say', {}, 400), ('/say', {**good, 'text': ' '}, 400), ('/say', {**good, 'text': 7}, 400),
                ('/say', {**good, 'text': 'x' * 280}, 200), ('/say', {**good, 'text': 'x' * 281}, 400), ('/say', {**good, 'name': 'x' * 21}, 400),
                ('/echo', {'channel': 'demo-chat', 'number': 1}, 400), ('/echo', {'channel': 'demo-echo-a\n', 'number': 1}, 200),
                ('/echo', {'channel': 'demo-echo-a\nb', 'number': 1}, 400), ('/echo', {'channel': 'demo-echo-a', 'number': 'x'}, 400),
                ('/nudge', {'by': 'x'}, 400), ('/push', good, 404)):
            self.assertEqual((await self.ask(path, fields))[0], status, (path, fields))
        self.assertEqual((await self.ask('/say', good, 'GET'))[0], 404)
        self.assertEqual([cname for cname, _ in self.admin.pushed], ['demo-chat', 'demo-echo-a'])

    async def test_nobody_speaks_too_often(self):
        answers = [(await self.ask('/say', {'name': 'a', 'text': 'b', 'by': 'x'}))[0] for _ in range(7)]
        self.assertEqual(answers[:5], [200] * 5)
        self.assertEqual(answers[6], 429)
        self.assertEqual(await self.ask('/nudge', {'by': 1000}), (200, ''))
        self.assertEqual(self.nudges, [8])

    async def test_a_long_body_ends_the_connection(self):
        self.assertEqual((await self.ask('/say', b'x' * 2049))[0], 413)
        try:
            self.assertEqual(await self.reader.read(), b'')
        except ConnectionResetError:
            pass  # the rest of the body lay unread


if __name__ == '__main__':
    unittest.main()
