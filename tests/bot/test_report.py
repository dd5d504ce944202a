"""`report`: from rows to what a person or a script reads, with the shipped library's names."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

import sop.library
from bot.report import NoSuchScope, measured, scope_of
from sop.community import Community, DeliveryMode, Role, Staff
from sop.library import Library
from sop.loader import load
from sop.summary.markdown import document
from sop.summary.summary import Summary
from storage import activity, games, money, occurrences, people
from storage.database import Database
from tests import deck_house

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
EVENING = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)


def community(id: str, owner: str, *labels: str) -> Community:
    return Community(
        id, f"{id}群", f"wr-{id}", owner, DeliveryMode.ROBOT, frozenset(labels), SHANGHAI
    )


STAFF: Mapping[str, Staff] = {
    "lin": Staff("lin", "林悦", frozenset({Role.RM}), frozenset({"one", "two"})),
}
ONE, TWO, OTHER = (
    community("one", "lin", "wealth"),
    community("two", "lin", "wealth"),
    community("other", "zhao"),
)
ALL = (ONE, TWO, OTHER)


@pytest.fixture(scope="module")
def library() -> Library:
    """The shipped plans, campaigns and banks."""
    found, problems = load([Path(str(sop.library.__file__)).parent])
    assert problems == []
    return found


def build(tx: Connection) -> None:
    """Two members; one plays the dice of `one`, wins, and draws from the shared deck."""
    rows = [
        people.CommunityRow(
            one.id, one.name, one.chat_id, one.owner, "robot", sorted(one.labels), "Asia/Shanghai"
        )
        for one in ALL
    ]
    people.sync_communities(tx, rows, EVENING)
    for where, member in (("one", "wm1"), ("other", "wm2")):
        people.arrive(tx, where, member, member, "", EVENING - timedelta(days=30))
    activity.count(tx, [activity.Action("one", "wm1", "message", EVENING, TUESDAY)])
    for plan, step in (("wealth-weekly", "tue-dice"), ("gone", "some-step")):
        key = f"{plan}/{step}/{TUESDAY}/one"
        window = EVENING + timedelta(minutes=30)
        new = occurrences.NewOccurrence(
            key, key, plan, step, TUESDAY, "one", "run", EVENING, window
        )
        occurrences.plan(tx, [new], EVENING)
        occurrences.finish(tx, key, "done", "", EVENING)
    play(tx)


def play(tx: Connection) -> None:
    session = games.begin(
        tx,
        community="one",
        game="dice",
        options={},
        rewards=None,
        state={},
        seed="00",
        next_at=None,
        occurrence=None,
        started_by=None,
        now=EVENING,
    )
    games.played(tx, session, "wm1", EVENING)
    money.award(
        tx,
        key=f"game/{session}/wm1",
        source="pool/tuesday-games",
        budget_fen=10_000,
        community="one",
        member="wm1",
        prize="红包",
        amount_fen=500,
        payable_on=date(2026, 12, 1),
        now=EVENING,
    )
    standing = {"campaign": "join-hook", "round": "standing", "community": None}
    deck = deck_house.open_deck(tx, EVENING, [("红包", 188)], budget_fen=200, **standing)
    deck_house.take(tx, deck, 0, "wm1", EVENING, community="one")


async def made(database: Database, library: Library, **wanted: str) -> Summary:
    """Week 48 of the communities that are wanted."""
    chosen, name = scope_of(ALL, STAFF, **wanted)
    return await database.read(
        lambda tx: measured(tx, library, STAFF, chosen, MONDAY, SHANGHAI, name)
    )


async def test_report_as_json_names_things_as_people_do(
    database: Database, library: Library
) -> None:
    await database.write(build)
    found = json.loads(json.dumps((await made(database, library, rm="lin")).as_json()))
    assert (found["week"], found["scope"]) == (
        "2026-W48",
        {"name": "林悦的社群", "communities": ["one", "two"]},
    )
    assert [(one["plan"], one["title"]) for one in found["steps"]] == [
        ("gone", "some-step"),
        ("wealth-weekly", "掷骰子"),
    ]
    assert found["games"] == [
        {
            "game": "dice",
            "title": "掷骰子",
            "sessions": 1,
            "players": 1,
            "turns": 1,
            "reward_fen": 500,
        }
    ]
    hook, pool = library.campaigns["join-hook"].title, library.pools["tuesday-games"].title
    assert [
        (one["source"], one["title"], one["budget_fen"], one["committed_fen"], one["winners"])
        for one in found["campaigns"]
    ] == [("join-hook", hook, 200, 188, 1), ("pool/tuesday-games", pool, 10_000, 500, 1)]
    assert [(one["staff"], one["name"], one["communities"]) for one in found["rms"]] == [
        ("lin", "林悦", 2)
    ]
    values = {key: metric["value"] for key, metric in found["metrics"].items()}
    assert (values["members"], values["wau"], values["active_rate"]) == (1, 1, 1.0)
    assert values["funnel_played"] is None


async def test_report_of_a_community_that_a_shared_campaign_is_not_for(
    database: Database, library: Library
) -> None:
    await database.write(build)
    found = await made(database, library, community="other")
    assert (found.scope, found.figures.campaigns) == ("other群", ())


async def test_report_as_markdown_begins_with_its_scope(
    database: Database, library: Library
) -> None:
    await database.write(build)
    text = document(await made(database, library))
    assert text.splitlines()[:3] == [
        "# 全部社群 · 周报",
        "",
        "2026 年第 48 周（11 月 23 日至 11 月 29 日），共 3 个社群。",
    ]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ({}, (ALL, "全部社群")),
        ({"community": "two"}, ([TWO], "two群")),
        ({"rm": "lin"}, ([ONE, TWO], "林悦的社群")),
        ({"rm": "zhao"}, ([OTHER], "zhao的社群")),
        ({"rm": "lin", "community": "two"}, ([TWO], "two群")),
        ({"label": "wealth"}, ([ONE, TWO], "标签“wealth”的社群")),
        ({"label": "wealth", "rm": "lin"}, ([ONE, TWO], "林悦的社群（wealth）")),
        ({"label": "wealth", "community": "one"}, ([ONE], "one群")),
    ],
)
def test_scope_of(
    wanted: dict[str, str], chosen: tuple[list[Community] | tuple[Community, ...], str]
) -> None:
    assert scope_of(ALL, STAFF, **wanted) == chosen


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"community": "tow"}, "没有编号为“tow”的社群，现有：one、two、other。"),
        ({"rm": "lin", "community": "other"}, "没有编号为“other”的社群，现有：one、two。"),
        ({"rm": "wu"}, "没有属于客户经理“wu”的社群，请检查 --rm。"),
        ({"label": "vip"}, "没有带标签“vip”的社群，现有：wealth。"),
        ({"label": "vip", "rm": "zhao"}, "没有带标签“vip”的社群，这些社群都没有标签。"),
    ],
)
def test_scope_of_nobody_says_what_there_is(wanted: dict[str, str], text: str) -> None:
    with pytest.raises(NoSuchScope) as refused:
        scope_of(ALL, STAFF, **wanted)
    assert str(refused.value) == text
