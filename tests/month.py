"""A constructed month: communities, members and everything that the weekly summary counts, drawn
from one seed.

Made to hit borders: instants exactly at midnight and a microsecond before, members of several
communities, members who left, came back or moved on, groups that nobody hears, colleagues and
their customer accounts among the members, a community outside of what is asked for.
`tests/month_work.py` adds games, money and work.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sop.community import Community, DeliveryMode, Role, Staff
from storage import activity, people
from storage.activity import Action
from storage.rows import insert_all
from storage.tables.people import Member, Membership
from storage.types import Row, table

T = TypeVar("T")

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
"""Of the week that is asked for."""
WEEKS_BEFORE = 8
"""Weeks of actions before it."""
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
FIRST = MONDAY - timedelta(weeks=WEEKS_BEFORE)
LAST = MONDAY + timedelta(days=9)
"""What happened after the week must not show."""
OUTSIDE = "elsewhere"
"""A community that is not asked for."""
LABELS = ("理财", "私行", "代发")
WAYS = ("", "qr", "qr:spring", "invite:old", "ch-branch", "ch-lobby")
KINDS = ("message", "answer", "checkin", "draw", "click")
_OFTEN = (70, 12, 8, 6, 4)
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it."""

    groups: int
    members: int
    actions: int


SMALL = Size(30, 2_000, 30_000)
WHOLE = Size(300, 20_000, 2_000_000)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a member."""

    community: str
    member: str
    joined_at: datetime
    left_at: datetime | None
    via: str


@dataclass(slots=True)
class Month:
    """What was constructed, for whoever asks for its summary or fills in more."""

    random: Random
    communities: tuple[Community, ...]
    staff: dict[str, Staff]
    stays: list[Stay] = field(default_factory=list)

    @property
    def every_community(self) -> tuple[str, ...]:
        """With the one outside."""
        return (*(one.id for one in self.communities), OUTSIDE)

    def instant(self, since: datetime, until: datetime) -> datetime:
        """Some instant of [since, until); often enough exactly at a local midnight or the last
        moment before one."""
        whole = self.random.randrange(max(1, int((until - since).total_seconds())))
        found = since + timedelta(seconds=whole)
        chance = self.random.random()
        if chance < 0.03:
            edge = midnight((found + timedelta(hours=8)).date())
            edge -= MOMENT if chance < 0.01 else timedelta()
            return edge if since <= edge < until else found
        return found

    def id_then(self, member: str) -> str:
        """The id that a draw of theirs was published under: some had another one then."""
        return f"old-{member}" if member.endswith("7") and self.random.random() < 0.9 else member

    def some_stay(self) -> tuple[Stay, datetime]:
        """A stay, and an instant of it in the time of the actions."""
        while True:
            stay = self.random.choice(self.stays)
            since = max(stay.joined_at, midnight(FIRST))
            until = min(stay.left_at or midnight(LAST), midnight(LAST))
            if since < until:
                return stay, self.instant(since, until)


def midnight(day: date) -> datetime:
    """Of the summary's zone."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def put(tx: Connection, model: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows."""
    insert_all(tx, table(model), rows)


