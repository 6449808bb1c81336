"""Decides whether what subscribers were sent is what was pushed. Pure: no socket, no clock.

Per channel: every number is one message, whoever hears it; contents are as pushed; numbers and
contents have the same order; nothing that was acknowledged is missing between two that are there.
Per subscriber: numbers come one after the other. One may be left out only where a `next_seq` says so,
or where a connection begins and what was wanted can no longer have been kept.
"""

from tests.soak.contents import content_of, counter_in

# Whom /broadcast is for, in place of a channel's name.
EVERYBODY = "everybody"
# Numbers of a channel that are remembered: far more than any subscriber is behind.
REMEMBERED = 30_000


class Fault(Exception):
    """The server did what it must not do."""


class Settings:
    """What the judge needs to know of the settings that were ever in force."""

    def __init__(self, *, least_kept):
        self.least_kept = least_kept  # the least channel_buffer_size that there was


class Broadcasts:
    """What was sent to everybody."""

    def __init__(self):
        self.begun = 0

    def begin(self):
        self.begun += 1
        return content_of(EVERYBODY, self.begun)


class Channel:
    """What was pushed to one channel by the only one who pushes to it, and what was seen of it."""

    def __init__(self, cname, settings, broadcasts):
        self.cname = cname
        self.settings = settings
        self.broadcasts = broadcasts
        self.begun = 0       # contents that were sent to the server
        self.answered = 0    # contents about which the server has said something
        self.failed = set()  # those of them that it did not take, or may not have
        self.cleared_up_to = 0
        self.seen = {}       # number: (type, counter)
        self.highest = 0     # the highest number that there is for certain

    def begin(self):
        """The next content to push. Ask for it, push it, and tell the answer before the next."""
        self.begun += 1
        return content_of(self.cname, self.begun)

    def answer(self, count, acknowledged=True):
        """The server has answered the next `count` contents."""
        for counter in range(self.answered + 1, self.answered + count + 1):
            if not acknowledged:
                self.failed.add(counter)
        self.answered += count
        if len(self.seen) > REMEMBERED:
            self.settle(keep=REMEMBERED // 2)

    def numbered(self, seq, counter):
        """The server has said which number a content has."""
        self._note(seq, "data", counter)

    def clear(self):
        """What has a number by now may have been forgotten."""
        self.cleared_up_to = self.newest

    @property
    def newest(self):
        """No number is higher."""
        return self.begun + self.broadcasts.begun

    def may_begin_at(self, seq):
        """Can it be that this number is the oldest that was kept?"""
        oldest_kept = self.newest - self.settings.least_kept + 1
        return seq <= max(oldest_kept, self.cleared_up_to + 1)

    def saw(self, message):
        """Somebody has received this message."""
        kind, seq, content = message["type"], message["seq"], message["content"]
        owner = self.cname if kind == "data" else EVERYBODY
        begun = self.begun if kind == "data" else self.broadcasts.begun
        counter = counter_in(content)
        if counter is None or content != content_of(owner, counter):
            raise Fault(f"{self.cname}: number {seq} is not what was pushed: {content[:100]!r}")
        if counter > begun:
            raise Fault(f"{self.cname}: content {counter} was not pushed yet")
        self._note(seq, kind, counter)

    def _note(self, seq, kind, counter):
        self.highest = max(self.highest, seq)
        known = self.seen.setdefault(seq, (kind, counter))
        if known != (kind, counter):
            raise Fault(f"{self.cname}: number {seq} is {kind} {counter}, and was {known}")

    def settle(self, keep=0):
        """Compares the order of numbers with that of contents; forgets all but the last `keep`."""
        last = {}  # by type: the counter of the last one in an unbroken row of numbers
        former = None
        for seq in sorted(self.seen):
            if former is not None and seq != former + 1:
                last.clear()
            former = seq
            kind, counter = self.seen[seq]
            before = last.get(kind)
            last[kind] = counter
            if before is None:
                continue
            if counter <= before:
                raise Fault(f"{self.cname}: number {seq} is {kind} {counter}, after {before}")
            if kind == "data":
                lost = [each for each in range(before + 1, counter) if each not in self.failed]
                if lost:
                    raise Fault(f"{self.cname}: acknowledged and lost: contents {lost[:5]}")
        for seq in sorted(self.seen)[:-keep or None]:
            del self.seen[seq]


class Position:
    """Where one subscriber of a channel stands."""

    def __init__(self, channel, wanted=0):
        self.channel = channel
        self.expected = wanted or None  # None: a next_seq will tell
        self.beginning = True           # nothing came on this connection yet
        self.received = 0
        self.gaps_announced = 0
        self.late_beginnings = 0

    @property
    def seq(self):
        """What to ask for when coming back."""
        return self.expected or 0

    def connects(self):
        self.beginning = True

    def hears(self, message):
        """Takes a message of this channel: data, broadcast, next_seq, or a WebSocket's subscribed."""
        kind, seq = message["type"], message["seq"]
        if kind in ("data", "broadcast"):
            self.channel.saw(message)
            if self.expected is None:
                raise Fault(f"{self.channel.cname}: number {seq} came before the next_seq")
            self._goes_on_at(seq)
            self.received += 1
            self.expected = seq + 1
            self.beginning = False
        elif kind == "next_seq":
            if self.expected is not None and seq > self.expected:
                self.gaps_announced += 1
            self._not_before(seq)
            self.expected = seq
            self.beginning = False
        elif kind == "subscribed":
            if self.expected is not None:
                self._goes_on_at(seq)
                self.beginning = False
            self.expected = seq
        else:
            raise Fault(f"{self.channel.cname}: unexpected {message}")

    def _not_before(self, seq):
        if self.expected is not None and seq < self.expected:
            raise Fault(f"{self.channel.cname}: {seq} came twice or too late; {self.expected} was next")

    def _goes_on_at(self, seq):
        self._not_before(seq)
        if seq == self.expected:
            return
        if not (self.beginning and self.channel.may_begin_at(seq)):
            raise Fault(f"{self.channel.cname}: {self.expected} to {seq - 1} are missing"
                        f" (at the beginning: {self.beginning}, newest: {self.channel.newest})")
        self.late_beginnings += 1
