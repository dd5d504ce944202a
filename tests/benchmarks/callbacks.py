"""G2–G7: callbacks at 64 connections and in a burst, over the wire, stored before the reply.

Ours is the whole product: while callbacks come in, the dispatcher handles earlier ones (members,
games, draws, activity, rollups), and delivery sends their answers to the stub. What the product
has accepted and not yet handled is worked off afterwards; that is timed and shown as well.
"""

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks import wire
from tests.benchmarks.machine import CLIENT, child, python, rss_mb, run_json
from tests.benchmarks.report import (
    Row,
    alternating,
    ensure,
    middle,
    milliseconds,
    paired,
    per_second,
    spread,
    times,
)

CONNECTIONS, WARM, SECONDS = 64, 0.7, 2.0
BURST = 1_000
PREPARED = 24_000
MANY = 100_000
"""Callbacks before the memory is looked at."""
PATIENCE = 1200.0
"""Seconds for the product to work off what it has accepted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one side."""

    rate: float
    p99: float
    worst: float
    handled_rate: float
    """Events handled to the end per second, from the first callback until none waits; ours only."""
    refused: int
    """Callbacks not answered 200: ours has none, or the run is broken."""


class Bench:
    """Prepared callbacks, the stub, and fresh servers on demand."""

    def __init__(self, folder: Path, stub: str) -> None:
        self.folder = folder
        self.stub = stub
        self._file = folder / "callbacks"
        wire.write(self._file, 0, PREPARED, stub)

    def _run(self, side: str, connections: int, warm: float, seconds: float) -> Outcome:
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            with child(*self._command(side, folder)) as (port, _):
                time.sleep(1.0)  # loops have started, imports are done
                began = time.perf_counter()
                arguments = [str(self._file), *map(str, (port, connections, warm, seconds))]
                seen = run_json("load", *arguments)
                refused = int(seen["refused"])
                ensure(side != "product" or not refused, f"{refused} callbacks not answered 200")
                handled = 0.0
                if side == "product":
                    drained(folder / "product.db", int(seen["total"]))
                    handled = seen["total"] / (time.perf_counter() - began)
                elif side != "ceiling":
                    stored(folder / "hand.db", side, int(seen["total"]) - refused)
        return Outcome(seen["rate"], seen["p99"], seen["worst"], handled, refused)

    def steady(self, side: str) -> Outcome:
        """64 connections, closed loop."""
        return self._run(side, CONNECTIONS, WARM, SECONDS)

    def burst(self, side: str) -> Outcome:
        """1,000 callbacks at the same moment."""
        return self._run(side, BURST, 0, 0)

    def memory(self) -> tuple[float, float, float]:
        """100,000 callbacks: MB of the bot when the last is answered, MB when all are handled,
        and events handled per second."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            with child(*self._command("product", folder)) as (port, pid):
                began = time.perf_counter()
                many = folder / "many"
                for start in range(0, MANY, MANY // 5):
                    wire.write(many, start, MANY // 5, self.stub)
                    arguments = (str(many), str(port), str(CONNECTIONS), "0", "600")
                    seen = run_json("load", *arguments, timeout=700)
                    ensure(seen["refused"] == 0, f"{seen['refused']} callbacks not answered 200")
                answered = rss_mb(pid)
                drained(folder / "product.db", MANY)
                took = time.perf_counter() - began
                return answered, rss_mb(pid), MANY / took

    def _command(self, side: str, folder: Path) -> tuple[str, ...]:
        if side == "product":
            return python("servers.product", str(folder), self.stub)
        if side == "ceiling":
            return python("servers.ceiling")
        return python("servers.by_hand", side, str(folder / "hand.db"))


def drained(file: Path, accepted: int) -> None:
    """Waits until every accepted callback is handled, then counts: one inbox row, one activity
    row and one letter for each, the rollups' sum the same. Raises Broken."""
    look = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    with contextlib.closing(look):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            (waiting,) = look.execute(
                "SELECT count(*) FROM inbox WHERE status = 'pending'"
            ).fetchone()
            if not waiting:
                break
            time.sleep(0.05)
        counts = {
            what: look.execute(query).fetchone()[0]
            for what, query in (
                ("inbox", "SELECT count(*) FROM inbox WHERE status = 'done'"),
                ("activity", "SELECT count(*) FROM activity"),
                ("rollups", "SELECT sum(n) FROM daily WHERE kind = 'message'"),
                ("letters", "SELECT count(*) FROM outbox"),
            )
        }
    ensure(set(counts.values()) == {accepted}, f"product: {accepted} answered, found {counts}")


