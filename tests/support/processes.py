"""The server and others as child processes.

A child is ended by its number when its test ends, and by the kernel should the tests be killed.
"""

import contextlib
import pathlib
import re
import signal
import subprocess
import tempfile
import time

DEADLINE_S = 60.0  # for whatever a test waits for; a loaded machine under a sanitizer is slow


class Failure(Exception):
    """Something did not start, or did not become true in time."""


def await_true(what, condition):
    """Looks again and again until the condition holds; fails with the last thing seen."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"not in {DEADLINE_S:g} s: {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def child(command, *, folder, **options):
    """Runs the command; its output goes into a file, and into the failure of a test."""
    log = pathlib.Path(folder) / (pathlib.Path(command[0]).name + ".log")
    with open(log, "wb") as output:
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command],
                                   stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True, **options)
    process.log = log
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Server:
    """A running comet-server: its process, and the ports that it announced."""

    ANNOUNCED = re.compile(r"subscribers on (.*), admin on (.*), \d+ reactor")

    def __init__(self, process):
        self.process = process
        await_true("comet-server announces its ports", self._has_announced)
        front, admin = self.ANNOUNCED.search(process.log.read_text()).groups()
        self.front_ports = [int(port) for port in re.findall(r":(\d+)", front)]
        self.admin_port = int(re.findall(r":(\d+)", admin)[0])

    @property
    def front_port(self):
        return self.front_ports[0]

    def _has_announced(self):
        if self.process.poll() is not None:
            raise Failure(self.process.log.read_text())
        return self.ANNOUNCED.search(self.process.log.read_text()) is not None


@contextlib.contextmanager
def comet(binary, folder, **settings):
    """A server on loopback with heartbeats every second, so that they are seen soon."""
    keys = {"reactors": "2", "front.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0",
            "front.polling_timeout": "1", **settings}
    overrides = [part for key, value in keys.items() for part in ("--set", f"{key}={value}")]
    with child([binary, *overrides], folder=folder) as process:
        yield Server(process)


def scratch_folder():
    return tempfile.TemporaryDirectory(prefix="comet-tests-")
