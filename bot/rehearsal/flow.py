"""A flow of people into communities (引流入群): how many, over how long, by which channels.

A customer group of WeCom holds at most 500 people, so a large flow needs several of them: the
communities that the bot hears are copied until there is room for everybody. All groups are there
from the first day and fill side by side, as those of a bank's branches do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from bot.rehearsal.casting import NotRehearsable
from bot.rehearsal.chance import Chance
from bot.rehearsal.people import Account, Person, Span, account, mix, populate
from bot.rehearsal.temperament import temperaments
from bot.settings import Settings
from sop.community import Community, Staff

T = TypeVar("T")

GROUP_LIMIT = 500
"""People in a customer group of WeCom, its owner included."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way by which people find the group."""

    name: str
    """In JSON."""
    title: str
    share: int
    """Percent of the people."""
    days: Sequence[int]
    """How many come on the first day, the second …; the last figure holds for all later ones."""
    weekend: bool
    """Whether anybody comes on Saturdays and Sundays."""
    hours: tuple[int, int]


CHANNELS = (
    Channel("official-account", "公众号", 50, (6, 3, 2), True, (8, 22)),
    Channel("mobile-bank", "手机银行", 30, (1,), True, (7, 23)),
    Channel("branch", "网点", 20, (1,), False, (9, 17)),
)
"""An article is read when it appears, the app every day, and a branch is open on weekdays."""


@dataclass(frozen=True, slots=True)
class Flow:
    """So many people join within so many days."""

    people: int
    start: date
    days: int


def everybody(
    seed: bytes, communities: Sequence[Community], members: int, span: Span, flow: Flow | None
) -> list[Account]:
    """All simulated members. With a flow, those who are there at the start, and the flow."""
    places = [one.id for one in communities]
    if flow is None:
        return populate(seed, places, members, span)
    joined = [one.id for one in communities if one.heard_as]
    arrived = (
        one
        for place, community in enumerate(joined)
        for one in _arrivals(
            seed, community, place, _part(flow.people, place, len(joined)), span, flow
        )
    )
    return [*populate(seed, places, members, span, newcomers=False), *arrived]


def with_room(
    settings: Settings, members: int, flow: Flow | None
) -> tuple[Settings, frozenset[str]]:
    """The settings with copies of the communities that the flow leads to, as many as it needs,
    and the ids of the copies. Raises NotRehearsable where the bot hears nobody."""
    if flow is None:
        return settings, frozenset()
    heard = [one for one in settings.communities if one.heard_as]
    if not heard:
        raise NotRehearsable("没有一个社群是机器人听得到成员的，引流进来的人玩不了，也抽不了。")
    others = len(settings.communities) - len(heard)
    groups = len(heard)
    while -(-flow.people // groups) - (-members // (groups + others)) > GROUP_LIMIT - 1:
        groups += 1
    originals = [heard[number % len(heard)] for number in range(len(heard), groups)]
    copies = [_copy(one, place // len(heard) + 2) for place, one in enumerate(originals)]
    made: dict[str, list[str]] = {}
    keys = dict(settings.robot_keys)
    for original, copy in zip(originals, copies, strict=True):
        made.setdefault(original.id, []).append(copy.id)
        if original.id in keys:
            keys[copy.id] = f"{keys[original.id]}/{copy.id}"  # each has a robot, and its limit
    chosen = replace(
        settings,
        communities=(*settings.communities, *copies),
        robot_keys=keys,
        staff={name: _looking_after(one, made) for name, one in settings.staff.items()},
    )
    return chosen, frozenset(one.id for one in copies)


def _copy(community: Community, number: int) -> Community:
    return replace(
        community,
        id=f"{community.id}-{number:02d}",
        name=f"{community.name}{number}群",
        chat_id=f"{community.chat_id}-{number:02d}",
    )


def _looking_after(staff: Staff, made: Mapping[str, Sequence[str]]) -> Staff:
    copies = [copy for one in staff.communities for copy in made.get(one, ())]
    return replace(staff, communities=staff.communities | frozenset(copies))


def _part(whole: int, place: int, places: int) -> int:
    return whole // places + (place < whole % places)


def _arrivals(
    seed: bytes, community: str, place: int, size: int, span: Span, flow: Flow
) -> Iterator[Account]:
    """Those who join one community. Several accounts of one person come together."""
    chance = Chance(seed, f"flow/{community}")
    number = 0
    for name, count in mix(size).items():
        kind = temperaments()[name]
        for index in range(count):
            person, which = divmod(index, kind.accounts)
            number += 1
            label = f"{name}/{person}"
            channel = _channel(chance, label)
            after = _when(chance, label, channel, flow) + timedelta(seconds=7 * which)
            yield account(
                seed,
                chance,
                Person(f"{community}/flow/{label}", kind, f"{place:02d}{number - which:03d}"),
                which,
                f"wmF{place + 1:03d}{number:04d}",
                community,
                span.start + after,
                span,
                channel.name,
            )


def _channel(chance: Chance, label: str) -> Channel:
    point = chance.between(f"channel/{label}", 0, sum(one.share for one in CHANNELS) - 1)
    return _weighed(point, [one.share for one in CHANNELS], CHANNELS)


def _when(chance: Chance, label: str, channel: Channel, flow: Flow) -> timedelta:
    """After how long since the beginning."""
    days = range(flow.days)
    weights = [channel.days[min(day, len(channel.days) - 1)] for day in days]
    if not channel.weekend:
        working = [(flow.start + timedelta(days=day)).weekday() < 5 for day in days]
        if any(working):
            weights = [weight * open_ for weight, open_ in zip(weights, working, strict=True)]
    day = _weighed(chance.between(f"day/{label}", 0, sum(weights) - 1), weights, days)
    low, high = channel.hours
    return timedelta(days=day, seconds=chance.between(f"at/{label}", low * 3600, high * 3600 - 60))


def _weighed(point: int, weights: Sequence[int], things: Sequence[T]) -> T:
    """The thing in whose part of the weights' sum the point lies."""
    for weight, thing in zip(weights, things, strict=True):
        if point < weight:
            return thing
        point -= weight
    raise ValueError("the point lies beyond the weights")
