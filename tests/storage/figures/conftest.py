"""A few rows of members and of what they did, by local time of Shanghai."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from storage import activity
from storage.activity import Action
from storage.rows import insert_new
from storage.tables.people import Member, Membership
from storage.types import table

SHANGHAI = ZoneInfo("Asia/Shanghai")
Stay = tuple[str, str, str, str | None]
"""Community, member, joined, left."""
Deed = tuple[str, str, str, str]
"""Community, member, kind, local day."""


@pytest.fixture
def local() -> Callable[[str], datetime]:
    """A Shanghai time such as `2026-11-24T19:30`, as an instant."""
    return _local


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def live() -> Callable[..., None]:
    """Writes stays and deeds."""
    return _live


def _live(tx: Connection, stays: Iterable[Stay], deeds: Iterable[Deed] = (), via: str = "") -> None:
    rows = [
        {
            "community": community,
            "member": member,
            "joined_at": _local(joined),
            "left_at": left and _local(left),
            "via": via,
        }
        for community, member, joined, left in stays
    ]
    names = sorted({str(one["member"]) for one in rows})
    first = _local("2026-01-01T00:00")
    insert_new(tx, table(Member), [{"id": one, "name": one, "first_seen": first} for one in names])
    if rows:
        tx.execute(insert(table(Membership)), rows)
    days = [(*who, date.fromisoformat(day)) for *who, day in deeds]
    activity.count(
        tx,
        [
            Action(
                community, member, kind, datetime(day.year, day.month, day.day, 4, tzinfo=UTC), day
            )
            for community, member, kind, day in days
        ],
    )
