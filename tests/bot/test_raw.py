"""The rows behind a week, for an analyst: what is in the files, and what never is."""

import csv
import io
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from sqlalchemy import Connection

from bot.raw import NoParquet, RawFormat, Written, write_raw
from sop.community import Community, DeliveryMode, Role, Staff
from storage import activity, money, people
from storage.activity import Action
from storage.database import Database

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
BEFORE = datetime(2026, 11, 15, 15, 59, tzinfo=UTC)
"""A minute before the week begins."""
NOON = datetime(2026, 11, 17, 4, tzinfo=UTC)
PLACE = Community(
    "a", "=1+1群", "wr-a", "li", DeliveryMode.ROBOT, frozenset({"x"}), ZONE, heard_as="小运"
)
STAFF = {"li": Staff("li", "李静", frozenset({Role.RM}), frozenset({"a"}), frozenset({"wm-of-li"}))}


def build(tx: Connection) -> None:
    row = people.CommunityRow("a", PLACE.name, "wr-a", "li", "robot", [], ZONE.key)
    people.sync_communities(tx, [row], BEFORE)
    for member, via in (("wm1", "@qr"), ("wm-of-li", "")):
        people.arrive(tx, "a", member, "王先生", via, BEFORE)
        for at in (BEFORE, NOON):
            day = at.astimezone(ZONE).date()
            activity.count(tx, [Action("a", member, "message", at, day)])
    money.award(
        tx, key="draw/1/wm1/1", source="pool/a", budget_fen=900, community="a", member="wm1",
        prize="-红包", amount_fen=888, payable_on=date(2026, 12, 1), now=NOON,
    )  # fmt: skip


async def written(database: Database, format: RawFormat, out: Path) -> Written:
    await database.write(build)
    return await database.read(lambda tx: write_raw(tx, STAFF, [PLACE], MONDAY, ZONE, format, out))


def tables(file: Path) -> dict[str, list[list[str]]]:
    """Every CSV of a zip."""
    with zipfile.ZipFile(file) as archive:
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


async def test_csv_holds_the_week_without_names_or_orders(
    database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "week.zip"
    done = await written(database, "csv", out)
    found = tables(out)
    empty = {name: rows[1:] for name, rows in found.items() if len(rows) > 1}
    assert empty == {
        "communities.csv": [["a", "'=1+1群", "li", "robot", "Asia/Shanghai"]],
        "memberships.csv": [["a", "wm1", "2026-11-15 15:59:00+00:00", "", "'@qr"]],
        "activity.csv": [
            ["a", "wm1", "message", "2026-11-17 04:00:00+00:00", "2026-11-17"]
        ],
        "daily.csv": [
            ["a", "2026-11-17", "wm1", "message", "1", "2026-11-17 04:00:00+00:00"]
        ],
        "payouts.csv": [
            [
                "pool/a", "a", "wm1", "'-红包", "cash", "888", "2026-11-17 04:00:00+00:00",
                "2026-12-01", "held", "",
            ]
        ],
    }  # fmt: skip
    assert done.told == (
        f"写好了 {out}：communities 1 行、memberships 1 行、activity 1 行、daily 1 行、"
        "occurrences 0 行、rounds 0 行、players 0 行、draws 0 行、payouts 1 行、follow_ups 0 行"
    )
    assert (out.stat().st_mode & 0o777, out.read_bytes().count("王先生".encode())) == (0o600, 0)


async def test_parquet_has_the_types_of_the_database(database: Database, tmp_path: Path) -> None:
    await written(database, "parquet", tmp_path / "week.zip")
    with zipfile.ZipFile(tmp_path / "week.zip") as archive:
        archive.extract("payouts.parquet", tmp_path)
    duck = duckdb.connect()
    types = duck.execute(f"SELECT * FROM '{tmp_path}/payouts.parquet'").description or []
    text, instant = "VARCHAR", "TIMESTAMP WITH TIME ZONE"
    assert [str(column[1]) for column in types] == [
        text, text, text, text, text, "BIGINT", instant, "DATE", text, instant,
    ]  # fmt: skip
    query = "SELECT * REPLACE (epoch_us(won_at) AS won_at, epoch_us(finished_at) AS finished_at)"
    microseconds = NOON.timestamp() * 1_000_000
    assert duck.execute(f"{query} FROM '{tmp_path}/payouts.parquet'").fetchall() == [
        (
            "pool/a", "a", "wm1", "-红包", "cash", 888, microseconds, date(2026, 12, 1), "held",
            None,
        )
    ]  # fmt: skip


async def test_week_without_anything_has_heads_only(database: Database, tmp_path: Path) -> None:
    def work(tx: Connection) -> Any:
        return write_raw(tx, {}, [], MONDAY, ZONE, "csv", tmp_path / "week.zip")

    done = await database.read(work)
    assert (set(done.rows.values()), len(tables(tmp_path / "week.zip"))) == ({0}, 10)


async def test_parquet_without_duckdb_says_what_to_install(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(NoParquet) as refused:
        await written(database, "parquet", tmp_path / "week.zip")
    assert str(refused.value) == (
        "Parquet 需要 DuckDB：请先运行 pip install 'qunyun[parquet]'，或改用 --format csv。"
    )
