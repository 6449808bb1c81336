"""Starting, pinning, watching and ending processes.

Every child leads a session of its own, so that Ctrl-C reaches only the suite, and the suite ends each
child, with the helpers that it started itself, by its number. No child outlives the block that
started it, and none runs without a time limit.
"""

import os
import pathlib
import resource
import shlex
import signal
import socket
import subprocess
import sys
import time

GRACE_SECONDS = 5.0
DESCRIPTORS = 20_000


class Failure(Exception):
    """Something that was needed did not start, did not answer or did not end in time."""


def pinned(command, cores):
    """The same command on these cores only. taskset becomes the command, so its number stays."""
    return ["taskset", "-c", ",".join(map(str, cores)), *command] if cores else list(command)


def spell(command, environment=None):
    """How a person would type it."""
    variables = [f"{name}={shlex.quote(value)}" for name, value in (environment or {}).items()]
    return " ".join([*variables, shlex.join(command)])


class Child:
    """A process that lives as long as the `with` block; `log` takes what it says."""

    def __init__(self, command, log, environment=None):
        self.command = command
        self.log = pathlib.Path(log)
        self.environment = environment or {}

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment}, start_new_session=True)
        return self

    def __exit__(self, *_):
        end(self.process)

    @property
    def pid(self):
        return self.process.pid

    def ended(self):
        return self.process.poll() is not None

    def last_words(self):
        return self.log.read_text(errors="replace").strip()[-500:]


def end(process):
    """Asks the child's group to end, then makes it. Safe to call on one that has ended."""
    try:
        _signal_group(process.pid, signal.SIGTERM)
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:  # also after a second Ctrl-C while waiting
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _signal_group(leader, number):
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        pass  # nobody of it is left


def run(command, limit_seconds):
    """Runs to the end and returns (status, standard output, standard error)."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(timeout=limit_seconds)
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")
    except subprocess.TimeoutExpired:
        raise Failure(f"did not end within {limit_seconds:.0f} s: {spell(command)}") from None
    finally:
        end(process)
        process.stdout.close()
        process.stderr.close()


def end_on_signals():
    """SIGTERM and SIGHUP unwind the blocks as Ctrl-C does; and that does even in the background of a
    script, where shells start programs with it switched off."""
    def stop(number, _frame):
        raise KeyboardInterrupt(signal.Signals(number).name)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on. All are held until all are found."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def await_listening(child, ports, limit_seconds=10.0):
    deadline = time.monotonic() + limit_seconds
    for port in ports:
        while True:
            if child.ended():
                raise Failure(f"ended at once: {spell(child.command)}\n{child.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise Failure(f"does not listen on port {port}: {spell(child.command)}\n"
                                  f"{child.last_words()}") from None
                time.sleep(0.02)


def children_of(parent):
    """Numbers of the processes that this one started, from /proc/PID/stat (proc(5))."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold anything; what follows the last one is regular.
            after_name = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended meanwhile
        if int(after_name[1]) == parent:
            found.append(int(stat.parent.name))
    return sorted(found)


def cpu_ns(pid):
    """Time on a CPU of all threads: the first number of schedstat, in nanoseconds."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def steal_seconds():
    """Time that the hypervisor gave to others since the machine started; the eighth number of /proc/stat."""
    first_line = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(first_line[8]) / os.sysconf("SC_CLK_TCK")


def raise_descriptor_limit():
    """Lifts this process's limit, which children inherit, and returns what was allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def warn(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
