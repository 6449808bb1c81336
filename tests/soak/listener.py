"""A well-behaved subscriber: hears, compares, comes back when it is cut off, and leaves in the end."""

import asyncio

from tests.soak.judge import Fault, Position
from tests.soak.transports import Busy, WebSocket, is_refusal
from tests.soak.wire import Ended

# Who was refused as too much is under way comes back after so long, as clients should.
LATER_S = 0.2


class Listener:
    """`life` is how many messages it stays for, `pause_s` how long it looks at each."""

    def __init__(self, transport, positions, random, *, life, pause_s=0, others=()):
        self.transport = transport
        self.positions = {position.channel.cname: position for position in positions}
        self.random = random
        self.life = life
        self.pause_s = pause_s
        self.others = list(others)  # channels that a WebSocket may add
        self.left = {}              # positions in those that it has left
        self.heard = 0
        self.cut_off = 0
        self.operating = False

    async def run(self, tally, final):
        """`final`, once it is not empty, has the last number of each channel: hear it, then leave."""
        tally.listeners += 1
        try:
            while not self._done(final):
                await self._connection(tally, final)
        except Exception as error:
            raise Fault(f"{self.transport.path} {list(self.positions)}: "
                        f"{type(error).__name__} {error}") from error
        finally:
            tally.listeners -= 1
            for position in [*self.positions.values(), *self.left.values()]:
                tally.received += position.received
                tally.gaps_announced += position.gaps_announced
                tally.late_beginnings += position.late_beginnings

    async def _connection(self, tally, final):
        transport = self.transport
        self.operating = False
        try:
            await transport.open(list(self.positions.values()))
            while not self._done(final):
                message = await transport.next()
                await self._hears(message)
                if self.pause_s and not final:
                    await asyncio.sleep(self.pause_s)
        except Ended:
            tally.cut_off += 1
        except Busy:
            tally.told_to_wait += 1
            await asyncio.sleep(LATER_S)
        finally:
            if transport.wire is not None:
                self.random.choice((transport.wire.close, transport.wire.reset))()

    async def _hears(self, message):
        self.heard += 1
        kind, cname = message["type"], message["cname"]
        if kind == "noop":
            self.transport.hears_noop(message)
        elif is_refusal(message):
            raise Busy()
        elif kind == "unsubscribed":
            self.left[cname] = self.positions.pop(cname)
            self.operating = False
        elif cname not in self.positions:
            raise Fault(f"a message of a channel that it does not listen to: {message}")
        else:
            self.positions[cname].hears(message)
            if kind == "subscribed":
                self.operating = False
        if isinstance(self.transport, WebSocket) and not self.operating and self.others \
                and self.random.random() < 0.05:
            await self._operates()

    async def _operates(self):
        """Adds a channel that it does not have, or leaves one that it has if there is another."""
        channel = self.random.choice(self.others)
        position = self.positions.get(channel.cname)
        if position is not None and len(self.positions) < 2:
            return
        self.operating = True
        if position is not None:
            await self.transport.operate("unsubscribe", position)
            return
        # Where it was there before it goes on at its number, and must not have missed anything.
        position = self.left.pop(channel.cname, None) or Position(channel)
        self.positions[channel.cname] = position
        await self.transport.operate("subscribe", position)

    def _done(self, final):
        if not final:
            return self.heard >= self.life
        return all((position.expected or 0) > final[cname]
                   for cname, position in self.positions.items())
