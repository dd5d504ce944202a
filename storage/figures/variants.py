"""What came of each variant of a step over four weeks, as it was carried out at the time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, and_, case, distinct, exists, func, or_, select

from storage.figures.after import did, local_days, within
from storage.figures.private import written, written_at
from storage.figures.scope import DAYS, PACKED, Scope, unpacked
from storage.tables.contacts import PrivateMessage
from storage.tables.people import Community, Daily, Membership
from storage.tables.work import Occurrence
from storage.types import table

_OCCURRENCE = table(Occurrence)
_COMMUNITY = table(Community)
_DAILY = table(Daily)
_STAY = table(Membership)
_SENT = table(PrivateMessage)

FIRST_DAY = -3 * DAYS
"""Four weeks, the summary's own the last of them."""
DAYS_AFTER_POST = 1
DAYS_AFTER_MESSAGE = 3

Key = tuple[str, str, str]
"""plan, step, variant."""
Post = tuple[Key, str, datetime]
"""What was posted, where, when."""


@dataclass(frozen=True, slots=True)
class VariantNumbers:
    """Distinct persons reached by a variant, and of these those who did something afterwards."""

    plan: str
    step: str
    variant: str
    reached: int
    acted: int
    places: tuple[tuple[int, int], ...] = ()
    """(reached, acted) of each community with members that was given this variant as a whole."""


def variants(week: Scope) -> tuple[VariantNumbers, ...]:
    """By plan, step and variant, of the four weeks that end with this one."""
    return tuple(sorted((*_posted(week), *_written(week)), key=_order))


def _order(one: VariantNumbers) -> Key:
    return one.plan, one.step, one.variant


def _posted(week: Scope) -> list[VariantNumbers]:
    """What went to whole communities: everybody who was there is reached. What an RM was to post
    counts from when it was confirmed."""
    post = _posts(week)
    reached = _there(week, post)
    if not reached:
        return []
    acted = _acted(week, post, {at for _, _, at in reached})
    places: dict[Key, dict[str, tuple[set[str], set[str]]]] = defaultdict(
        lambda: defaultdict(lambda: (set(), set()))
    )
    for one, there in reached.items():
        key, community, _ = one
        here = places[key][community]
        here[0].update(there)
        here[1].update(there & acted.get(one, frozenset()))
    return [_numbers(key, [each[one] for one in sorted(each)]) for key, each in places.items()]


def _posts(week: Scope) -> CTE:
    row = _OCCURRENCE.c
    at = case((_COMMUNITY.c.mode == "assist", row.confirmed_at), else_=row.ran_at)
    return (
        select(row.plan, row.step, row.variant, row.community, at.label("at"))
        .distinct()
        .outerjoin(_COMMUNITY, _COMMUNITY.c.id == row.community)
        .where(
            week.here(Occurrence),
            row.day >= week.day(FIRST_DAY),
            row.day < week.day(DAYS),
            row.phase == "run",
            row.status == "done",
            row.variant != "",
            at < week.end,
        )
        .cte("post")
    )


def _there(week: Scope, post: CTE) -> dict[Post, set[str]]:
    """Who was there when each was posted."""
    stayed = and_(
        _STAY.c.community == post.c.community,
        _STAY.c.joined_at <= post.c.at,
        or_(_STAY.c.left_at.is_(None), _STAY.c.left_at > post.c.at),
        _STAY.c.member.not_in(week.staff),
    )
    members = func.aggregate_strings(_STAY.c.member, PACKED)
    query = select(*post.c, members).outerjoin_from(post, _STAY, stayed).group_by(*post.c)
    return {_post(row): unpacked(row[-1]) for row in week.tx.execute(query).all()}


def _acted(week: Scope, post: CTE, instants: Iterable[datetime]) -> dict[Post, set[str]]:
    """Who did something there afterwards, colleagues too."""
    day = local_days(week, instants, DAYS_AFTER_POST)
    members = func.aggregate_strings(_DAILY.c.member, PACKED)
    query = (
        select(*post.c, members)
        .join_from(post, day, within(day, post.c.at))
        .join(_DAILY, did(day, post.c.community, post.c.at))
        .group_by(*post.c)
    )
    return {_post(row): unpacked(row[-1]) for row in week.tx.execute(query).all()}


def _post(row: Iterable[object]) -> Post:
    plan, step, variant, community, at, _ = row
    return (plan, step, variant), community, at  # type: ignore[return-value]


def _numbers(key: Key, groups: Sequence[tuple[set[str], set[str]]]) -> VariantNumbers:
    """Each person once, whatever the number of times and communities; in `places` once for each
    community in which there was anybody."""
    return VariantNumbers(
        *key,
        reached=len(set().union(*(there for there, _ in groups))),
        acted=len(set().union(*(acted for _, acted in groups))),
        places=tuple((len(there), len(acted)) for there, acted in groups if there),
    )


def _written(week: Scope) -> list[VariantNumbers]:
    """What went to members one by one."""
    sent = written(week, FIRST_DAY, _SENT.c.variant != "")
    instants = written_at(week.tx, sent)
    if not instants:
        return []
    day = local_days(week, instants, DAYS_AFTER_MESSAGE)
    acted = exists().where(did(day, sent.c.community, sent.c.at), _DAILY.c.member == sent.c.member)
    key = (sent.c.plan, sent.c.step, sent.c.variant)
    query = (
        select(
            *key,
            func.count(distinct(sent.c.member)),
            func.count(distinct(case((acted, sent.c.member)))),
        )
        .join_from(sent, day, within(day, sent.c.at))
        .group_by(*key)
    )
    return [VariantNumbers(*one) for one in week.tx.execute(query).all()]
