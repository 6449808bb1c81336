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

# Seconds. Everybody here is a task of one process, which a loaded machine may not run for a while: whoever
# behaves must not be late by that.
REQUEST_TIMEOUT = 20

# What stands in the file and stays.
FIXED = {"reactors": 2, "drain_timeout": 1, "front.listen": ["127.0.0.1:0"],
         "admin.listen": ["127.0.0.1:0"], "front.channel_timeout": CHANNEL_TIMEOUT,
         "limits.header_timeout": REQUEST_TIMEOUT, "limits.body_timeout": REQUEST_TIMEOUT,
         # So that it is the server who ends slow readers, and counts them as such, and not the kernel.
         "limits.peer_timeout": 3600}
# What stands in it at first and in the end.
CALM = {"front.channel_buffer_size": 200, "front.polling_timeout": 2, "front.backlog_messages": 8192,
        "front.backlog_bytes": 262_144, "front.slow_subscriber": "close", "front.coalesce_us": 1000,
        "front.allow_origins": ["*"], "limits.max_memory": 0}
# The values that a reload chooses from. What channels keep under any of them is little beside the rest of
# the process, so that memory says something.
CHOICES = {
    "front.channel_buffer_size": (50, 100, 200),
    "front.polling_timeout": (1, 2, 3),
    "front.backlog_messages": (64, 512, 8192),
    "front.backlog_bytes": (65_536, 262_144),
    "front.slow_subscriber": ("close", "skip"),
    "front.coalesce_us": (0, 1000, 20_000),
    "front.allow_origins": (["*"], [ORIGIN, "*.example.org"]),
    "limits.max_memory": (0, 0, 2_000_000),  # the last is less than this load takes
}
LEAST_KEPT = min(CHOICES["front.channel_buffer_size"])

# A sanitizer says what it finds and the process then fails. What it remembers is bounded, so that memory
# which grows is the server's.
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=8:exitcode=99",
               "TSAN_OPTIONS": "exitcode=99:flush_memory_ms=5000"}
COMPLAINTS = re.compile(r"Sanitizer|runtime error|CHECK|Assertion|^\S+ (error|fatal)\b", re.M)


def write(file, changing):
    """JSON's numbers, strings and lists are TOML's, and so are keys with dots."""
    file.write_text("".join(f"{key} = {json.dumps(value)}\n"
                            for key, value in {**FIXED, **changing}.items()))


class Subject:
    """The running server: `process`, `front_port`, `admin_port`."""

    def __init__(self, running, file):
        self.running = running
        self.process = running.process
        self.front_port = running.front_port
        self.admin_port = running.admin_port
        self.file = file
        self.descriptors_at_first = self.descriptors()

    def configure(self, changing):
        write(self.file, changing)
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


@contextlib.contextmanager
def serving(binary):
    with tempfile.TemporaryDirectory(prefix="comet-soak.") as folder:
        file = pathlib.Path(folder) / "comet.toml"
        write(file, CALM)
        environment = {**ENVIRONMENT, **os.environ}
        with child([binary, "--config", str(file)], folder=folder, env=environment) as process:
            yield Subject(Server(process), file)
