"""Tracked links, clicks and intent, over both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, func

from storage import activity, contacts, links, people
from storage.database import Database
from storage.links import ClickRow, Funnel, LinkRow, NewClick, Span

At = Callable[[float], datetime]
DAY = 24 * 60.0
FIRST = date(2026, 11, 23)
STEP = "recall/first"


def link(
    at: At, token: str, member: str | None, *, day: float = 0, name: str = "guide", intent: str = ""
) -> LinkRow:
    made_at = at(day * DAY)
    return LinkRow(
        token,
        "https://bank.example/guide",
        "c1",
        member,
        f"{STEP}/2026-11-23/c1",
        name,
        intent,
        made_at,
        made_at + timedelta(days=90),
    )


def click(at: At, token: str, member: str | None, *, day: float = 0, why: str = "") -> NewClick:
    when = at(day * DAY)
    return NewClick(token, "c1", member, when, FIRST + timedelta(days=int(day)), not why, why)


def span(at: At, day: float) -> Span:
    """As `sop.intent` says it: seven days, two, thirty to three days ago."""
    return Span(at((day - 7) * DAY), 2, at((day - 30) * DAY), at((day - 3) * DAY))


async def test_link_is_made_once(database: Database, at: At) -> None:
    first = link(at, "t1", None)
    await database.write(lambda tx: links.make(tx, [first, link(at, "t2", "wm1")]))
    await database.write(lambda tx: links.make(tx, [link(at, "t1", None, day=3, name="other")]))
    assert await database.read(lambda tx: links.get(tx, "t1")) == first
    assert await database.read(lambda tx: links.get(tx, "t3")) is None


async def test_only_counted_clicks_are_seen(database: Database, at: At) -> None:
    def write(tx: Connection) -> None:
        links.make(tx, [link(at, "t1", "wm1", intent="high")])
        links.click(tx, click(at, "t1", "wm1", day=1, why="预览程序"))
        links.click(tx, click(at, "t1", "wm1", day=2))
        links.click(tx, click(at, "t1", None, day=2))

    await database.write(write)
    assert await database.read(lambda tx: links.clicks_of(tx, "c1", "wm1", at(0))) == [
        ClickRow("t1", "guide", "high", at(2 * DAY), date(2026, 11, 25))
    ]
    since = at(2 * DAY) - timedelta(seconds=1)
    assert await database.read(lambda tx: links.counted_since(tx, "t1", since)) is True
    assert await database.read(lambda tx: links.counted_since(tx, "t1", at(2 * DAY))) is False


def people_of_intent(tx: Connection, at: At) -> None:
    """a: a link of high intent; b: two links; c: two days; d: once; e: never; f: long ago;
    g: only a preview; h: never handed over."""
    links.make(
        tx,
        [
            link(at, "a1", "a", intent="high"),
            *(link(at, f"b{one}", "b", name=f"n{one}") for one in (1, 2)),
            *(link(at, f"{one}1", one) for one in "cdefgh"),
        ],
    )
    contacts.add(tx, list("abcdefg"), f"{STEP}/2026-11-23/c1", at(0))
    links.click(tx, click(at, "a1", "a", day=1))
    links.click(tx, click(at, "b1", "b", day=1))
    links.click(tx, click(at, "b2", "b", day=1))
    links.click(tx, click(at, "c1", "c", day=1))
    links.click(tx, click(at, "c1", "c", day=2))
    links.click(tx, click(at, "d1", "d", day=1))
    links.click(tx, click(at, "f1", "f", day=-9))
    links.click(tx, click(at, "g1", "g", day=1, why="预览程序"))
    links.click(tx, click(at, "d1", None, day=1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (2.5, {"high": ["a", "b", "c"], "medium": ["d"], "low": []}),
        (3.0, {"high": ["a", "b", "c"], "medium": ["d"], "low": ["e", "g"]}),
        (8.5, {"high": [], "medium": ["c"], "low": ["e", "g"]}),
        (31.0, {"high": [], "medium": [], "low": []}),
    ],
)
async def test_intent_of_all_members(
    database: Database, at: At, day: float, expected: dict[str, list[str]]
) -> None:
    await database.write(lambda tx: people_of_intent(tx, at))
    found = await database.read(
        lambda tx: {
            level: sorted(tx.execute(links.intent("c1", level, span(at, day))).scalars())
            for level in ("high", "medium", "low")
        }
    )
    assert found == expected


async def test_ignored_links_of_a_member(database: Database, at: At) -> None:
    await database.write(lambda tx: people_of_intent(tx, at))
    found = await database.read(
        lambda tx: {
            one: [row.token for row in links.ignored(tx, "c1", one, span(at, 4))] for one in "degh"
        }
    )
    assert found == {"d": [], "e": ["e1"], "g": ["g1"], "h": []}


async def test_clicks_are_counted_by_member_and_name(database: Database, at: At) -> None:
    await database.write(lambda tx: people_of_intent(tx, at))

    def counts(tx: Connection, name: str | None) -> dict[str, int]:
        query = links.clicked("c1", at(0), name).group_by(links.CLICK.c.member)
        return dict(tx.execute(query.add_columns(func.count())).all())

    found = await database.read(lambda tx: counts(tx, None))
    assert found == {"a": 1, "b": 2, "c": 2, "d": 1}
    assert await database.read(lambda tx: counts(tx, "n2")) == {"b": 1}


async def test_funnel_of_a_step(database: Database, at: At) -> None:
    """a and b are written to twice, c once; others by another step, or in another community."""

    def write(tx: Connection) -> None:
        people.arrive(tx, "c1", "a", "a", "", at(-DAY))
        contacts.add(tx, ["a", "b"], f"{STEP}/2026-11-23/c1", at(0))
        contacts.add(tx, ["a", "b", "c"], f"{STEP}/2026-11-30/c1", at(7 * DAY))
        contacts.add(tx, ["d"], f"{STEP}-2/2026-11-23/c1", at(0))
        contacts.add(tx, ["e"], f"{STEP}/2026-11-23/c9", at(0))
        links.make(tx, [link(at, f"{one}1", one) for one in "abcde"])
        for one in "abcd":
            links.click(tx, click(at, f"{one}1", one, day=1))
        did = [("a", "message", 3), ("b", "click", 3), ("c", "answer", 30), ("a", "message", -1)]
        activity.count(
            tx,
            [
                activity.Action("c1", who, kind, at(day * DAY), FIRST + timedelta(days=day))
                for who, kind, day in did
            ],
        )

    await database.write(write)
    week = (at(-60), at(14 * DAY), timedelta(days=14))
    ask = ("c1",)
    assert await database.read(lambda tx: links.funnel(tx, STEP, ask, *week)) == Funnel(3, 2, 1)
    nobody = (at(20 * DAY), at(21 * DAY), timedelta(days=14))
    assert await database.read(lambda tx: links.funnel(tx, STEP, ask, *nobody)) == Funnel(0, 0, 0)
