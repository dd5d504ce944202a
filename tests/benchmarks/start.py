"""G19: how long imports and commands take, each in a fresh process with warm caches."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from tests.benchmarks.machine import ROOT, SERVER, environment, pin_as_told
from tests.benchmarks.report import (
    Row,
    alternating,
    ensure,
    middle,
    milliseconds,
    paired,
    spread,
    times,
)

STACK = """
import aiohttp.web, apscheduler.schedulers.asyncio, cryptography.hazmat.primitives.ciphers
import defusedxml.ElementTree, httpx_aiohttp, jinja2.sandbox, prometheus_client, sqlmodel, yaml
import sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite
"""
"""The third-party modules that `bot.app` loads."""
DEADLINE = 60


def _timed(*arguments: str) -> float:
    """Milliseconds of `python …`."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(SERVER),
        stdout=subprocess.DEVNULL,
        timeout=DEADLINE,
    )
    took = time.perf_counter() - began
    ensure(done.returncode == 0, f"python {' '.join(arguments)} ended with {done.returncode}")
    return 1000 * took


def _free_port() -> int:
    """A port whose next one is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _demo() -> float:
    """Milliseconds until the demo says where it is."""
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        command = [sys.executable, "-m", "bot", "demo", "--headless", "--dir", folder]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--port", str(_free_port())],
            cwd=ROOT,
            env=environment(SERVER),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - began
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        process.stdout.close()
    ensure("http://" in line, f"the demo said {line!r}")
    return 1000 * took


def run(rounds: int) -> list[Row]:
    """Five rows."""
    pin_as_told()
    sides: Sequence[list[float]] = alternating(
        max(rounds, 3),
        [
            lambda: _timed("-c", "pass"),
            lambda: _timed("-c", STACK),
            lambda: _timed("-c", "import bot.app"),
            lambda: _timed("-m", "bot", "--help"),
            lambda: _timed("-m", "bot", "check"),
            _demo,
        ],
    )
    bare, stack, app, help_, check, demo = sides
    whole, light = paired(app, stack), paired(help_, stack)
    usual = spread(stack, milliseconds)
    return [
        Row("G19", "import bot.app against importing its libraries", spread(app, milliseconds),
            usual, times(whole), "<= 1.3x", whole <= 1.3),
        Row("", "qunyun --help against the same", spread(help_, milliseconds), usual,
            f"{light:.2f}x", "<= 0.3x", light <= 0.3),
        Row("", "qunyun check, the whole shipped library", spread(check, milliseconds), "", "", ""),
        Row("", "qunyun demo until the page can be opened", spread(demo, milliseconds), "",
            milliseconds(middle(demo)), "< 3,000 ms", middle(demo) < 3000),
        Row("", "python itself", spread(bare, milliseconds), "", "", ""),
    ]  # fmt: skip
