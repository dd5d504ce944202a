"""The simulated members: who they are, when they come and go. All of it follows from the seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rehearsal.chance import Chance
from bot.rehearsal.temperament import Me, Temperament, temperaments

_FAMILY = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余"
_GIVEN = (
    "建国", "晓雯", "一诺", "秀英", "志强", "丽娟", "子涵", "桂兰", "海燕", "俊杰", "雨桐", "国华",
    "思远", "春梅", "浩然", "美玲", "文博", "玉珍", "天宇", "佳怡", "德明", "红霞", "欣怡", "卫东",
)  # fmt: skip
_NICKNAMES = ("小满", "Grace", "孙阿姨", "老周", "阳光灿烂", "平安是福", "Leo", "云淡风轻")

NEWCOMERS_PER_DAY = 1.0
"""Newcomers a day, in percent of a community's members."""
LEAVERS_PER_DAY = 0.4
"""In percent of a community's members."""
LONGEST_AGO = 60
"""Days before the start since which the members are spread over their joining."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one simulated person."""

    id: str
    name: str
    community: str
    temperament: Temperament
    me: Me
    joins_at: datetime
    """Before the start of the rehearsal: there from the beginning."""
    leaves_at: datetime | None
    channel: str = ""
    """By which it joined, of a flow (`bot.rehearsal.flow`); empty: it is not part of one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who owns one or several accounts."""

    label: str
    """Unique in a rehearsal."""
    kind: Temperament
    mark: str = ""
    """Follows the name, and tells the persons of a large flow apart."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a rehearsal runs."""

    start: datetime
    """Local midnight of the first day, aware UTC."""
    days: int

    @property
    def end(self) -> datetime:
        """The instant at which it is over."""
        return self.start + timedelta(days=self.days)


def mix(members: int) -> dict[str, int]:
    """How many accounts of each temperament: shares by the largest remainder, at least one of
    each where there are enough."""
    kinds = temperaments()
    whole = sum(one.share for one in kinds.values())
    exact = {name: members * one.share / whole for name, one in kinds.items()}
    counts = {name: int(value) for name, value in exact.items()}
    spare = sorted(exact, key=lambda name: (counts[name] - exact[name], name))
    for name in spare[: members - sum(counts.values())]:
        counts[name] += 1
    if members >= len(kinds):
        for name in sorted(counts):
            if counts[name] == 0:
                most = max(counts, key=lambda one: (counts[one], one))
                counts[most] -= 1
                counts[name] = 1
    return counts


def populate(
    seed: bytes, communities: Sequence[str], members: int, span: Span, *, newcomers: bool = True
) -> list[Account]:
    """Everybody who is there at the start, and who comes later, community by community."""
    accounts: list[Account] = []
    for place, community in enumerate(communities):
        size = members // len(communities) + (place < members % len(communities))
        chance = Chance(seed, f"community/{community}")
        prefix = f"wmR{place + 1:02d}"
        accounts += _residents(seed, chance, community, prefix, size, span)
        if newcomers:
            accounts += _newcomers(seed, chance, community, prefix, size, span)
    return accounts


def _residents(
    seed: bytes, chance: Chance, community: str, prefix: str, size: int, span: Span
) -> Iterator[Account]:
    """Those of the default mix. People with several accounts come in a burst on the first day."""
    number = 0
    for name, count in mix(size).items():
        kind = temperaments()[name]
        for index in range(count):
            person, which = divmod(index, kind.accounts)
            number += 1
            if kind.accounts > 1:
                burst = chance.between(f"burst/{name}/{person}", 10 * 3600, 18 * 3600)
                joins_at = span.start + timedelta(seconds=burst + 7 * which)
            else:
                ago = chance.between(f"joined/{number}", 1, LONGEST_AGO * 24)
                joins_at = span.start - timedelta(hours=ago)
            someone = Person(f"{community}/{name}/{person}", kind)
            id = f"{prefix}{number:04d}"
            yield account(seed, chance, someone, which, id, community, joins_at, span)


def _newcomers(
    seed: bytes, chance: Chance, community: str, prefix: str, size: int, span: Span
) -> Iterator[Account]:
    kinds = temperaments()
    singles = [name for name, one in kinds.items() if one.accounts == 1 for _ in range(one.share)]
    number = size
    for day in range(span.days):
        for place in range(_rounded(chance, f"newcomers/{day}", size * NEWCOMERS_PER_DAY / 100)):
            number += 1
            seconds = chance.between(f"newcomer/{day}/{place}", 9 * 3600, 21 * 3600)
            joins_at = span.start + timedelta(days=day, seconds=seconds)
            name = chance.pick(f"newcomer-kind/{day}/{place}", singles)
            someone = Person(f"{community}/new/{day}/{place}", kinds[name])
            id = f"{prefix}{number:04d}"
            yield account(seed, chance, someone, 0, id, community, joins_at, span)


def account(
    seed: bytes,
    chance: Chance,
    person: Person,
    number: int,
    id: str,
    community: str,
    joins_at: datetime,
    span: Span,
    channel: str = "",
) -> Account:
    """One account of a person, its `number`-th from 0; `chance` is the community's."""
    owner, kind = person.label, person.kind
    me = Me(id, number, Chance(seed, f"account/{owner}/{number}"), Chance(seed, f"person/{owner}"))
    leaves_at = None
    if kind.accounts == 1 and chance.percent(f"leaves/{id}", LEAVERS_PER_DAY * span.days):
        seconds = chance.between(f"leaves-at/{id}", 0, span.days * 86_400 - 1)
        at = span.start + timedelta(seconds=seconds)
        leaves_at = at if at > joins_at + timedelta(hours=1) else None
    name = _name(chance, owner if person.mark else id) + person.mark
    return Account(id, name, community, kind, me, joins_at, leaves_at, channel)


def _name(chance: Chance, id: str) -> str:
    if chance.percent(f"nickname/{id}", 15):
        return chance.pick(f"name/{id}", _NICKNAMES)
    return chance.pick(f"family/{id}", _FAMILY) + chance.pick(f"given/{id}", _GIVEN)


def _rounded(chance: Chance, label: str, value: float) -> int:
    """A whole number whose mean is `value`."""
    whole = int(value)
    return whole + chance.percent(label, (value - whole) * 100)


def by_id(accounts: Sequence[Account]) -> Mapping[str, Account]:
    """Accounts by their id."""
    return {one.id: one for one in accounts}
