"""One run of one trial: a fresh server, its load, and a record of both."""

import json
import tempfile
import urllib.error
import urllib.request

from . import processes, servers
from .rows import Load

COMPLETE, NOT_COMPLETE = 0, 1  # exit statuses of comet-load


def run(trial, programs, cores):
    """A record for results.json. What goes wrong with a server or its load becomes its `error`."""
    record = {"trial": trial.name, "server": trial.server, "commands": [], "complete": False,
              "error": None, "result": None}
    stolen = processes.steal_seconds()
    try:
        with tempfile.TemporaryDirectory(prefix="comet-bench-") as folder, servers.running(
                trial.server, programs, cores.for_reactors(trial.reactors), trial.reactors,
                trial.settings, folder) as server:
            record["commands"].append(server.command)
            measure = _load if isinstance(trial.work, Load) else _wrk
            record["result"], record["complete"] = measure(
                trial.work, server, programs, cores, record["commands"], folder)
    except processes.Failure as failure:
        record["error"] = str(failure)
    record["steal_seconds"] = round(processes.steal_seconds() - stolen, 2)
    return record


def _load(load, server, programs, cores, commands, folder):
    command = processes.pinned(
        [str(programs.load), "--server", server.kind, "--front", server.address("front"),
         "--admin", server.address("admin"), *load.arguments()], (cores.generator,))
    for pid in server.pids:
        command += ["--pid", str(pid)]
    report = f"{folder}/load.json"
    command += ["--quiet", "--json", report]
    commands.append(processes.spell(command))
    status, out, err = processes.run(command, load.limit_seconds())
    if status not in (COMPLETE, NOT_COMPLETE):
        raise processes.Failure(f"comet-load ended with {status}: {(err or out).strip()[-300:]}")
    try:
        with open(report, encoding="utf-8") as file:
            return json.load(file), status == COMPLETE
    except (OSError, ValueError) as trouble:
        raise processes.Failure(f"comet-load left no report: {trouble}") from None


def _wrk(wrk, server, programs, cores, commands, _folder):
    for path in wrk.before if server.kind == "comet" else ():
        _request(server, path)
    # The floor's front port answers with a head that never ends; its admin port takes any request.
    port = wrk.port if server.kind == "comet" else "admin"
    _run_wrk(wrk, wrk.warmup, server.address(port), programs, cores, commands)
    before = sum(map(processes.cpu_ns, server.pids))
    result = _run_wrk(wrk, wrk.duration, server.address(port), programs, cores, commands)
    used_ns = sum(map(processes.cpu_ns, server.pids)) - before
    result["server_cpu_seconds"] = used_ns / 1e9
    result["cpu_us_per_request"] = used_ns / 1e3 / result["requests"]
    expected_errors = result["requests"] if wrk.all_errors and server.kind == "comet" else 0
    return {"wrk": result}, (result["socket_errors"] == 0
                             and result["error_answers"] == expected_errors)


def _run_wrk(wrk, seconds, address, programs, cores, commands):
    # wrk takes whole seconds only, and no less than one.
    command = processes.pinned(
        ["wrk", "-t1", f"-c{wrk.connections}", f"-d{max(1, round(seconds))}",
         "-s", str(programs.wrk_script(wrk.script)), f"http://{address}"], (cores.generator,))
    commands.append(processes.spell(command))
    status, out, err = processes.run(command, wrk.limit_seconds())
    reports = [line for line in out.splitlines() if line.startswith("{")]
    if status != 0 or not reports:
        raise processes.Failure(f"wrk ended with {status}: {(err or out).strip()[-300:]}")
    result = json.loads(reports[-1])
    if not result["requests"]:
        raise processes.Failure("wrk got no answer")
    return result


def _request(server, path):
    try:
        with urllib.request.urlopen(f"http://{server.address('admin')}{path}", timeout=5) as answer:
            answer.read()
    except (urllib.error.URLError, OSError) as trouble:
        raise processes.Failure(f"{path} was refused: {trouble}") from None
