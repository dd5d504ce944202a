"""What is due at an instant, as transactions: occurrences, games, decks, payouts.

Every function here runs inside one transaction and is safe to run twice: the row that says
"already done" changes in the same transaction as its effects.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.crash import crash_point
from bot.facts import SqlFacts, game_session, gathering_facts
from bot.letters import Origin
from bot.links import Links
from bot.runtime import Runtime
from bot.settings import Settings
from sop import engine, listening, planner, play
from sop.effects import CloseGathering, Effect, FinishGame, Tell
from sop.library import Library
from sop.newcomers import cohort, concerns_somebody
from sop.occurrence import Occurrence, Phase
from sop.seeds import derive
from sop.step import StepContext
from sop.workdays import UnknownYear, Workdays
from storage import decks, games, gatherings, occurrences

log = logging.getLogger(__name__)

WATERMARK = "calendar"
DUE_AT_ONCE = 1000
"""Occurrences that one tick takes; the next follows at once when there are more."""
BEGAN = "began"
"""Watermark of the first start: nothing before it was ever to run."""
PUT_RIGHT = timedelta(minutes=1)
"""Clocks are put back by moments every day; a watermark further ahead than this is wrong."""
LOOK_BACK = timedelta(days=2)
"""How far back a start after a long rest looks: what is older nobody wants any more."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a unit of work is told of time and chance, read once by the shell."""

    now: datetime
    seed: bytes


