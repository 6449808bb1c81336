"""What is measured, as data: the table of targets with the trials behind each line.

An experiment is a pair of trials that are run in turns: the baseline, mostly the floor, and the server
under test. Several lines of the table may come from the same runs.

Rates are such that a server has something to do but is not driven into overload, where a figure per
delivery says more about how much was joined than about what a delivery costs. Only the burst, and
requests under wrk, are meant to saturate.
"""

import dataclasses

from .figures import Bound, Target

CONTENT_BYTES = 100
IDLE_SUBSCRIBERS = 18_000


@dataclasses.dataclass(frozen=True)
class Load:
    """Options of comet-load, and how long."""

    subscribers: int
    rate: float = 0.0
    transport: str = "stream"
    channels: int = 1
    warmup: float = 1.0
    duration: float = 5.0
    idle: float = 0.0
    closed_loop: int = 0
    background_subscribers: int = 0
    background_rate: float = 0.0

    def arguments(self):
        words = ["--transport", self.transport, "--subscribers", str(self.subscribers),
                 "--channels", str(self.channels), "--content-bytes", str(CONTENT_BYTES)]
        if self.closed_loop:
            words += ["--closed-loop", str(self.closed_loop)]
        else:
            words += ["--rate", f"{self.rate:g}"]
        if self.closed_loop or self.rate:
            words += ["--warmup", f"{self.warmup:g}", "--duration", f"{self.duration:g}"]
        if self.idle:
            words += ["--idle", f"{self.idle:g}"]
        if self.background_subscribers:
            words += ["--background-subscribers", str(self.background_subscribers),
                      "--background-rate", f"{self.background_rate:g}"]
        return words

    @property
    def connections(self):
        return self.subscribers + self.background_subscribers

    def limit_seconds(self):
        """Connecting may take a while on a slow machine, and so may catching up after overload."""
        return 60 + self.connections / 200 + self.idle + 3 * (self.warmup + self.duration)

    def shortened(self):
        """Idling for less than a heartbeat's period would find nothing to measure."""
        return dataclasses.replace(self, duration=min(self.duration, 2.0), idle=min(self.idle, 35.0))


@dataclasses.dataclass(frozen=True)
class Wrk:
    """A script of bench/wrk and where its requests go."""

    script: str
    port: str = "admin"
    connections: int = 64
    warmup: float = 1.0
    duration: float = 5.0
    before: tuple[str, ...] = ()  # requests to the admin port that prepare the server
    all_errors: bool = False  # whether every answer is meant to be an error

    def limit_seconds(self):
        return 30 + self.duration

    def shortened(self):
        return dataclasses.replace(self, warmup=0.5, duration=min(self.duration, 2.0))


@dataclasses.dataclass(frozen=True)
class Trial:
    """One server and what is done to it."""

    name: str  # in the table: floor, comet, one reactor, ...
    server: str  # a key of servers.START
    work: Load | Wrk
    reactors: int = 1
    settings: tuple[str, ...] = ()  # of comet-server, beyond its defaults


@dataclasses.dataclass(frozen=True)
class Experiment:
    name: str  # for --only
    baseline: Trial | None
    trial: Trial
    targets: tuple[Target, ...]

    def trials(self):
        return [trial for trial in (self.baseline, self.trial) if trial]

    @property
    def baseline_name(self):
        return self.baseline.name if self.baseline else "–"


def _against_floor(name, load, *targets):
    """The floor knows one framing, /stream's, and sends it to whoever asks; those of /sse and /ws are as
    long within a few bytes."""
    floor_load = dataclasses.replace(load, transport="stream")
    return Experiment(name, Trial("floor", "floor", floor_load), Trial("comet", "comet", load),
                      targets)


def _ratio(what, figure, limit, unit="µs", **more):
    return Target(what, figure, unit, Bound.RATIO, limit, **more)


def _fan_out(transport):
    """The loads of "stream-1k" and "stream-10k" on another transport."""
    for name, called, load in (("1k", "1 000", Load(1000, rate=100, transport=transport)),
                               ("10k", "10 000", Load(10_000, rate=10, transport=transport))):
        yield _against_floor(f"{transport}-{name}", load,
                             _ratio(f"{called} /{transport}: CPU per delivery", PER_DELIVERY, 1.10))


PER_DELIVERY = "publish/cpu_us_per_delivery"
PER_CONNECTION = "subscribe/cpu_us_per_connection"
PER_REQUEST = "wrk/cpu_us_per_request"
PER_SUBSCRIBER = "memory/bytes_per_subscriber"

_PUSHES = Wrk("push-same.lua")
_TWO_REACTORS = Load(1000, rate=100)
_QUIET = Load(1, rate=100, duration=10, background_subscribers=15_000)