def stored(file: Path, side: str, accepted: int) -> None:
    """The hand-written side has a row for each answer of 200 at least: a callback that it gave
    up on may have been stored all the same. Raises Broken."""
    with contextlib.closing(sqlite3.connect(file)) as look:
        (rows,) = look.execute("SELECT count(*) FROM activity").fetchone()
    ensure(rows >= accepted, f"{side}: {accepted} answered, {rows} rows")


@contextlib.contextmanager
def prepared() -> Iterator[Bench]:
    """With the stub running."""
    with (
        tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder,
        child(*python("servers.stub"), core=CLIENT) as (port, _),
    ):
        yield Bench(Path(folder), f"http://127.0.0.1:{port}")


SIDES = ("product", "ceiling", "fastapi", "flask")


def steady(rounds: int) -> list[Row]:
    """G2–G6."""
    with prepared() as bench:
        ours, ceiling, fastapi, flask = alternating(
            rounds, [partial(bench.steady, side) for side in SIDES]
        )

    def rates(runs: list[Outcome]) -> list[float]:
        return [one.rate for one in runs]

    def tails(runs: list[Outcome]) -> list[float]:
        return [one.p99 for one in runs]

    to_flask, to_fastapi = paired(rates(ours), rates(flask)), paired(rates(ours), rates(fastapi))
    below, tail = paired(rates(ceiling), rates(ours)), paired(tails(fastapi), tails(ours))
    shown = spread(rates(ours), per_second)
    handled = middle([one.handled_rate for one in ours])
    return [
        Row("G2/G3", "callbacks at 64 connections against (a) Flask, gunicorn, kept connections",
            shown, spread(rates(flask), per_second), times(to_flask), ">= 3x", to_flask >= 3),
        Row("G4", "… against (b) FastAPI, SQLModel session per request",
            shown, spread(rates(fastapi), per_second), times(to_fastapi), ">= 6x",
            to_fastapi >= 6),
        Row("G5", "… below (e) our handler without storage", shown,
            spread(rates(ceiling), per_second), times(below), "<= 2.5x", below <= 2.5),
        Row("G6", "p99 at 64 connections against (b)", spread(tails(ours), milliseconds),
            spread(tails(fastapi), milliseconds), times(tail), ">= 5x", tail >= 5),
        Row("", "handled to the end, dispatch and rollups, backlog included",
            per_second(handled), "", "", ""),
    ]  # fmt: skip


def burst(rounds: int) -> list[Row]:
    """G7."""
    with prepared() as bench:
        ours, fastapi, flask = alternating(
            rounds, [partial(bench.burst, side) for side in ("product", *SIDES[2:])]
        )
    worst = [one.worst for one in ours]

    def told(runs: list[Outcome]) -> str:
        failed = max(one.refused for one in runs)
        took = milliseconds(middle([one.worst for one in runs]))
        return f"{took}, {failed} failed" if failed else took

    return [
        Row("G7", "1,000 callbacks at once: the last answer; none lost (beside it: a / b)",
            spread(worst, milliseconds), f"{told(flask)} / {told(fastapi)}",
            milliseconds(middle(worst)), "<= 1,000 ms", middle(worst) <= 1000),
    ]  # fmt: skip


def memory(rounds: int) -> list[Row]:
    """Memory after 100,000 callbacks; one run whatever `rounds` says, it takes minutes."""
    del rounds
    with prepared() as bench:
        answered, handled, rate = bench.memory()
    return [
        Row("memory", "the bot after 100,000 callbacks; when the last one is handled",
            f"{answered:.0f} MB; {handled:.0f} MB", "", f"{max(answered, handled):.0f} MB",
            "< 150 MB", max(answered, handled) < 150),
        Row("", "… handled to the end", per_second(rate), "", "", ""),
    ]  # fmt: skip
