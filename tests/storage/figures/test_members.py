"""Members of a week over several communities: who is new to all of them, who is lost to all, and
what becomes of those of a dismissed group."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from storage import customers, people
from storage.database import Database
from storage.figures.crowd import Crowd
from storage.figures.members import persons

MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STAYS = [
    ("a", "moves", "2026-11-01T12:00", "2026-11-25T12:00"),
    ("b", "moves", "2026-11-25T12:00", None),
    ("a", "adds", "2026-11-01T12:00", None),
    ("b", "adds", "2026-11-26T12:00", None),
    ("a", "was", "2026-11-01T12:00", "2026-11-02T12:00"),
    ("b", "was", "2026-11-26T12:00", "2026-11-27T12:00"),
    ("b", "first", "2026-11-26T12:00", None),
]
"""Nobody comes to `a` in the week; everybody comes to `b`."""


@pytest.mark.parametrize(
    ("communities", "new", "lost"),
    [
        (("a",), set(), {"moves"}),
        (("b",), {"moves", "adds", "was", "first"}, {"was"}),
        (("a", "b"), {"first"}, {"was"}),
    ],
)
async def test_who_was_in_another_community_is_not_new_to_both(
    database: Database,
    live: Callable[..., None],
    communities: tuple[str, ...],
    new: set[str],
    lost: set[str],
) -> None:
    def work(tx: Connection) -> tuple[frozenset[str], frozenset[str]]:
        live(tx, STAYS)
        crowd = Crowd(tx, ("a", "b"), MONDAY, SHANGHAI, ())
        found = persons(crowd, communities, MONDAY)
        return found.new, found.lost

    assert await database.write(work) == (new, lost)


@pytest.mark.parametrize(
    ("dismissed", "daily"),
    [
        ("2026-11-22T23:59", (1, 1, 1, 1, 1, 1, 1, 1)),
        ("2026-11-23T00:00", (3, 1, 1, 1, 1, 1, 1, 1)),
        ("2026-11-25T12:00", (3, 3, 3, 1, 1, 1, 1, 1)),
        ("2026-11-30T00:00", (3, 3, 3, 3, 3, 3, 3, 3)),
    ],
)
async def test_dismissed_group_has_no_members_from_then_on_and_nobody_left_it(
    database: Database,
    live: Callable[..., None],
    local: Callable[[str], datetime],
    dismissed: str,
    daily: tuple[int, ...],
) -> None:
    def work(tx: Connection) -> tuple[tuple[int, ...], int, frozenset[str]]:
        rows = [
            people.CommunityRow(id, id, f"wr-{id}", "li", "robot", [], SHANGHAI.key) for id in "ab"
        ]
        people.sync_communities(tx, rows, local("2026-11-01T12:00"))
        live(tx, [(*one, "2026-11-01T12:00", None) for one in ("ax", "ay", "az", "bz")])
        customers.dismiss(tx, "wr-a", "a", local(dismissed))
        crowd = Crowd(tx, ("a", "b"), MONDAY, SHANGHAI, ())
        found = persons(crowd, ("a", "b"), MONDAY)
        return found.daily, found.leaves.total(), found.lost

    assert await database.write(work) == (daily, 0, frozenset())
