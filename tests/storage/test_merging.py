"""One person, two ids, over both databases: what moves, what stays, what is added up."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from storage import activity, draws, merging, people, points, relations, tags
from storage.activity import Action
from storage.database import Database
from storage.member_data import KEPT
from storage.merging import STAYS, Merged, Unmergeable
from storage.tables import METADATA
from tests import deck_house

At = Callable[[float], datetime]
DAY = date(2026, 11, 23)


def rows(tx: Connection, name: str, *columns: str) -> list[tuple[Any, ...]]:
    found = METADATA.tables[name]
    chosen = [found.c[one] for one in columns]
    return [tuple(row) for row in tx.execute(select(*chosen).order_by(*chosen))]


def build(tx: Connection, at: At) -> None:
    """Both are in `a`; the old one was in `b` too, and had left `c`."""
    people.arrive(tx, "a", "old", "老王", "", at(0))
    people.arrive(tx, "a", "new", "王先生", "", at(50))
    people.arrive(tx, "b", "old", "", "", at(10))
    people.arrive(tx, "c", "old", "", "", at(10))
    people.depart(tx, "c", "old", at(20))
    activity.count(
        tx,
        [
            Action("a", "old", "message", at(1), DAY),
            Action("a", "new", "message", at(60), DAY),
            Action("b", "old", "checkin", at(11), DAY),
        ],
    )
    tags.add(tx, "old", "常客", "li", "来得多", at(1))
    tags.add(tx, "new", "常客", "rule:常客", "来得多", at(2))
    tags.add(tx, "old", "老客户", "li", "三年了", at(3))
    points.give(tx, "old", "a", 30, "checkin", "签到", "k1", at(1), day=DAY)
    points.spend(tx, "old", "a", 10, "redeem", "兑换", "k2", at(2), day=DAY)
    points.give(tx, "new", "a", 5, "checkin", "签到", "k3", at(3), day=DAY)
    points.hide(tx, "old", True)
    relations.begin(tx, "li", "old", "qr", at(0))
    relations.begin(tx, "li", "new", "", at(5))
    relations.end(tx, "li", "new", at(6))
    relations.begin(tx, "chen", "new", "", at(7))


async def test_everything_but_what_was_published_moves(database: Database, at: At) -> None:
    await database.write(lambda tx: build(tx, at))
    merged = await database.write(
        lambda tx: merging.merge(tx, "old", "new", "wang", "换了微信", at(100))
    )
    assert merged == Merged(
        {
            "activity": 2,
            "daily": 2,
            "membership": 2,
            "points_entry": 2,
            "points_wallet": 1,
            "relation": 1,
            "tag": 2,
        },
        {},
    )

    def look(tx: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            "membership": rows(tx, "membership", "community", "member", "joined_at", "left_at"),
            "daily": rows(tx, "daily", "community", "member", "kind", "n", "last_at"),
            "tag": rows(tx, "tag", "tag", "member", "added_by", "removed_by"),
            "points_wallet": rows(tx, "points_wallet", "member", "balance", "earned", "hidden"),
            "relation": rows(tx, "relation", "member", "staff", "state", "ended_at"),
            "alias": rows(tx, "alias", "old", "member", "by", "reason", "at"),
        }

    assert await database.read(look) == {
        "membership": [
            ("a", "new", at(0), None),
            ("b", "new", at(10), None),
            ("c", "new", at(10), at(20)),
        ],
        "daily": [("a", "new", "message", 2, at(60)), ("b", "new", "checkin", 1, at(11))],
        "tag": [
            ("常客", "new", "li", "merge"),
            ("常客", "new", "rule:常客", None),
            ("老客户", "new", "li", None),
        ],
        "points_wallet": [("new", 25, 35, True)],
        "relation": [("new", "chen", "", None), ("new", "li", "qr", None)],
        "alias": [("old", "new", "wang", "换了微信", at(100))],
    }
    assert await database.read(merging.aliases) == {"old": "new"}


async def test_draws_stay_under_the_id_they_were_published_with(database: Database, at: At) -> None:
    award = METADATA.tables["award"]
    won = {
        "order_no": "QY1",
        "key": "k",
        "source": "festival",
        "community": "a",
        "member": "old",
        "prize": "红包",
        "amount_fen": 888,
        "payable_on": DAY,
        "won_at": at(1),
    }

    def build_award(tx: Connection) -> None:
        people.arrive(tx, "a", "old", "", "", at(0))
        people.arrive(tx, "a", "new", "", "", at(0))
        tx.execute(award.insert().values(**won))

    await database.write(build_award)
    merged = await database.write(lambda tx: merging.merge(tx, "old", "new", "w", "x", at(9)))
    assert merged.stays == {"award": 1}
    assert await database.read(lambda tx: rows(tx, "award", "member")) == [("old",)]


async def test_merging_twice_leads_to_the_last_id(database: Database, at: At) -> None:
    def build_three(tx: Connection) -> None:
        for one in ("a1", "a2", "a3"):
            people.arrive(tx, "a", one, "", "", at(0))
        merging.merge(tx, "a1", "a2", "w", "x", at(1))
        merging.merge(tx, "a2", "a3", "w", "x", at(2))

    await database.write(build_three)
    assert await database.read(merging.aliases) == {"a1": "a3", "a2": "a3"}


@pytest.mark.parametrize(
    ("old", "member", "why"),
    [
        ("wm1", "wm1", "两个编号是同一个。"),
        ("wm9", "wm1", "没有编号是 wm9 的成员。"),
        ("wm1", "wm9", "没有编号是 wm9 的成员。"),
        ("gone", "wm1", "gone 已经合并到 wm2 了。"),
        ("wm1", "gone", "gone 已经合并到 wm2 了。"),
    ],
)
async def test_what_cannot_be_merged_is_refused(
    database: Database, at: At, old: str, member: str, why: str
) -> None:
    def build_some(tx: Connection) -> None:
        for one in ("wm1", "wm2", "gone"):
            people.arrive(tx, "a", one, "", "", at(0))
        merging.merge(tx, "gone", "wm2", "w", "x", at(1))

    await database.write(build_some)
    with pytest.raises(Unmergeable) as raised:
        await database.write(lambda tx: merging.merge(tx, old, member, "w", "x", at(2)))
    assert str(raised.value) == why


def test_only_what_is_published_or_paid_stays() -> None:
    known = {one.table for one in KEPT}
    assert STAYS - {"alias"} <= known
    assert {"draw", "entrant", "award", "alias"} == STAYS


async def test_merged_member_has_drawn_and_entered_what_their_old_id_had(
    database: Database, at: At
) -> None:
    """Nobody draws a second time for having changed the account."""

    def work(tx: Connection) -> list[Any]:
        for one in ("old", "new", "other"):
            people.arrive(tx, "c1", one, "", "", at(0))
        cards = [("红包", 188)] * 5
        instant = deck_house.open_deck(tx, at(0), cards)
        later = deck_house.open_deck(
            tx, at(0), cards, campaign="big", mode="entrants", closes_at=at(99)
        )
        deck_house.take(tx, instant, 0, "old", at(1))
        deck_house.take(tx, instant, 1, "new", at(2))
        deck_house.take(tx, instant, 2, "other", at(3))
        draws.enter(tx, later, "c1", "old", "code-old", at(1))
        merging.merge(tx, "old", "new", "wang", "换了微信", at(10))
        return [
            [one.position for one in draws.by_member(tx, instant, "new")],
            draws.entrant_code(tx, later, "new"),
            draws.taken_part(tx, "new", {"friday", "big", "none"}),
            [one.id for one in draws.joined_by(tx, "new", 9)] == [later, instant],
            [one.position for one in draws.by_member(tx, instant, "other")],
            draws.entrant_code(tx, later, "other"),
        ]

    assert await database.write(work) == [[0, 1], "code-old", {"friday", "big"}, True, [2], None]