@dataclass(frozen=True, slots=True)
class Due:
    """Due work of one installation, bound to its library and settings."""

    settings: Settings
    library: Library
    workdays: Workdays
    runtime: Runtime

    def facts(self, tx: Connection) -> SqlFacts:
        """This transaction's view."""
        return SqlFacts(
            tx,
            self.settings.communities,
            self.settings.staff,
            self.workdays,
            self.library,
            self.links,
            self.settings.gate is not None,
            self.settings.summary.at is not None,
        )

    @property
    def links(self) -> Links | None:
        """Writes the links to the member page; None where there is none."""
        page = self.settings.page
        return None if page is None else Links(page.public, page.secret)

    def plan(self, tx: Connection, now: datetime) -> int:
        """Lists everything that fell due since the watermark and moves it. Returns how many.

        A clock that was far ahead may have led past days, and past people who had not joined yet:
        once it is put right the last days are looked at again. What is listed stays as it is.
        """
        since = occurrences.watermark(tx, WATERMARK)
        if since is None:
            since = now - timedelta(minutes=1)
            occurrences.set_watermark(tx, BEGAN, since)
        if since - now > PUT_RIGHT:
            since = occurrences.watermark(tx, BEGAN) or since
            if since - now > LOOK_BACK:  # that clock was wrong from the first start
                since = now - PUT_RIGHT
        since = max(since, now - LOOK_BACK)
        if since >= now:
            return 0
        found = self.falling_due(since, now)
        facts = self.facts(tx)
        wanted = [_row(one) for one in found if concerns_somebody(facts, one, self.workdays)]
        added = occurrences.plan(tx, wanted, now)
        occurrences.set_watermark(tx, WATERMARK, now)
        return added

    def falling_due(self, after: datetime, until: datetime) -> list[Occurrence]:
        """Plan by plan: one that needs an unknown year rests, and the others run."""
        found: list[Occurrence] = []
        for plan in self.library.plans.values():
            try:
                found += planner.occurrences(
                    [plan], self.settings.communities, after, until, self.workdays
                )
            except UnknownYear as error:
                log.error(
                    "计划“%s”先不执行：%s", plan.plan, error, extra={"action": "unknown_year"}
                )
        return found

    def next_planned(self, after: datetime) -> datetime | None:
        """When the calendar wants to be woken next."""
        return planner.next_due(
            list(self.library.plans.values()), self.settings.communities, after, self.workdays
        )

    def run_occurrence(self, tx: Connection, key: str, moment: Moment) -> None:
        """Runs one occurrence if it still waits; its row and its effects commit together."""
        row = occurrences.lock(tx, key)
        if row is None or row.status != "planned" or row.due_at > moment.now:
            return
        crash_point("K7")
        context = self.context(tx, row, moment)
        if context is None:
            occurrences.finish(tx, key, "skipped", "计划里已没有这一步", moment.now)
            return
        verdict = engine.run(context, Phase(row.phase))
        # With the instant: what was asked and then postponed owes a second message.
        origin = Origin(f"occurrence/{key}@{moment.now.isoformat()}", moment.now)
        self.runtime.apply(tx, verdict.effects, origin)
        occurrences.finish(tx, key, verdict.status, verdict.reason, moment.now)
        if context.step.variant:
            occurrences.varied(tx, key, context.step.variant)
        crash_point("K3")

    def run_now(
        self, tx: Connection, row: occurrences.OccurrenceRow, by: str, moment: Moment
    ) -> list[Effect]:
        """The effects of a step that a person wants now; its row is marked done if it ran, and
        the person hears why if there was nothing to do."""
        context = self.context(tx, row, moment)
        if context is None:
            return []
        verdict = engine.run_now(context)
        if verdict.status == "done":
            occurrences.finish(tx, row.key, "done", "人工发送", moment.now)
            if context.step.variant:
                occurrences.varied(tx, row.key, context.step.variant)
        elif not verdict.effects:
            called = context.step.called(self.library)
            return [Tell(by, f"“{called}”没有发送：{verdict.reason}。")]
        return verdict.effects

    def context(
        self, tx: Connection, row: occurrences.OccurrenceRow, moment: Moment
    ) -> StepContext | None:
        """What the step may know; None when plan, step or community are gone."""
        written = self.library.plans.get(row.plan)
        plan = None if written is None else written.in_community(row.community)
        facts = self.facts(tx)
        community = facts.community(row.community)
        step = None if plan is None else plan.step(row.step)
        if plan is None or step is None or community is None:
            return None
        return StepContext(
            plan=plan,
            step=step,
            community=community,
            occurrence=row.identity,
            day=row.day,
            due_at=row.due_at if row.phase == Phase.RUN else row.window_ends_at,
            now=moment.now,
            seed=derive(moment.seed, row.key),
            facts=facts,
            library=self.library,
            cohort=cohort(facts, plan, step, row.day, row.community, self.workdays),
        )

    def tick_game(self, tx: Connection, session: int, moment: Moment) -> None:
        """Lets a game act whose time has come."""
        row = games.lock(tx, session)
        if row is None or row.next_at is None or row.next_at > moment.now:
            return
        facts = self.facts(tx)
        community = facts.community(row.community)
        origin = Origin(f"game/{row.id}/{row.version}", moment.now)
        if community is None:  # or the round would be due for ever
            gone = FinishGame(row.id, row.version, row.state, "社群已不在配置里", ())
            self.runtime.apply(tx, [gone], origin)
            return
        effects = play.tick(facts, self.library, community, game_session(row), moment.now)
        self.runtime.apply(tx, effects, origin)

    def tick_gathering(self, tx: Connection, gathering: int, moment: Moment) -> None:
        """Lets a gathering remind, turn or close whose time has come."""
        row = gatherings.lock(tx, gathering)
        if row is None or row.next_at is None or row.next_at > moment.now:
            return
        facts = self.facts(tx)
        community = facts.community(row.community)
        origin = Origin(f"gathering/{row.id}/{row.next_at.isoformat()}", moment.now)
        if community is None:  # or it would be due for ever
            gone = CloseGathering(row.id, "社群已不在配置里", {})
            self.runtime.apply(tx, [gone], origin)
        elif not community.paused:
            effects = listening.tick(facts, community, gathering_facts(row), moment.now)
            self.runtime.apply(tx, effects, origin)

    def forget(self, tx: Connection, moment: Moment) -> int:
        """Erases members' replies to gatherings closed a while ago. Returns how many."""
        return gatherings.purge(tx, moment.now - gatherings.KEEP_REPLIES)


def due_keys(
    tx: Connection, now: datetime
) -> tuple[Sequence[str], Sequence[int], Sequence[int], Sequence[int]]:
    """What waits: keys of occurrences, ids of games, of decks, of gatherings."""
    return (
        [row.key for row in occurrences.due(tx, now, DUE_AT_ONCE)],
        [row.id for row in games.due(tx, now)],
        decks.due(tx, now),
        gatherings.due(tx, now),
    )


def _row(one: Occurrence) -> occurrences.NewOccurrence:
    """A reminder's or announcement's window ends when the step itself is due."""
    lasts = {
        Phase.RUN: one.step.window,
        Phase.REMIND: one.step.remind or timedelta(),
        Phase.ANNOUNCE: one.step.announce or timedelta(),
    }
    return occurrences.NewOccurrence(
        key=one.key,
        identity=one.identity,
        plan=one.plan.plan,
        step=one.step.id,
        day=one.day,
        community=one.community,
        phase=one.phase.value,
        due_at=one.due_at,
        window_ends_at=one.due_at + lasts[one.phase],
    )
