"""Lost callbacks of some communities, over both databases."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from storage import customers, people
from storage.customers import GroupRow, Mended
from storage.database import Database
from storage.figures.repairs import repairs
from storage.figures.scope import Scope

MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def build(tx: Connection, local: Callable[[str], datetime]) -> None:
    """`a` and `b` are Li's, `c` is Chen's; nobody configured wr9."""
    owners = {"a": "li", "b": "li", "c": "chen"}
    people.sync_communities(
        tx,
        [
            people.CommunityRow(id, id, f"wr-{id}", owner, "robot", [], "Asia/Shanghai")
            for id, owner in owners.items()
        ],
        local("2026-11-01T12:00"),
    )
    for id in owners:
        group = GroupRow(f"wr-{id}", id, "", "", "", 0, 0, None, None)
        customers.keep(tx, group)
    for at, found in (
        ("2026-11-22T23:59", [Mended("join", "wr-a", "m1")]),
        ("2026-11-23T00:00", [Mended("join", "wr-a", "m1"), Mended("group_name", "wr-b")]),
        ("2026-11-29T23:59", [Mended("contact", "li", "m1"), Mended("contact_end", "chen", "m2")]),
        ("2026-11-25T12:00", [Mended("leave", "wr-c", "m2"), Mended("dismissed", "wr9")]),
        ("2026-11-30T00:00", [Mended("leave", "wr-a", "m1")]),
    ):
        customers.mended(tx, found, local(at))


@pytest.mark.parametrize(
    ("communities", "count"),
    [(("a",), 2), (("b",), 2), (("a", "b"), 3), (("c",), 2), (("a", "b", "c"), 5), ((), 0)],
)
async def test_repairs_are_those_of_the_communities_and_of_their_owners(
    database: Database,
    local: Callable[[str], datetime],
    communities: tuple[str, ...],
    count: int,
) -> None:
    def work(tx: Connection) -> int:
        build(tx, local)
        return repairs(Scope(tx, communities, MONDAY, SHANGHAI, ()))

    assert await database.write(work) == count
