"""The server under load: its configuration, which changes while it runs, and what it uses."""

import contextlib
import json
import os
import pathlib
import re
import signal
import tempfile

from tests.proxies.processes import Server, child
from tests.soak.judge import Fault

PAGE = os.sysconf("SC_PAGE_SIZE")
ORIGIN = "https://soak.example"
# Seconds. What a channel lives for when nobody is there any more.
CHANNEL_TIMEOUT = 15

# What stands in the file at first; a reload replaces some of the values that may change.
FIXED = {"reactors": 2, "drain_timeout": 1}
LIMITS = {"header_timeout": 2, "body_timeout": 2}
CALM = {"channel_buffer_size": 200, "polling_timeout": 2, "backlog_messages": 8192,
        "backlog_bytes": 262_144, "slow_subscriber": "close", "coalesce_us": 1000,
        "allow_origins": ["*"]}
# The values that a reload chooses from. What channels keep under any of them is little beside the rest of
# the process, so that memory says something.
CHOICES = {
    "channel_buffer_size": (50, 100, 200),
    "polling_timeout": (1, 2, 3),
    "backlog_messages": (64, 512, 8192),
    "backlog_bytes": (65_536, 262_144),
    "slow_subscriber": ("close", "skip"),
    "coalesce_us": (0, 1000, 20_000),
    "allow_origins": (["*"], [ORIGIN, "*.example.org"]),
}
LEAST_KEPT = min(CHOICES["channel_buffer_size"])

# A sanitizer says what it finds and the process then fails; less memory is kept for its reports, so
# that a leak shows.
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=8:exitcode=99", "TSAN_OPTIONS": "exitcode=99"}
COMPLAINTS = re.compile(r"Sanitizer|runtime error|CHECK|Assertion|^\S+ (error|fatal)\b", re.M)


def toml(tables):
    lines = []
    for table, values in tables.items():
        lines += [f"[{table}]"] if table else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


class Subject:
    """The running server: `process`, `front_port`, `admin_port`."""

    def __init__(self, running, file):
        self.running = running
        self.process = running.process
        self.front_port = running.front_port
        self.admin_port = running.admin_port
        self.file = file
        self.descriptors_at_first = self.descriptors()

    def configure(self, front):
        write(self.file, front)
        self.process.send_signal(signal.SIGHUP)

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, deadline_s):
        """Ends it as an operator does, and looks at how it took that."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(deadline_s)
        log = self.process.log.read_text(errors="replace")
        if code != 0 or COMPLAINTS.search(log):
            raise Fault(f"the server ended with {code}; its log:\n{log[-20_000:]}")


def write(file, front):
    file.write_text(toml({
        "": FIXED,
        "front": {"listen": ["127.0.0.1:0"], "channel_timeout": CHANNEL_TIMEOUT, **front},
        "admin": {"listen": ["127.0.0.1:0"]}, "limits": LIMITS}))


@contextlib.contextmanager
def serving(binary):
    with tempfile.TemporaryDirectory(prefix="comet-soak.") as folder:
        file = pathlib.Path(folder) / "comet.toml"
        write(file, CALM)
        environment = {**ENVIRONMENT, **os.environ}
        with child([binary, "--config", str(file)], folder=folder, env=environment) as process:
            yield Subject(Server(process), file)