EXPERIMENTS = (
    _against_floor(
        "stream-1k", Load(1000, rate=100),
        _ratio("1 000 /stream: CPU per delivery", PER_DELIVERY, 1.10),
        _ratio("100 000 deliveries/s: latency p50", "latency_us/p50", 1.2),
        _ratio("100 000 deliveries/s: latency p99", "latency_us/p99", 1.2),
        _ratio("100 000 deliveries/s: latency p99.9", "latency_us/p99.9", 1.2)),
    _against_floor(
        "stream-10k", Load(10_000, rate=10),
        _ratio("10 000 /stream: CPU per delivery", PER_DELIVERY, 1.10),
        _ratio("10 000 connections: CPU per subscribing", PER_CONNECTION, 1.50)),
    *_fan_out("sse"),
    *_fan_out("ws"),
    _against_floor(
        "burst", Load(100, rate=40_000),
        _ratio("burst, 100 × 40 000/s: CPU per delivery", PER_DELIVERY, 1.15),
        # Of 4 million a second, less what a run's blurred ends take.
        Target("burst: million deliveries/s", "publish/deliveries_per_second", "M/s",
               Bound.AT_LEAST, 3.96, scale=1e-6)),
    Experiment(
        "push", Trial("floor", "floor", _PUSHES), Trial("comet", "comet", _PUSHES),
        (_ratio("/push, 64 connections: CPU per request", PER_REQUEST, 1.30),)),
    Experiment(
        # As many connections as wrk has. Every delivery is a cycle as long as messages come
        # slower than clients ask again; and they come as fast as that allows, because a server
        # that wakes up for every single request pays for the waking, which wrk spares the floor.
        "poll", Trial("floor", "floor", _PUSHES),
        # The buffer is such that a generator which is held up for seconds finds all that it missed.
        Trial("comet", "comet", Load(64, rate=800, transport="poll"),
              settings=("front.channel_buffer_size=4000",)),
        (_ratio("long-poll: CPU per cycle", PER_DELIVERY, 1.30, baseline_figure=PER_REQUEST),
         Target("long-poll: p90, below messages' distance", "latency_us/p90", "ms", Bound.AT_MOST,
                1.25, scale=1e-3))),
    Experiment(
        # Two whole periods of the default heartbeat of 30 s, so that each subscriber gets two.
        "idle", None, Trial("comet", "comet", Load(IDLE_SUBSCRIBERS, idle=60)),
        (Target("18 000 idle, one channel: memory each", PER_SUBSCRIBER, "B", Bound.AT_MOST, 128),
         Target("18 000 idle: CPU per subscriber and second", "idle/cpu_us_per_subscriber_second",
                "µs", Bound.AT_MOST, 0.25))),
    Experiment(
        "channels", None,
        Trial("comet", "comet", Load(IDLE_SUBSCRIBERS, channels=IDLE_SUBSCRIBERS), reactors=2),
        (Target("18 000 channels, 2 reactors: memory each", PER_SUBSCRIBER, "B", Bound.AT_MOST, 640),)),
    Experiment(
        "reactors", Trial("one reactor", "comet", _TWO_REACTORS),
        Trial("two reactors", "comet", _TWO_REACTORS, reactors=2),
        (_ratio("two reactors: CPU per delivery", PER_DELIVERY, 1.10),)),
    Experiment(
        # The other channel's subscribers are there in both; only what is published differs.
        "isolation", Trial("other quiet", "comet", _QUIET),
        Trial("other busy", "comet", dataclasses.replace(_QUIET, background_rate=20)),
        (Target("beside 15 000 × 20/s: quiet channel's p99", "latency_us/p99", "ms",
                Bound.ABOVE_BASELINE, 5.0, scale=1e-3),)),
)

# The request side: each script against comet, and its very requests against the floor, which gives
# the same short answer to anything.
WRK_ROWS = (
    ("/push, the same content", _PUSHES),
    ("/push, ever new contents", Wrk("push.lua")),
    ("/push, 1 000 channels in turn", Wrk("push-channels.lua")),
    ("/poll, answered from the buffer", Wrk("poll.lua", port="front",
                                            before=("/push?cname=news&content=" + "x" * 100,))),
    ("/info of a channel", Wrk("info.lua")),
    ("/sign, 1 000 channels in turn", Wrk("sign.lua")),
    ("an unknown path, 404", Wrk("not-found.lua", all_errors=True)),
)

# Fan-out beside what Debian packages: a row's loads for all servers alike.
PEERS = ("floor", "comet", "nchan", "nats")
PEER_ROWS = (
    ("1k", "1 000 subscribers × 100/s", Load(1000, rate=100)),
    ("10k", "10 000 subscribers × 10/s", Load(10_000, rate=10)),
    # As many as each can take: a rate that one of them can't sustain would measure its queue.
    ("burst", "100 subscribers, as fast as it goes", Load(100, closed_loop=256)),
)
