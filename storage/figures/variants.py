"""What came of each variant of a step over four weeks, as it was carried out at the time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from storage.figures.after import Said, took_part
from storage.figures.scope import DAYS, Scope
from storage.tables.contacts import PrivateMessage
from storage.tables.people import Community, Membership
from storage.tables.work import Occurrence
from storage.types import table

_OCCURRENCE = table(Occurrence)
_COMMUNITY = table(Community)
_STAY = table(Membership)
_SENT = table(PrivateMessage)

FIRST_DAY = -3 * DAYS
"""Four weeks, the summary's own the last of them."""
DAYS_AFTER_POST = 1
DAYS_AFTER_MESSAGE = 3

Key = tuple[str, str, str]
"""plan, step, variant."""


@dataclass(frozen=True, slots=True)
class VariantNumbers:
    """Distinct persons reached by a variant, and of these those who did something afterwards."""

    plan: str
    step: str
    variant: str
    reached: int
    acted: int
    places: tuple[tuple[int, int], ...] = ()
    """(reached, acted) of each community that was given this variant as a whole."""


def variants(week: Scope) -> tuple[VariantNumbers, ...]:
    """By plan, step and variant, of the four weeks that end with this one."""
    return tuple(sorted((*_posted(week), *_written(week)), key=_order))


def _order(one: VariantNumbers) -> Key:
    return one.plan, one.step, one.variant


def _posted(week: Scope) -> list[VariantNumbers]:
    """What went to whole communities: everybody who was there is reached. What an RM was to post
    counts from when it was confirmed."""
    row = _OCCURRENCE.c
    query = (
        select(
            row.plan, row.step, row.variant, row.community, row.ran_at, row.confirmed_at,
            _COMMUNITY.c.mode,
        )
        .outerjoin(_COMMUNITY, _COMMUNITY.c.id == row.community)
        .where(
            week.here(Occurrence),
            row.day >= week.day(FIRST_DAY),
            row.day < week.day(DAYS),
            row.phase == "run",
            row.status == "done",
            row.variant != "",
        )
    )  # fmt: skip
    said: dict[Key, set[Said]] = defaultdict(set)
    for plan, step, variant, community, ran_at, confirmed_at, mode in week.tx.execute(query):
        at = confirmed_at if mode == "assist" else ran_at
        if at is not None and at < week.end:
            said[plan, step, variant].add(Said(community, at))
    reached = _present(week, {one for each in said.values() for one in each})
    acted = took_part(week, reached, DAYS_AFTER_POST)
    return [
        _numbers(key, ((one.community, reached[one], acted[one]) for one in each), places=True)
        for key, each in said.items()
    ]


def _present(week: Scope, posts: set[Said]) -> dict[Said, set[str]]:
    """Who was there when each was posted."""
    if not posts:
        return {}
    by_place: dict[str, list[Said]] = defaultdict(list)
    for post in posts:
        by_place[post.community].append(post)
    first, last = min(post.at for post in posts), max(post.at for post in posts)
    query = select(_STAY.c.community, _STAY.c.member, _STAY.c.joined_at, _STAY.c.left_at).where(
        _STAY.c.community.in_(sorted(by_place)),
        _STAY.c.member.not_in(week.staff),
        _STAY.c.joined_at <= last,
        or_(_STAY.c.left_at.is_(None), _STAY.c.left_at > first),
    )
    present: dict[Said, set[str]] = {post: set() for post in posts}
    for community, member, joined_at, left_at in week.tx.execute(query):
        for post in by_place[community]:
            if joined_at <= post.at and (left_at is None or left_at > post.at):
                present[post].add(member)
    return present


def _written(week: Scope) -> list[VariantNumbers]:
    """What went to members one by one."""
    row, since = _OCCURRENCE.c, week.midnight(FIRST_DAY)
    query = (
        select(row.plan, row.step, _SENT.c.variant, row.community, _SENT.c.member, _SENT.c.at)
        .join_from(_OCCURRENCE, _SENT, _SENT.c.occurrence == row.key)
        .where(
            week.here(Occurrence),
            row.day >= week.day(FIRST_DAY - DAYS),  # handed over then, and perhaps written later
            row.day < week.day(DAYS),
            _SENT.c.variant != "",
            _SENT.c.member.not_in(week.staff),
            _SENT.c.at >= since,
            _SENT.c.at < week.end,
        )
    )
    reached: dict[Said, set[str]] = defaultdict(set)
    got: dict[Key, dict[Said, set[str]]] = defaultdict(lambda: defaultdict(set))
    for plan, step, variant, community, member, at in week.tx.execute(query):
        said = Said(community, at)
        reached[said].add(member)
        got[plan, step, variant][said].add(member)
    acted = took_part(week, reached, DAYS_AFTER_MESSAGE)
    return [
        _numbers(key, [(said.community, who, acted[said] & who) for said, who in each.items()])
        for key, each in got.items()
    ]


def _numbers(
    key: Key, groups: Iterable[tuple[str, set[str], set[str]]], *, places: bool = False
) -> VariantNumbers:
    """Each person once, whatever the number of times and communities; in `places` once for each
    community."""
    reached: dict[str, set[str]] = defaultdict(set)
    acted: dict[str, set[str]] = defaultdict(set)
    for community, there, did in groups:
        reached[community] |= there
        acted[community] |= did
    by_place = tuple((len(reached[one]), len(acted[one])) for one in sorted(reached))
    return VariantNumbers(
        *key,
        reached=len(set().union(*reached.values())),
        acted=len(set().union(*acted.values())),
        places=by_place if places else (),
    )
