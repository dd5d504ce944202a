"""Customer groups and repairs, over both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from storage import archive_consent, customers
from storage.customers import GroupRow, Mended
from storage.database import Database

At = Callable[[float], datetime]


def row(at: At, chat_id: str = "wr1", community: str = "a") -> GroupRow:
    return GroupRow(chat_id, community, "li", "一群", "v1", 9, 0, at(0), None)


async def test_version_advances_only_from_the_one_we_have(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        customers.keep(tx, row(at))
        return [
            customers.advance(tx, "wr1", "v1", "v2"),
            customers.advance(tx, "wr1", "v1", "v2"),
            customers.advance(tx, "wr1", "v3", "v4"),
            customers.advance(tx, "wr9", "v1", "v2"),
            customers.group(tx, "wr1"),
        ]

    expected = [True, True, False, False, replace(row(at), version="v2")]
    assert await database.write(work) == expected


async def test_community_that_got_another_group_belongs_to_that(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        customers.keep(tx, row(at))
        customers.keep(tx, replace(row(at, "wr2"), owner="chen"))
        owners = [customers.owner_of(tx, "a"), customers.owner_of(tx, "b")]
        return [*owners, [(one.chat_id, one.community) for one in customers.groups(tx)]]

    assert await database.write(work) == ["chen", "", [("wr1", ""), ("wr2", "a")]]


async def test_group_is_dismissed_and_discovered_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        return [
            customers.dismiss(tx, "wr1", "a", at(1)),
            customers.dismiss(tx, "wr1", "a", at(2)),
            customers.owner_of(tx, "a"),
            customers.discover(tx, ["wr1", "wr2", "wr3"]),
            customers.discover(tx, ["wr3", "wr4"]),
        ]

    assert await database.write(work) == [True, False, "", {"wr2", "wr3"}, {"wr4"}]


async def test_status_of_configured_groups_only(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        customers.keep(tx, row(at))
        customers.discover(tx, ["wr2"])
        seen = {"wr1": 1, "wr2": 1, "wr3": 1}
        return [customers.set_status(tx, seen), customers.set_status(tx, seen)]

    assert await database.write(work) == [{"wr1": 1}, {}]


async def test_repairs_are_counted_by_kind(database: Database, at: At) -> None:
    def work(tx: Connection) -> dict[str, int]:
        customers.mended(tx, [Mended("join", "wr1", "wm1"), Mended("join", "wr1", "wm2")], at(0))
        customers.mended(tx, [Mended("leave", "wr1", "wm1")], at(10))
        customers.mended(tx, [], at(10))
        return customers.repairs(tx)

    assert await database.write(work) == {"join": 2, "leave": 1}


async def test_last_word_about_the_archive_counts(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        archive_consent.agree(tx, "wm1", True, at(1))
        archive_consent.agree(tx, "wm1", False, at(2))
        archive_consent.agree(tx, "wm1", True, at(0))
        archive_consent.agree(tx, "wm2", True, at(0))
        before = archive_consent.cursor(tx)
        archive_consent.move_cursor(tx, 7, at(1))
        archive_consent.move_cursor(tx, 2**40, at(2))
        asked = archive_consent.asked(tx, {"wm1", "wm2", "wm3"})
        return [asked, before, archive_consent.cursor(tx)]

    assert await database.write(work) == [{"wm1": False, "wm2": True}, 0, 2**40]
