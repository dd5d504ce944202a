"""What is kept about a member: nothing is forgotten, and nobody else is named."""

from collections.abc import Callable
from datetime import datetime

from storage import member_data, people, tags
from storage.database import Database
from storage.tables import METADATA

NAMES_A_MEMBER = ("member", "inviter", "invited")


def test_every_table_about_members_is_shown_to_them() -> None:
    about = {
        (name, column.name)
        for name, table in METADATA.tables.items()
        for column in table.columns
        if column.name in NAMES_A_MEMBER
    }
    shown = {(one.table, one.whose) for one in member_data.KEPT}
    assert about - shown == set()


def test_every_column_is_there_and_none_names_a_colleague() -> None:
    unknown = {
        (one.table, column)
        for one in member_data.KEPT
        for column in one.columns
        if column not in METADATA.tables[one.table].columns
    }
    hidden = {"added_by", "removed_by", "done_by", "given_by", "reply_to", "inviter", "invited"}
    told = {column for one in member_data.KEPT for column in one.columns}
    assert (unknown, told & hidden) == (set(), set())


async def test_own_records_only(database: Database, at: Callable[[float], datetime]) -> None:
    def fill(tx):
        for member in ("wm1", "wm2"):
            people.arrive(tx, "wealth-01", member, f"名字{member}", "", at(0))
            tags.add(tx, member, "常客", "li", "来得多", at(1))

    await database.write(fill)
    kept = await database.read(lambda tx: member_data.counts(tx, "wm1"))
    rows = await database.read(lambda tx: member_data.export(tx, "wm1"))
    assert kept == [("昵称", 1), ("入群和离群", 1), ("标签", 1)]
    assert {title: found for title, found in rows.items() if found} == {
        "昵称": [{"id": "wm1", "name": "名字wm1", "first_seen": at(0)}],
        "入群和离群": [
            {
                "community": "wealth-01",
                "joined_at": at(0),
                "left_at": None,
                "via": "",
                "invitor": "",
            }
        ],
        "标签": [
            {
                "tag": "常客",
                "reason": "来得多",
                "source": "staff",
                "added_at": at(1),
                "expires_on": None,
                "removed_at": None,
            }
        ],
    }
