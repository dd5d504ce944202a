"""Contacts over both databases: words that come late, twice or in any order; readings have the
last word."""

from collections.abc import Callable
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import relations
from storage.database import Database
from storage.relations import Changed, Contact, RelationRow

At = Callable[[float], datetime]
Step = tuple[str, float]


def tell(tx: Connection, at: At, steps: list[Step]) -> None:
    for what, minute in steps:
        if what == "end":
            relations.end(tx, "li", "wm1", at(minute))
        else:
            relations.begin(tx, "li", "wm1", "qr", at(minute), half=what == "half")


@pytest.mark.parametrize(
    ("steps", "ended", "half"),
    [
        ([("half", 1), ("whole", 2)], None, False),
        ([("whole", 1), ("end", 2)], 2, False),
        ([("half", 1), ("end", 2)], 2, False),
        ([("whole", 1), ("end", 2), ("whole", 3)], None, False),
        ([("half", 1), ("whole", 2), ("end", 3), ("half", 4)], None, True),
    ],
)
async def test_words_in_any_order_and_twice_end_alike(
    database: Database, at: At, steps: list[Step], ended: float | None, half: bool
) -> None:
    found = set()
    for order in permutations(steps):
        for twice in (list(order), [*order, *order], [one for one in order for _ in "ab"]):

            def work(tx: Connection, told: list[Step] = twice) -> RelationRow | None:
                tx.exec_driver_sql("DELETE FROM relation")
                tell(tx, at, told)
                return relations.get(tx, "li", "wm1")

            row = await database.write(work)
            found.add(row and (row.ended_at, row.half, row.state if row.ended_at is None else ""))
    end = None if ended is None else at(ended)
    assert found == {(end, half, "qr" if end is None else "")}


async def test_reading_corrects_tells_and_leaves_half_relations_alone(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> tuple[Any, ...]:
        relations.begin(tx, "li", "kept", "qr", at(1))
        relations.begin(tx, "li", "gone", "", at(2))
        relations.begin(tx, "li", "half", "", at(3), half=True)
        relations.begin(tx, "li", "later", "", at(61))
        relations.begin(tx, "li", "parted", "", at(4))
        relations.end(tx, "li", "parted", at(62))
        found = {
            "kept": Contact(at(0), "", "王姐", "爱喝茶", ("et1",)),
            "lost": Contact(at(5), "qr2", "", "", ()),
            "parted": Contact(at(4)),
        }
        changed = relations.reconcile(tx, "li", found, at(60))
        again = relations.reconcile(tx, "li", found, at(60))
        return changed, again, {one: relations.get(tx, "li", one) for one in ("kept", "lost")}

    changed, again, rows = await database.write(work)
    assert changed == Changed((("li", "lost"),), (("li", "gone"),))
    assert again == Changed()
    assert rows == {
        "kept": RelationRow("kept", "li", "qr", at(0), None, "王姐", "爱喝茶", ["et1"], False),
        "lost": RelationRow("lost", "li", "qr2", at(5), None, "", "", [], False),
    }
    left = await database.read(lambda tx: relations.contacts_of(tx, "li"))
    assert left == {"kept", "lost", "half", "later"}


async def test_one_customer_is_reconciled_with_everybody(database: Database, at: At) -> None:
    def work(tx: Connection) -> tuple[Any, ...]:
        for staff in ("li", "chen"):
            relations.begin(tx, staff, "wm1", "", at(1))
        changed = relations.reconcile_member(
            tx, "wm1", {"chen": Contact(at(1)), "wang": Contact(at(2), "", "", "", None)}, at(9)
        )
        return changed, [one.staff for one in relations.of_member(tx, "wm1")]

    assert await database.write(work) == (
        Changed((("wang", "wm1"),), (("li", "wm1"),)),
        ["chen", "wang"],
    )


async def test_names_of_customers_fill_what_no_group_has_told(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[tuple[str, str]]:
        tx.exec_driver_sql(
            "INSERT INTO member (id, name, first_seen) VALUES ('wm1', '群里的名字', "
            "'2026-11-23 00:00:00.000000+00:00'), ('wm2', '', '2026-11-23 00:00:00.000000+00:00')"
        )
        relations.name_members(tx, {"wm1": "甲", "wm2": "乙", "wm3": "丙", "wm4": ""}, at(0))
        return [tuple(one) for one in tx.exec_driver_sql("SELECT id, name FROM member ORDER BY id")]

    assert await database.write(work) == [
        ("wm1", "群里的名字"),
        ("wm2", "乙"),
        ("wm3", "丙"),
        ("wm4", ""),
    ]
