"""The simulated clients: each listens to its neighbours' channel and now and then publishes where it is.

What one does follows from what it heard, so the crowd would come to rest if messages were lost.
"""

import asyncio
import json
import math
import random
import time

GROUP = 40        # clients that share a channel
PAUSE_S = 20      # between two readings of a client, on average
TICK_S = 0.1
TIDE = 6          # how far they all go up and down by themselves in a pause
TIDE_S = 60
CONNECTING = 100  # connections that are being opened at once


class Client:
    def __init__(self, number):
        self.number = number
        self.cname = f'demo-group-{number // GROUP}'
        self.value = random.uniform(30, 70)
        self.neighbours = self.value
        self.heard = self.missed = 0
        self.next = 0

    async def listen(self, front, gate):
        """Comes back, with its number, as long as the task is not cancelled."""
        host, port = front.rsplit(':', 1)
        while True:
            writer = None
            try:
                async with gate:
                    reader, writer = await asyncio.open_connection(host, int(port))
                # To HTTP/1.0 the server sends the bare lines.
                writer.write(f'GET /stream?cname={self.cname}&seq={self.next} HTTP/1.0\r\n\r\n'.encode())
                await reader.readuntil(b'\r\n\r\n')
                while line := await reader.readline():
                    self.take(json.loads(line))
            except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                pass
            finally:
                if writer is not None:
                    writer.close()
            await asyncio.sleep(random.uniform(0, 5))

    def take(self, message):
        if message['type'] == 'next_seq':
            self.next = message['seq']
        elif message['type'] == 'data':
            self.missed += message['seq'] - self.next
            self.next = message['seq'] + 1
            self.heard += 1
            self.neighbours += (float(message['content']) - self.neighbours) * 0.2

    def move(self, wind):
        self.value += (self.neighbours - self.value) * 0.5 + random.gauss(0, 5) + wind
        self.value = min(max(self.value, 0), 100)
        return round(self.value, 1)

    def remark(self):
        return random.choice((
            f'I am at {self.value:.0f}, my neighbours are at {self.neighbours:.0f}.',
            f'I have heard {self.heard} messages and missed {self.missed or "none"}.'))


class Crowd:
    def __init__(self, count, front, admin):
        self.clients = [Client(number) for number in range(count)]
        self.front = front
        self.admin = admin
        self.wind = 0.0

    async def run(self):
        gate = asyncio.Semaphore(CONNECTING)
        listeners = [asyncio.create_task(client.listen(self.front, gate)) for client in self.clients]
        await asyncio.gather(self.publish(), *listeners)

    async def publish(self):
        share = len(self.clients) * TICK_S / PAUSE_S
        owed = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            owed += random.uniform(0, 2 * share)
            movers = random.sample(self.clients, min(int(owed), len(self.clients)))
            owed -= len(movers)
            self.wind *= 0.97
            tide = TIDE * math.sin(time.monotonic() * 2 * math.pi / TIDE_S)
            values = [client.move(self.wind + tide) for client in movers]
            try:
                for client, value in zip(movers, values):
                    await self.admin.push(client.cname, str(value))
                mean = sum(client.value for client in self.clients) / len(self.clients)
                await self.admin.push('demo-crowd', {
                    'values': values, 'mean': round(mean, 2), 'at': int(time.time() * 1000), 'ms': int(TICK_S * 1000)})
            except ConnectionError:
                await asyncio.sleep(1)

    def nudge(self, by):
        self.wind = min(max(self.wind + by, -20), 20)
