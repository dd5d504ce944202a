"""Summaries of a month's file, timed: `python -m tests.benchmarks.servers.summaries FILE`.

Prints JSON: seconds for the summary of one community and of all, for the activity of five weeks in
them from our rollups, from the raw rows by index, and in DuckDB, and the most memory that the
summaries took.
"""

import gc
import json
import pickle
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine

from bot.warm import warm_up
from bot.week import period
from sop.community import Community, Staff, accounts
from sop.library import Library
from sop.summary.summary import Summary, summarise
from storage.figures.crowd import Crowd
from tests.benchmarks.machine import pin_as_told
from tests.month import MONDAY, ZONE

_RAW = (
    "SELECT count(DISTINCT member) FROM activity WHERE {} AND day >= ? AND day < ? "
    "AND kind <> 'leave'",
    "SELECT day, count(DISTINCT member) FROM activity WHERE {} AND day >= ? AND day < ? "
    "AND kind <> 'leave' GROUP BY day",
    "SELECT count(DISTINCT member), count(*) FROM activity WHERE {} AND day >= ? AND day < ? "
    "AND kind = 'message'",
    "SELECT count(DISTINCT member) FROM activity WHERE {} AND day >= ? AND day < ? "
    "AND kind NOT IN ('join', 'leave')",
)
"""What is counted of actions for one week: active, by day, speakers and messages, taking part."""


def known(file: Path) -> tuple[Sequence[Community], dict[str, Staff]]:
    """Communities and colleagues of a month."""
    communities, staff = pickle.loads(file.with_suffix(".pickle").read_bytes())
    return communities, staff


def measured(tx: Connection, communities: Sequence[Community], staff: dict[str, Staff]) -> Summary:
    """The summary as every caller gets it."""
    return summarise(period(tx, Library(), staff, communities, MONDAY, ZONE, "全部社群"))


def timed(rounds: int, work: Callable[[], object]) -> float:
    """The median, in seconds."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def main(file: Path) -> None:
    """Measures and prints."""
    communities, staff = known(file)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as tx:
        measured(tx, communities[:1], staff)  # imports and statements
        warm_up()  # as the service does
        one = timed(9, lambda: measured(tx, communities[1:2], staff))
        gc.disable()  # as the process in which the service counts many
        every = timed(3, lambda: measured(tx, communities, staff))
        one_active = timed(9, lambda: by_rollup(tx, communities[1:2], staff))
        all_active = timed(3, lambda: by_rollup(tx, communities, staff))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {"one": one, "all": every, "mb": memory}
    result |= {"one_active": one_active, "all_active": all_active}
    result |= {"index": by_index(file, communities[1].id), "duck": in_duck(file)}
    print(json.dumps(result), flush=True)


def by_rollup(tx: Connection, communities: Sequence[Community], staff: dict[str, Staff]) -> None:
    """What `_RAW` asks for, as the summary reads it."""
    crowd = Crowd(tx, [one.id for one in communities], MONDAY, ZONE, accounts(staff))
    for back in range(5):
        week = crowd.week(MONDAY - timedelta(weeks=back))
        everywhere = list(week.of(crowd.communities))
        for members in ("active", "spoke", "took_part"):
            set().union(*(getattr(one, members) for one in everywhere))


def by_index(file: Path, community: str) -> float:
    """The activity of five weeks of one community, from the raw rows."""
    with closing(sqlite3.connect(file)) as lite:
        return timed(5, lambda: _five_weeks(lite.execute, f"community = '{community}'"))


def in_duck(file: Path) -> float:
    """The activity of five weeks of all, over a copy in DuckDB, which is not timed."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(file)) as lite:
        rows = Path(folder) / "activity.csv"
        with rows.open("w", encoding="utf-8") as out:
            for row in lite.execute("SELECT community, member, kind, day FROM activity"):
                out.write(f"{','.join(row)}\n")
        duck = duckdb.connect()
        duck.execute("SET threads = 1")
        duck.execute(
            f"CREATE TABLE activity AS FROM read_csv('{rows}', columns={{'community': 'VARCHAR', "
            "'member': 'VARCHAR', 'kind': 'VARCHAR', 'day': 'DATE'})"
        )
    return timed(3, lambda: _five_weeks(duck.execute, "true"))


def _five_weeks(execute: Callable[..., object], where: str) -> None:
    for back in range(5):
        monday = MONDAY - timedelta(weeks=back)
        borders = [monday.isoformat(), (monday + timedelta(weeks=1)).isoformat()]
        for query in _RAW:
            found = execute(query.format(where), borders)
            found.fetchall()  # type: ignore[attr-defined]


if __name__ == "__main__":
    pin_as_told()
    main(Path(sys.argv[1]))
