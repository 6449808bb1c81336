"""The proxies as child processes with our recipes, on ports that the kernel chose."""

import contextlib
import os
import pathlib
import socket

from tests.support.processes import DEADLINE_S, Failure, child

CONF = pathlib.Path(__file__).resolve().parents[2] / "conf"

# A PROXY header of version 2 begins with these bytes; they hold an empty line.
PROXY_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
PROXY_SIGNATURE_BYTES = len(PROXY_SIGNATURE)


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
