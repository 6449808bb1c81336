"""What a reader of the results must know about the machine on which they came to be."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

SYSCTLS = ("net/core/somaxconn", "net/ipv4/tcp_wmem", "net/ipv4/tcp_rmem", "net/ipv4/tcp_mem",
           "net/ipv4/ip_local_port_range", "net/ipv4/tcp_max_tw_buckets")


def describe(source, build, packages=()):
    """Everything as one dictionary for machine.json; None for what this system does not tell."""
    return {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu_name(_read("/proc/cpuinfo")),
        "cores": os.cpu_count(),
        "cores_allowed": sorted(os.sched_getaffinity(0)),
        "hypervisor": "hypervisor" in (_read("/proc/cpuinfo") or ""),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "memory_kib": _memory_kib(),
        "kernel": platform.release(),
        "kernel_version": platform.version(),
        "distribution": _distribution(),
        "mitigations": {path.name: _read(path) for path in
                        sorted(pathlib.Path("/sys/devices/system/cpu/vulnerabilities").glob("*"))},
        "load_average": os.getloadavg(),
        "sysctl": {name.replace("/", "."): _read(f"/proc/sys/{name}") for name in SYSCTLS},
        "compiler": _first_line(_cache_entry(build, "CMAKE_CXX_COMPILER") or "c++", "--version"),
        "build_type": _cache_entry(build, "CMAKE_BUILD_TYPE"),
        "build_flags": _cache_entry(build, "CMAKE_CXX_FLAGS"),
        "revision": _first_line("git", "-C", str(source), "describe", "--always", "--dirty"),
        "packages": {name: _first_line("dpkg-query", "-W", "-f", "${Version}", name)
                     for name in packages},
    }


def slug(cpu):
    """The processor's name as a part of a folder's name."""
    plain = re.sub(r"\((?:r|tm)\)|\b(?:cpu|processor)\b|@.*", " ", (cpu or "unknown").lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unknown"


def cpu_name(cpuinfo):
    """From /proc/cpuinfo; ARM has no `model name`, so the architecture has to do."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo or "", re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def _read(path):
    try:
        return pathlib.Path(path).read_text().strip()
    except OSError:
        return None


def _memory_kib():
    found = re.search(r"^MemTotal:\s*(\d+)", _read("/proc/meminfo") or "", re.MULTILINE)
    return int(found.group(1)) if found else None


def _distribution():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return None


def _cache_entry(build, name):
    found = re.search(rf"^{name}:\w+=(.*)$", _read(pathlib.Path(build) / "CMakeCache.txt") or "",
                      re.MULTILINE)
    return found.group(1) if found else None


def _first_line(*command):
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return said.strip().split("\n", 1)[0] or None
