"""An edited campaign against the rules of its open decks: only what favours members may change.

规范促销行为暂行规定: announced conditions, prizes and terms must not be changed to the members'
disadvantage. So an edit is taken over as a whole or not at all: one change for the worse, or one
that no rule here can judge (a text, the deck), and the published rules stay in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sop.campaign import Campaign
from sop.community import Community
from sop.deck_ports import OpenDeckFacts
from sop.draws.commitment import rules_hash
from sop.draws.log import amendment_entry
from sop.effects import AmendDeck, Effect, Post, RefuseAmendment, Tell
from sop.notice import deeds, how_often, people
from sop.ports import Facts
from sop.rounds import NIGHT, STANDING, concerned, published
from sop.terms import Chances, CheckedIn, Condition, Who
from sop.times import spoken_duration

_SILENT = frozenset({"waive", "author", "applies_to", "starts"})
"""What no member of an open round is concerned by: excuses for the compliance check, who wrote it,
communities (the open decks stay where they are), the day on which it began."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an edit would change, in Chinese sentences without a full stop."""

    better: tuple[str, ...]
    other: tuple[str, ...]
    """For the worse, or not to be judged."""


def compare(before: Campaign, after: Campaign) -> Comparison:
    """Every difference that concerns members of an open round."""
    better: list[str] = []
    other: list[str] = []
    for favours, text in _differences(before, after):
        (better if favours else other).append(text)
    return Comparison(tuple(better), tuple(other))


def amend(facts: Facts, deck: OpenDeckFacts, edited: Campaign, now: datetime) -> list[Effect]:
    """What an edited file does to an open deck: taken over with a log entry and a notice, or
    refused once with a word to the operators. Nothing when nothing differs."""
    before = published(facts, deck)
    found = compare(before, edited)
    rules = edited.model_dump(mode="json", by_alias=True)
    if not found.better and not found.other:
        return []
    if found.other or deck.frozen_at is not None:
        return _refused(facts, deck, before, found, rules)
    # Communities of an open deck stay those that were told of it.
    rules |= {"applies_to": before.model_dump(mode="json", by_alias=True)["applies_to"]}
    entry = amendment_entry(deck.head, deck.log_length, now, rules, found.better)
    homes = concerned(facts, before, deck)
    text = "\n".join(
        [
            f"**{before.title}·规则更新**",
            "以下变化都对您有利，即刻生效：",
            *[f"{number}. {one}" for number, one in enumerate(found.better, start=1)],
            f"> 记录 `{entry.hash}`",
        ]
    )
    closes_at = _closes_at(deck, edited, homes)
    return [
        AmendDeck(deck.id, rules, closes_at, entry.json, entry.hash),
        *(Post(one.id, text, quiet_hours=NIGHT) for one in homes),
    ]


def _refused(
    facts: Facts,
    deck: OpenDeckFacts,
    before: Campaign,
    found: Comparison,
    rules: dict[str, Any],
) -> list[Effect]:
    hashed = rules_hash(rules)
    if deck.refused == hashed:
        return []
    why = found.other or ("名单已经封存，等待开奖",)
    text = "\n".join(
        [
            f"“{before.title}”正在进行，文件里的改动没有生效，成员看到的规则不变：",
            *[f"> {one}" for one in why],
            "只有对成员有利的改动可以中途生效；其余的等这一期结束。",
        ]
    )
    told: list[Effect] = [Tell(one.id, text) for one in facts.operators()]
    return [RefuseAmendment(deck.id, hashed), *told]


def _closes_at(deck: OpenDeckFacts, edited: Campaign, homes: list[Community]) -> datetime | None:
    if deck.round != STANDING or not homes:
        return deck.closes_at
    if edited.ends is None:
        return None
    return datetime.combine(edited.ends + timedelta(days=1), time(), homes[0].zone)


def _differences(before: Campaign, after: Campaign) -> Iterator[tuple[bool, str]]:
    """(favours members, what changes)."""
    judged = {"who", "condition", "chances", "claim_within", "payable_after", "ends"}
    yield from _who(before.who, after.who)
    yield from _condition(before.condition, after.condition)
    yield from _chances(before, after)
    if before.claim_within != after.claim_within:
        text = f"领奖期限改为 {spoken_duration(after.claim_within)}"
        yield after.claim_within > before.claim_within, text
    if before.payable_after != after.payable_after:
        text = f"中奖后第 {after.payable_after} 个工作日发放"
        yield after.payable_after < before.payable_after, text
    if before.ends != after.ends:
        longer = after.ends is None or (before.ends is not None and after.ends > before.ends)
        text = f"延长到 {after.ends}" if after.ends else "不再设结束日期，送完为止"
        yield longer and before.mode == "instant", text if longer else f"提前到 {after.ends} 结束"
    for name, field in Campaign.model_fields.items():
        if name in judged or name in _SILENT:
            continue
        if getattr(before, name) != getattr(after, name):
            yield False, f"改了 {field.alias or name}（{field.description}）"


def _who(before: Who, after: Who) -> Iterator[tuple[bool, str]]:
    if before == after:
        return
    wider = (
        before.customers_only >= after.customers_only
        and _shorter(before.member_for, after.member_for)
        and _longer(before.joined_within, after.joined_within)
        and set(after.tags) <= set(before.tags)
        and set(after.without_tags) <= set(before.without_tags)
        and set(after.not_in) <= set(before.not_in)
        and after.conditions in (None, before.conditions)
    )
    yield wider, f"参加范围改为：{people(after)}"


def _condition(before: Condition | None, after: Condition | None) -> Iterator[tuple[bool, str]]:
    if before == after:
        return
    if after is None:
        yield True, "不再需要先做什么，直接就能抽"
        return
    asked = before or _NONE
    easier = (
        _longer(asked.played_within, after.played_within)
        and _easier(asked.checked_in, after.checked_in)
        and after.answered in (None, asked.answered)
        and _fewer(asked.invited, after.invited)
        and _fewer(asked.points, after.points)
    )
    price = f"每次用 {after.points} 积分" if after.points else ""
    what = "，".join([*deeds(after), *([price] if price else [])])
    yield easier, f"参加条件改为：{what}"


_NONE = Condition.model_construct()


def _chances(before: Campaign, after: Campaign) -> Iterator[tuple[bool, str]]:
    if before.chances != after.chances:
        yield _more(before.chances, after.chances), f"抽奖次数改为：{how_often(after)}"


def _more(before: Chances, after: Chances) -> bool:
    def days(chances: Chances) -> int:
        return chances.total if chances.per_day is None else chances.per_day

    return after.total >= before.total and days(after) >= days(before)


def _easier(before: CheckedIn | None, after: CheckedIn | None) -> bool:
    if after is None:
        return True
    return before is not None and after.days <= before.days and after.within >= before.within


def _shorter(before: timedelta | None, after: timedelta | None) -> bool:
    """A time that must have passed."""
    return after is None or (before is not None and after <= before)


def _longer(before: timedelta | None, after: timedelta | None) -> bool:
    """A time within which something must lie."""
    return after is None or (before is not None and after >= before)


def _fewer(before: int | None, after: int | None) -> bool:
    return after is None or (before is not None and after <= before)
