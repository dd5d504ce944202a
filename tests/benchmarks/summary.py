"""G12–G14: the weekly summary of one community and of 300, how it grows, and what callbacks feel.

300 communities and 20,000 members over eight weeks. First with a million actions, then each of them
ten times: what grows is history in the raw table. Beside it the same questions asked of the raw
rows: by index for one community, in DuckDB for all of them.
"""

import pickle
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.benchmarks.callbacks import Bench, prepared
from tests.benchmarks.machine import run_json
from tests.benchmarks.report import Row, milliseconds, times
from tests.month import Size

SIZE = Size(300, 20_000, 1_000_000)
GROWN = 10
PATIENCE = 1800.0


def run(rounds: int) -> list[Row]:
    """G12, G13, and how a summary grows; one run whatever `rounds` says, it takes minutes."""
    del rounds
    with month() as file:
        small = run_json("servers.summaries", str(file), timeout=PATIENCE)
        grow(file)
        large = run_json("servers.summaries", str(file), timeout=PATIENCE)
    one, every = (large[what] * 1000 for what in ("one", "all"))
    one_active, all_active = large["one_active"], large["all_active"]
    by_index, by_duck = large["index"] / one_active, large["duck"] / all_active
    growth = large["all"] / small["all"]
    return [
        Row("G12", "five weeks of one community, 10 million actions, against an index on raw rows",
            milliseconds(one_active * 1000), milliseconds(large["index"] * 1000), times(by_index),
            ">= 10x", by_index >= 10),
        Row("", "… its whole summary", milliseconds(one), "", milliseconds(one), "< 50 ms",
            one < 50),
        Row("G13", "the same of 300 communities, against DuckDB (loaded)",
            milliseconds(all_active * 1000), milliseconds(large["duck"] * 1000), times(by_duck),
            ">= 2x", by_duck >= 2),
        Row("", "… their whole summary", milliseconds(every), "", milliseconds(every), "< 2,000 ms",
            every < 2000),
        Row("", "… from 1 to 10 million actions",
            f"{milliseconds(small['all'] * 1000)} → {milliseconds(every)}", "", times(growth),
            "<= 1.3x", growth <= 1.3),
        Row("", "memory, the most seen", f"{large['mb']:.0f} MB", "", f"{large['mb']:.0f} MB",
            "< 300 MB", large["mb"] < 300),
    ]  # fmt: skip


def beside(rounds: int) -> list[Row]:
    """G14: callbacks at 64 connections while summaries of 300 communities are read all the time."""
    with month() as file, prepared() as bench:
        reporting = Reporting(bench, file)
        ratios, alone, while_read = [], [], []
        for _ in range(rounds):
            alone.append(bench.steady("product").p99)
            while_read.append(reporting.steady("product").p99)
            ratios.append(while_read[-1] / alone[-1])
    ratio = sorted(ratios)[len(ratios) // 2]
    return [
        Row("G14", "p99 of callbacks while a summary is read all the time, against none",
            milliseconds(sorted(while_read)[rounds // 2]),
            milliseconds(sorted(alone)[rounds // 2]), times(ratio), "<= 2x", ratio <= 2),
    ]  # fmt: skip


class Reporting(Bench):
    """The product, with a reader of summaries in the same process."""

    def __init__(self, bench: Bench, month: Path) -> None:
        super().__init__(bench.folder, bench.stub)
        self._month = month

    def _command(self, side: str, folder: Path) -> tuple[str, ...]:
        return (*super()._command(side, folder), str(self._month))


@contextmanager
def month() -> Iterator[Path]:
    """A file with a million actions."""
    from sqlalchemy import create_engine

    from storage.tables import METADATA
    from tests.month import people_of
    from tests.month_more import more_of
    from tests.month_work import work_of

    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        file = Path(folder) / "month.db"
        began = time.monotonic()
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as tx:
            METADATA.create_all(tx)
            made = people_of(tx, SIZE)
            work_of(tx, made, SIZE)
            more_of(tx, made)
        engine.dispose()
        file.with_suffix(".pickle").write_bytes(pickle.dumps((made.communities, made.staff)))
        print(f"month: made in {time.monotonic() - began:.0f} s", flush=True)
        yield file


def grow(file: Path) -> None:
    """Every action ten times; the rollups count them."""
    columns = "community, member, kind, at, day"
    with closing(sqlite3.connect(file)) as lite, lite:
        lite.execute("PRAGMA synchronous = OFF")
        lite.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {GROWN}) "
            f"INSERT INTO activity ({columns}) SELECT {columns} FROM activity, n"
        )
        lite.execute(f"UPDATE daily SET n = n * {GROWN}")
