"""The server and the proxies as child processes, each on ports that the kernel chose.

A child is ended by its number when its test ends, and by the kernel should the tests be killed.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

CONF = pathlib.Path(__file__).resolve().parents[2] / "conf"
DEADLINE_S = 60.0  # for whatever a test waits for; a loaded machine under a sanitizer is slow

# A PROXY header of version 2 begins with these bytes; they hold an empty line.
PROXY_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PROXY_SIGNATURE_BYTES = len(PROXY_SIGNATURE)


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


def listening_socket():
    """A listener on a port of the kernel's choice. Who connects waits until a child accepts."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    listener.setblocking(False)  # nginx expects it of listeners that it is handed
    return listener


def port_of(listener):
    return listener.getsockname()[1]


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


class Witness:
    """Stands in the server's place on its front port and tells what a proxy sends there."""

    def __init__(self, server):
        self.listener = listening_socket()
        self.listener.settimeout(DEADLINE_S)
        self.front_port = port_of(self.listener)
        self.front_ports = [self.front_port]
        self.admin_port = server.admin_port

    def first_request(self):
        """The bytes up to the end of the first request's head, a PROXY header included."""
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(DEADLINE_S)
            head = b""
            while b"\r\n\r\n" not in head[PROXY_SIGNATURE_BYTES:]:
                received = connection.recv(4096)
                if not received:
                    raise Failure(f"the proxy hung up after {head!r}")
                head += received
            return head

    def close(self):
        self.listener.close()


@contextlib.contextmanager
def comet(binary, folder, **settings):
    """A server on loopback with heartbeats every second, so that they are seen soon."""
    keys = {"reactors": "2", "front.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0",
            "front.polling_timeout": "1", **settings}
    overrides = [part for key, value in keys.items() for part in ("--set", f"{key}={value}")]
    with child([binary, *overrides], folder=folder) as process:
        yield Server(process)


def recipe(name, replacements):
    """The recipe as it stands in conf/, with each of these texts replaced: ports, and places that
    belong to the whole system. A text that is not there is a failure, so that the recipe is tested
    and not a memory of it."""
    text = (CONF / name).read_text()
    for old, new in replacements.items():
        if old not in text:
            raise Failure(f"conf/{name} no longer says {old!r}")
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx(binary, server, folder):
    """nginx with conf/nginx.conf; yields its port."""
    with listening_socket() as listener:
        scratch = "".join(f"\t{kind}_temp_path {folder}/{kind};\n" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = pathlib.Path(folder) / "nginx.conf"
        config.write_text(recipe("nginx.conf", {
            "listen 80 backlog=65535;": f"listen 127.0.0.1:{port_of(listener)};",
            "server 127.0.0.1:8100": f"server 127.0.0.1:{server.front_port}",
            "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;\ndaemon off;",
            "user www-data;\n": "",
            "worker_processes auto;": "worker_processes 1;",
            "worker_rlimit_nofile 200000;": "worker_rlimit_nofile 1000;",
            "worker_connections 100000;": "worker_connections 500;",
            "http {\n": "http {\n" + scratch,
        }))
        # nginx takes over listeners whose descriptors NGINX names, as when its binary is replaced.
        descriptor = listener.fileno()
        with child([binary, "-p", folder, "-c", str(config), "-e", "stderr"], folder=folder,
                   pass_fds=[descriptor], env={**os.environ, "NGINX": f"{descriptor};"}):
            yield port_of(listener)


@contextlib.contextmanager
def haproxy(binary, server, folder):
    """HAProxy with conf/haproxy.cfg; yields the ports of `push` and `push_tcp`."""
    with listening_socket() as http, listening_socket() as tcp:
        config = pathlib.Path(folder) / "haproxy.cfg"
        config.write_text(recipe("haproxy.cfg", {
            "bind :80 ": f"bind fd@{http.fileno()} ",
            "bind :81 ": f"bind fd@{tcp.fileno()} ",
            "127.0.0.1:8100": f"127.0.0.1:{server.front_port}",
            "127.0.0.1:8101": f"127.0.0.1:{server.front_ports[-1]}",
            "port 8000": f"port {server.admin_port}",
            "inter 2s": "inter 100ms",
            "maxconn 100000": "maxconn 500",
        }))
        with child([binary, "-db", "-f", str(config)], folder=folder,
                   pass_fds=[http.fileno(), tcp.fileno()]):
            yield port_of(http), port_of(tcp)


def scratch_folder():
    return tempfile.TemporaryDirectory(prefix="comet-proxies-")