def batches(things: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """A few thousand at a time."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch


def people_of(tx: Connection, size: Size, seed: int = 6) -> Month:
    """Communities, colleagues, members and their actions, stored."""
    random = Random(seed)
    month = Month(random, *_places(size, random))
    _store_communities(tx, month)
    _store_members(tx, month, size.members)
    for batch in batches(_actions(month, size.actions)):
        activity.count(tx, batch)
    return month


def _places(size: Size, random: Random) -> tuple[tuple[Community, ...], dict[str, Staff]]:
    rms = [f"rm{number:02d}" for number in range(max(2, size.groups // 10))]
    modes = (DeliveryMode.ROBOT, DeliveryMode.ASSIST, DeliveryMode.AIBOT)
    places = tuple(
        Community(
            id=f"g{number:03d}",
            name=f"第{number}群",
            chat_id=f"wr{number}",
            owner=random.choice(rms),
            mode=modes[number % 3],
            labels=frozenset(random.sample(LABELS, random.randint(1, 2))),
            zone=ZoneInfo("Asia/Urumqi") if number % 17 == 16 else ZONE,
            heard_as="小运" if number % 10 else "",
            archived=number % 20 == 10,
        )
        for number in range(size.groups)
    )
    staff = {
        rm: Staff(
            id=rm,
            name=f"经理{rm}",
            roles=frozenset({Role.RM}),
            communities=frozenset(one.id for one in places if one.owner == rm),
            customer_ids=frozenset({f"wm-of-{rm}"}),
        )
        for rm in rms
    }
    return places, staff


def _store_communities(tx: Connection, month: Month) -> None:
    rows = [
        people.CommunityRow(
            one.id, one.name, one.chat_id, one.owner, one.mode, sorted(one.labels), one.zone.key
        )
        for one in month.communities
    ]
    outside = people.CommunityRow(OUTSIDE, "别处", "wr-x", "rm00", "robot", [], ZONE.key)
    people.sync_communities(tx, [*rows, outside], midnight(FIRST))


def _store_members(tx: Connection, month: Month, members: int) -> None:
    persons = [f"wm{number:05d}" for number in range(members)]
    colleagues = [*month.staff, *(id for one in month.staff.values() for id in one.customer_ids)]
    for person in (*persons, *sorted(colleagues)):
        month.stays += _stays(month, person)
    first = {}
    for stay in month.stays:
        first[stay.member] = min(stay.joined_at, first.get(stay.member, stay.joined_at))
    put(tx, Member, [{"id": id, "name": id, "first_seen": at} for id, at in first.items()])
    names = ("community", "member", "joined_at", "left_at", "via")
    rows = [{name: getattr(stay, name) for name in names} for stay in month.stays]
    put(tx, Membership, rows)


def _stays(month: Month, person: str) -> Iterator[Stay]:
    """One to four communities, each entered once or twice; some move on the day they leave."""
    random = month.random
    several = random.choices((1, 2, 3, 4), (80, 12, 5, 3))[0]
    old = midnight(date(2026, 7, 1))
    for community in random.sample(month.every_community, several):
        late = random.random() < 0.35
        since = midnight(FIRST) if late else old
        joined = month.instant(since, midnight(LAST) if late else midnight(FIRST))
        for _ in range(2):
            via = random.choice(WAYS)
            stays_on = random.random() < 0.75
            left = None if stays_on else month.instant(joined, midnight(LAST))
            left = None if left is None else max(left, joined)
            yield Stay(community, person, joined, left, via)
            if left is None or random.random() < 0.6:
                break
            joined = month.instant(left, midnight(LAST) + DAY)


def _actions(month: Month, number: int) -> Iterator[Action]:
    zones = {one.id: one.zone for one in month.communities}
    for stay in month.stays:
        yield _action(zones, stay, "join", stay.joined_at)
        if stay.left_at is not None:
            yield _action(zones, stay, "leave", stay.left_at)
    lively = _lively(month)
    for _ in range(number):
        stay, at = month.some_stay()
        if stay.member not in lively and month.random.random() < 0.9:
            at = min(at, stay.joined_at + 10 * DAY)  # has fallen silent since
        kind = month.random.choices(KINDS, _OFTEN)[0]
        yield _action(zones, stay, kind, at)


def _lively(month: Month) -> set[str]:
    persons = sorted({stay.member for stay in month.stays})
    return {one for one in persons if month.random.random() < 0.4}


def _action(zones: dict[str, ZoneInfo], stay: Stay, kind: str, at: datetime) -> Action:
    day = at.astimezone(zones.get(stay.community, ZONE)).date()
    return Action(stay.community, stay.member, kind, at, day)
