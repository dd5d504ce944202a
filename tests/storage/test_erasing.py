"""Erasing a member: what goes, what stays under another name, and what the files still hold."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update

from storage import (
    activity,
    audit,
    consent,
    erasing,
    games,
    inbox,
    member_data,
    money,
    outbox,
    people,
    points,
    tags,
)
from storage.books import wrong
from storage.database import Database, open_database
from storage.scrubbing import found_in_files
from storage.tables import METADATA

At = Callable[[float], datetime]
MEMBER, OTHER, NAME = "wmErasedAAAA", "wmErasedAAAAB", "魏铭澄"
PSEUDONYM = "qy-000000000000000000000001"
DAY = date(2026, 11, 23)


def letter(key: str, body: dict[str, Any], at: At, channel: str = "app_message") -> Any:
    return outbox.NewLetter(key, channel, {"user": "li"}, body, "app/li", at(0), at(0))


def fill(tx: Connection, at: At) -> None:
    for member, name in ((MEMBER, NAME), (OTHER, "乙")):
        people.arrive(tx, "wealth-01", member, name, "", at(0))
        tags.add(tx, member, "常客", "li", f"{name}来得多", at(1))
        activity.count(tx, [activity.Action("wealth-01", member, "message", at(1), DAY)])
        consent.say(tx, member, "12345678", True, at(1))
        points.give(tx, member, "wealth-01", 5, "manual", f"谢谢{name}", f"manual/{member}", at(1))
        money.award(
            tx,
            key=f"game/1/{member}",
            source="pool/small",
            budget_fen=2000,
            community="wealth-01",
            member=member,
            prize="红包",
            amount_fen=500,
            payable_on=DAY,
            now=at(2),
        )
    inbox.add(
        tx,
        [
            inbox.NewEvent(
                "said/1", f"chat/{MEMBER}", "said", {"sender": MEMBER, "text": "我住在江边"}, at(1)
            )
        ],
    )
    inbox.finish(tx, [1], at(2))
    outbox.add(
        tx,
        [
            letter("tell/1", {"text": f"请跟进{NAME}：想买房"}, at),
            letter("post/1", {"markdown": f"恭喜{NAME}，乙也不错"}, at, "group_robot"),
            letter("post/2", {"markdown": "大家好"}, at, "group_robot"),
        ],
    )
    tx.execute(text("UPDATE outbox SET status = 'sent'"))
    session = games.begin(
        tx,
        community="wealth-01",
        game="dice",
        options={},
        rewards=None,
        state={"players": {MEMBER: NAME, OTHER: "乙"}, "turn": MEMBER},
        seed="s",
        next_at=None,
        occurrence=None,
        started_by=None,
        now=at(3),
    )
    games.played(tx, session, MEMBER, at(3))
    audit.append(
        tx, actor="li", action="查", subject=MEMBER, detail=f"查 {NAME}", undo=[], now=at(4)
    )


def erase(tx: Connection, at: At) -> erasing.ErasureRow:
    return erasing.erase(tx, MEMBER, [NAME], PSEUDONYM, "admin", "本人要求", at(9))


def where(tx: Connection, needle: str) -> list[str]:
    """Columns of all tables in which a text is found."""
    found = []
    for name, table in METADATA.tables.items():
        for row in tx.execute(select(table)).mappings():
            found += [f"{name}.{column}" for column, value in row.items() if needle in str(value)]
    return found


async def test_erasing_leaves_neither_id_nor_name(database: Database, at: At) -> None:
    await database.write(partial(fill, at=at))
    assert await database.read(lambda tx: erasing.is_known(tx, MEMBER))
    await database.write(partial(erase, at=at))

    def found(tx: Connection) -> tuple[Any, ...]:
        mine = [one for one in where(tx, MEMBER) if one not in where(tx, OTHER)]
        return mine, erasing.traces(tx, MEMBER), where(tx, NAME), where(tx, "江边")

    assert await database.read(found) == ([], {}, [], [])
    assert not await database.read(lambda tx: erasing.is_known(tx, MEMBER))


async def test_erasing_keeps_what_others_need(database: Database, at: At) -> None:
    await database.write(partial(fill, at=at))
    await database.write(partial(erase, at=at))

    def kept(tx: Connection) -> tuple[Any, ...]:
        letters = [one.body for one in outbox.listing(tx)[::-1]]
        state = tx.execute(text("SELECT member FROM award ORDER BY key DESC")).scalars().all()
        return letters, state, points.wallet(tx, PSEUDONYM), wrong(tx)

    assert await database.read(kept) == (
        [
            {"text": "（内容已按成员要求删除）"},
            {"markdown": "恭喜已注销成员，乙也不错"},
            {"markdown": "大家好"},
        ],
        [OTHER, PSEUDONYM] if "qy" < "wm" else [],
        points.WalletRow(PSEUDONYM, 0, 5, False),
        [],
    )
    other = await database.read(lambda tx: member_data.counts(tx, OTHER))
    assert other == [
        ("昵称", 1),
        ("入群和离群", 1),
        ("每天的活跃次数", 1),
        ("活跃记录", 1),
        ("奖品", 1),
        ("积分", 1),
        ("积分明细", 1),
        ("标签", 1),
        ("同意与撤回", 1),
    ]


async def test_proof_is_found_by_the_id_and_any_change_is_seen(database: Database, at: At) -> None:
    await database.write(partial(fill, at=at))
    row = await database.write(partial(erase, at=at))
    assert row.counts == {
        "activity.member: deleted": 1,
        "audit: mended": 1,
        "award.member: renamed": 1,
        "award: mended": 1,
        "consent.member: deleted": 1,
        "daily.member: deleted": 1,
        "game_session: mended": 1,
        "inbox: blanked": 1,
        "inbox: mended": 1,
        "member: deleted": 1,
        "membership.member: renamed": 1,
        "outbox: blanked": 1,
        "outbox: mended": 1,
        "player.member: deleted": 1,
        "points_entry.member: renamed": 2,
        "points_entry: mended": 1,
        "points_wallet.member: renamed": 1,
        "tag.member: deleted": 1,
    }
    assert await database.read(lambda tx: erasing.of(tx, MEMBER)) == [row]
    assert await database.read(erasing.broken) == []
    await database.write(lambda tx: tx.execute(text("UPDATE erasure SET reason = '别的'")) and None)
    assert await database.read(erasing.broken) == [row.id]


async def test_who_entered_a_draw_to_come_waits_for_it(database: Database, at: At) -> None:
    def fill_deck(tx: Connection) -> None:
        deck = {
            "id": 1,
            "campaign": "c",
            "round": "r",
            "community": "wealth-01",
            "size": 1,
            "sum_fen": 1,
            "budget_fen": 1,
            "seed": "s",
            "commitment": "c",
            "rules_hash": "h",
            "rules": {},
            "payable_after": 5,
            "opened_at": at(0),
            "mode": "entrants",
        }
        tx.execute(insert(METADATA.tables["deck"]).values(deck))
        entrant = {"deck": 1, "member": MEMBER, "community": "wealth-01", "code": "c"}
        tx.execute(insert(METADATA.tables["entrant"]).values({**entrant, "at": at(1)}))

    def close(tx: Connection) -> None:
        deck = METADATA.tables["deck"]
        tx.execute(update(deck).values(closed_at=at(2)))

    await database.write(fill_deck)
    waits = [await database.read(lambda tx: erasing.awaits_draw(tx, MEMBER))]
    await database.write(close)
    waits.append(await database.read(lambda tx: erasing.awaits_draw(tx, MEMBER)))
    await database.write(partial(erase, at=at))
    rows = await database.read(lambda tx: tx.execute(text("SELECT member FROM entrant")).all())
    assert (waits, [tuple(one) for one in rows]) == ([True, False], [(PSEUDONYM,)])


def test_every_table_is_treated() -> None:
    treated = {one.table for one in erasing.TREATED}
    assert (set(METADATA.tables) - treated - erasing.IMPERSONAL, treated & erasing.IMPERSONAL) == (
        set(),
        set(),
    )


def test_every_member_column_is_treated() -> None:
    named = {"member", "inviter", "invited"}
    there = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name in named
    }
    assert there == {(one.table, column) for one in erasing.TREATED for column in one.whose}


MANY = 120


def crowd(tx: Connection, at: At) -> None:
    """Enough rows around the member's for pages to be split and joined."""
    for number in range(MANY):
        people.arrive(tx, "wealth-01", f"wmCrowd{number:04}", f"群众{number}", "", at(0))
        people.arrive(tx, "wealth-01", f"{MEMBER}{number:04}", f"{NAME}{number}号", "", at(0))


