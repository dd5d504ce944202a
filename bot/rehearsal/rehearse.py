"""One rehearsal from beginning to end: perform, read what came of it, forecast the cost."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.rehearsal import figures
from bot.rehearsal.findings import findings
from bot.rehearsal.flow import everybody
from bot.rehearsal.forecast import Deck, Occasions, Prizes, forecast
from bot.rehearsal.funnel import funnel
from bot.rehearsal.origin import Origins
from bot.rehearsal.people import Span
from bot.rehearsal.records import Records, read
from bot.rehearsal.result import Finding, Forecast, Result
from bot.rehearsal.stage import Performance, Script, perform, scratch
from bot.report import ALL, measured
from sop.summary.weeks import midnight
from storage.database import Database

Progress = Callable[[str, int, int], None]
"""Hears (what, how much, of how much)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the terminal asked for, beside the script."""

    start: date
    seeds: int
    named: Sequence[str]
    """Plans asked for by name."""


def _silent(what: str, done: int, whole: int) -> None:
    """Nobody watches."""


async def rehearse(script: Script, wish: Wish, progress: Progress = _silent) -> Result:
    """Runs the script and reads everything that a result holds. Nothing is left behind."""
    with scratch() as folder:

        def passed(now: datetime) -> None:
            gone = min(now - script.span.start, timedelta(days=script.span.days))
            progress("彩排", int(gone.total_seconds()), script.span.days * 86_400)

        performance = await perform(script, Path(folder), passed)
        try:
            return await _read(script, wish, performance, progress)
        finally:
            await performance.database.close()


async def _read(script: Script, wish: Wish, performance: Performance, progress: Progress) -> Result:
    database, world, chosen = performance.database, performance.world, script.settings
    records = await database.read(partial(read, script.span.start, performance.ended_at))
    sessions = {one.id: one for one in records.sessions}
    communities = {one.id: one for one in chosen.communities}
    told = {one.id: one.name for one in chosen.communities if one.id not in script.aside}
    origins = Origins(script.library, communities, sessions)
    messages = [origins.shown(one) for one in sorted(world.messages, key=lambda one: one.at)]
    found = findings(script, wish.named, performance, records, messages)
    steps = {one.id: one.occurrence.split("/")[1] for one in records.sessions if one.occurrence}
    days = [wish.start + timedelta(days=one) for one in range(script.span.days)]
    peaks = figures.peaks(one for one in world.sendings if one.community not in script.aside)
    return Result(
        start=wish.start,
        days=script.span.days,
        members=script.members,
        seed=script.seed,
        zone=chosen.zone,
        communities=told,
        host=script.host.title,
        messages=[one for one in messages if one.community not in script.aside],
        talks=[one for one in figures.talks(world) if one.community in told],
        games=[one for one in figures.rounds(records, world, steps) if one.community in told],
        turnouts=[one for one in figures.turnouts(records, world) if one.community in told],
        draws=figures.draws(records),
        money=figures.purses(records),
        titles=_titles(script, records),
        forecast=_forecast(script, wish, performance, records, progress),
        summary=await _summary(database, script, wish.start),
        problems=_told(found.problems, script.aside),
        kinds=figures.kinds(records, world),
        workload=figures.workload(messages, chosen, records, days),
        peaks=peaks,
        received=[
            one
            for one in figures.received(messages, chosen, script.span.days)
            if one.community in told
        ],
        rules=_told(found.rules, script.aside),
        funnel=None if script.flow is None else funnel(script.flow, records, world),
    )


async def _summary(database: Database, script: Script, start: date) -> Mapping[str, Any]:
    """The weekly summary of the first week, as JSON."""
    monday = start - timedelta(days=start.weekday())
    chosen = script.settings
    summary = await database.read(
        lambda tx: measured(
            tx, script.library, chosen.staff, chosen.communities, monday, chosen.zone, ALL
        )
    )
    return summary.as_json()


def _told(found: Sequence[Finding], aside: Collection[str]) -> list[Finding]:
    """What happened in a copy is told of no community."""
    return [replace(one, community="") if one.community in aside else one for one in found]


def _forecast(
    script: Script, wish: Wish, performance: Performance, records: Records, progress: Progress
) -> Forecast:
    prizes = [
        Prizes(
            f"game/{one.id}",
            int(one.rewards["winners"]),
            int(one.rewards["low_fen"]),
            int(one.rewards["high_fen"]),
        )
        for one in records.sessions
        if one.rewards
    ]
    decks = [_deck(records, one.id, one.sum_fen) for one in records.decks]
    spent = sum(one.amount_fen for one in records.awards)
    sources = {one.campaign for one in records.decks}
    pools = {f"{figures.POOL}{one.rewards['pool']}" for one in records.sessions if one.rewards}
    others = sum(one.amount_fen for one in records.awards if one.source not in sources | pools)
    calls = list(performance.world.calls.values())
    return forecast(
        Occasions(calls, prizes, decks, others),
        script.key,
        wish.seeds,
        partial(
            everybody,
            communities=script.settings.communities,
            members=script.members,
            span=script.span,
            flow=script.flow,
        ),
        spent,
        lambda done: progress("预测", done, wish.seeds),
    )


def _deck(records: Records, deck: int, sum_fen: int) -> Deck:
    campaign = records.published[deck]
    return Deck(deck, campaign.cards, sum_fen, campaign.condition is not None)


def _titles(script: Script, records: Records) -> dict[str, str]:
    titles = {name: one.title for name, one in script.library.campaigns.items()}
    titles |= {f"{figures.POOL}{name}": one.title for name, one in script.library.pools.items()}
    return {one.source: titles.get(one.source, one.source) for one in records.budgets}


def as_text(result: Result) -> str:
    """The JSON of `--json`: readable, and the same for the same result."""
    plain: dict[str, Any] = result.as_json()
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def span_of(script_start: date, days: int, zone: Any) -> Span:
    """From local midnight of the first day on."""
    return Span(midnight(script_start, zone), days)
