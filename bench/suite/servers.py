"""How each server is started for a trial: the floor, comet-server, nginx with nchan, NATS.

The configurations of the two peers are templates in bench/peers; they say what was chosen and why.
Everything a server writes goes to a folder of the trial's own.
"""

import contextlib
import dataclasses
import os
import pathlib
import pwd
import shutil
import time

from . import processes
from .rows import CONTENT_BYTES

NCHAN_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclasses.dataclass(frozen=True)
class Programs:
    """Where things are."""

    source: pathlib.Path
    build: pathlib.Path

    @property
    def load(self):
        return self.build / "comet-load"

    def wrk_script(self, name):
        return self.source / "bench" / "wrk" / name

    def peer_template(self, name):
        return self.source / "bench" / "peers" / name


@dataclasses.dataclass(frozen=True)
class Server:
    """One that answers on both ports; `pids` are the processes whose CPU and memory count."""

    kind: str
    front: int
    admin: int
    pids: tuple[int, ...]
    command: str

    def address(self, port):
        return f"127.0.0.1:{self.front if port == 'front' else self.admin}"


@contextlib.contextmanager
def running(kind, programs, cores, reactors, settings, folder):
    """The server of this kind, alive and listening until the block ends."""
    start = START[kind]
    front, admin = processes.free_ports(2)
    command, environment, ports = start(programs, front, admin, pathlib.Path(folder), [f"reactors={reactors}", *settings])
    command = processes.pinned(list(map(str, command)), cores)
    child = processes.Child(command, pathlib.Path(folder) / "server.log", environment)
    with child:
        processes.await_listening(child, sorted(set(ports)))
        yield Server(kind, ports[0], ports[1], _serving(kind, child.pid),
                     processes.spell(command, environment))


def _serving(kind, pid):
    """nginx serves from a child, its one worker; everybody else from the process itself."""
    if kind != "nchan":
        return (pid,)
    for _ in range(100):
        if workers := processes.children_of(pid):
            return tuple(workers)
        time.sleep(0.02)
    raise processes.Failure("nginx started no worker")


def _floor(programs, front, admin, _folder, _settings):
    return [programs.build / "comet-floor", front, admin, CONTENT_BYTES], {}, (front, admin)


def _comet(programs, front, admin, _folder, settings):
    """Whatever a trial does not set is at its default: what a user gets is what is measured."""
    command = [programs.build / "comet-server"]
    for setting in (f"front.listen=127.0.0.1:{front}", f"admin.listen=127.0.0.1:{admin}",
                    "logger.level=warn", *settings):
        command += ["--set", setting]
    return command, {}, (front, admin)


def _nchan(programs, front, admin, folder, _settings):
    configuration = folder / "nginx.conf"
    _fill(programs.peer_template("nginx-nchan.conf"), configuration, {
        "FRONT_PORT": front, "ADMIN_PORT": admin, "MODULE": NCHAN_MODULE, "FOLDER": folder,
        "CONNECTIONS": processes.DESCRIPTORS})
    # As root, nginx would run its worker as somebody who may not enter the folder.
    user = pwd.getpwuid(os.geteuid()).pw_name
    globals_ = "daemon off;" + (f" user {user};" if os.geteuid() == 0 else "")
    command = [find("nginx"), "-p", folder, "-c", configuration, "-e", folder / "error.log",
               "-g", globals_]
    return command, {}, (front, admin)


def _nats(programs, front, _admin, folder, _settings):
    configuration = folder / "nats.conf"
    _fill(programs.peer_template("nats-server.conf"), configuration, {"PORT": front})
    return [find("nats-server"), "-c", configuration], {"GOMAXPROCS": "1"}, (front, front)


START = {"floor": _floor, "comet": _comet, "nchan": _nchan, "nats": _nats}


def find(program):
    """Debian keeps servers in /usr/sbin, which is not on everybody's path."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
    return shutil.which(program, path=path) or program


def _fill(template, target, values):
    """Replaces every @NAME@, and insists that each one of the values is used."""
    text = template.read_text()
    for name, value in values.items():
        if f"@{name}@" not in text:
            raise processes.Failure(f"{template} has no @{name}@")
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)