async def scrubbed(url: str, at: At) -> list[bool]:
    """Whether the ids and names of many erased members are in the live files: before, after."""
    path = Path(url.removeprefix("sqlite:///"))
    gone = [f"{MEMBER}{number:04}" for number in range(MANY)]
    sought = [one.encode() for one in (*gone, NAME)]
    database = await open_database(url)
    await database.write(partial(crowd, at=at))
    found = [found_in_files(path, sought)]
    for number, one in enumerate(gone):
        names = [f"{NAME}{number}号"]
        await database.write(
            partial(
                erasing.erase,
                member=one,
                shown=names,
                pseudonym=f"qy-{number:024x}",
                by="admin",
                reason="本人要求",
                now=at(9),
            )
        )
    await database.scrub(gone)
    found.append(found_in_files(path, sought))
    await database.close()
    return found


async def test_nothing_of_the_erased_is_left_in_the_files(sqlite_url: str, at: At) -> None:
    assert await scrubbed(sqlite_url, at) == [True, False]


@pytest.mark.parametrize("broken", ["emptied_log", "rewritten"])
async def test_the_search_finds_what_a_lesser_way_leaves(
    sqlite_url: str, at: At, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A twin that deletes without overwriting, or leaves the log as it is, is found out."""
    from storage import sqlite

    if broken == "emptied_log":
        monkeypatch.setattr(sqlite, "SCRUB_PAUSE", 0.0)
        monkeypatch.setattr(sqlite, "emptied_log", lambda connection: False)
    else:
        monkeypatch.setitem(sqlite._WRITER_PRAGMAS, "secure_delete", 0)  # type: ignore[index]
        monkeypatch.setattr(sqlite, "rewritten", lambda connection: True)
    assert await scrubbed(sqlite_url, at) == [True, True]
