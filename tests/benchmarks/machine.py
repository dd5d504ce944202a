"""Cores, child processes and their memory: what every benchmark needs of the machine."""

import contextlib
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVER, CLIENT = 0, 1
"""The server has a core of its own, the load generator and the stub share the other."""


def pin(core: int) -> None:
    """Keeps this process on one core, where the machine has as many."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > core:
        os.sched_setaffinity(0, {core})


def environment(core: int) -> dict[str, str]:
    """For children: the core to run on."""
    return {**os.environ, "BENCH_CORE": str(core), "PYTHONPATH": str(ROOT)}


def pin_as_told() -> None:
    """In a child: keeps to the core that the parent chose."""
    pin(int(os.environ.get("BENCH_CORE", SERVER)))


@contextlib.contextmanager
def child(*command: str, core: int = SERVER) -> Iterator[tuple[int, int]]:
    """A server in a process of its own: (its port, which it printed first, and its pid)."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(core),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"{command} said {line!r} instead of a port")
        yield int(line), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs one of our modules."""
    return (sys.executable, "-m", f"tests.benchmarks.{module}", *arguments)


def run_json(module: str, *arguments: str, core: int = CLIENT, timeout: float = 180) -> Any:
    """Runs a module to its end; the last line that it prints is JSON."""
    done = subprocess.run(
        python(module, *arguments),
        cwd=ROOT,
        env=environment(core),
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def rss_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no VmRSS")


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def describe() -> str:
    """One line about where the figures come from."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} cores, load {load_average():.2f} at the start"
    )
