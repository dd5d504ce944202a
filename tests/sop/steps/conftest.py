"""A room: one community in which a step of one kind opens, is heard, wakes and closes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from sop import listening
from sop.community import Community, DeliveryMode, Role, Staff
from sop.effects import CloseGathering, Effect, KeepReply, OpenGathering, Reply, TurnGathering
from sop.game import Player
from sop.library import Library
from sop.loader import load
from sop.plan import Plan
from sop.ports import Facts, GatheringFacts, ReplyFacts
from sop.step import StepContext

MONDAY = date(2026, 11, 23)
GATHERING = 7
NAMES = {"wm1": "陈晓雯", "wm2": "老周", "wm3": "林一诺", "wm4": "Grace"}
PLAN = """
plan: p
title: 计划
applies_to: {{labels: [wealth]}}
quiet_hours: "21:30-8:30"
week:
  monday:
    - id: s
      at: "10:00"
      {kind}: {options}
"""


@dataclass
class Room:
    """The community, its one gathering, and the part of Facts that gatherings ask."""

    home: Community
    plan: Plan
    library: Library
    members: dict[str, str] = field(default_factory=lambda: dict(NAMES))
    checked: Mapping[date, Sequence[str]] = field(default_factory=dict)
    siblings: int = 1
    """Communities of the same RM."""
    gathering: GatheringFacts | None = None
    _replies: dict[str, tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    result: tuple[str, dict[str, Any]] | None = None
    """(reason, result) once it is closed."""

    @property
    def facts(self) -> Facts:
        """The room itself answers."""
        return cast(Facts, self)

    def context(self, clock: str, day: date = MONDAY) -> StepContext:
        """The step's occurrence of Monday, with `clock` on `day` as now."""
        due_at = self._instant("10:00", MONDAY)
        return StepContext(
            plan=self.plan,
            step=next(self.plan.steps()),
            community=self.home,
            occurrence=f"p/s/{MONDAY}/{self.home.id}",
            day=day,
            due_at=due_at,
            now=self._instant(clock, day),
            seed=bytes(32),
            facts=self.facts,
            library=self.library,
        )

    def run(self, clock: str) -> list[Effect]:
        """The step runs."""
        context = self.context(clock)
        return self._apply(context.step.spec.run(context), context.now)

    def hear(
        self, member: str, text: str, clock: str = "10:05", day: date = MONDAY
    ) -> list[Effect]:
        """A member says something to the bot."""
        now = self._instant(clock, day)
        player = Player(member, self.members[member])
        return self._apply(listening.heard(self.facts, self.home, player, text, now) or [], now)

    def say(self, member: str, text: str, clock: str = "10:05") -> str:
        """The same: what the bot answers; empty: nothing."""
        said = self.hear(member, text, clock)
        return next((one.text for one in said if isinstance(one, Reply)), "")

    def tick(self, clock: str, day: date = MONDAY) -> list[Effect]:
        """The gathering is woken."""
        now = self._instant(clock, day)
        assert self.gathering is not None
        return self._apply(listening.tick(self.facts, self.home, self.gathering, now), now)

    def keep(self, member: str, **more: Any) -> None:
        """The RM changes what is kept of a reply."""
        value, at = self._replies[member]
        self._replies[member] = ({**value, **more}, at)

    def _instant(self, clock: str, day: date) -> datetime:
        hour, minute = clock.split(":")
        at = datetime.combine(day, time(int(hour), int(minute)), self.home.zone)
        return at.astimezone(UTC)

    def _apply(self, effects: list[Effect], now: datetime) -> list[Effect]:
        for one in effects:
            if isinstance(one, OpenGathering):
                self.gathering = GatheringFacts(
                    id=GATHERING,
                    community=one.community,
                    kind=one.kind,
                    occurrence=one.occurrence,
                    options=one.options,
                    phase=one.phase,
                    seed=one.seed,
                    quiet_hours=one.quiet_hours,
                    opened_at=now,
                    next_at=one.next_at,
                    closes_at=one.closes_at,
                    closed_at=None,
                )
            elif isinstance(one, KeepReply):
                first = self._replies.get(one.member, ({}, now))[1]
                self._replies[one.member] = (one.value, first)
            elif isinstance(one, TurnGathering) and self.gathering is not None:
                self.gathering = replace(
                    self.gathering, phase=one.phase, next_at=one.next_at, closes_at=one.closes_at
                )
            elif isinstance(one, CloseGathering) and self.gathering is not None:
                self.result = (one.reason, one.result)
                self.gathering = replace(self.gathering, next_at=None, closed_at=now)
        return effects

    # what the facts say

    def communities(self) -> list[Community]:
        return [replace(self.home, id=f"wealth-{n:02}") for n in range(1, self.siblings + 1)]

    def staff(self, userid: str) -> Staff | None:
        return Staff(userid, "李静", frozenset({Role.RM}), frozenset({self.home.id}))

    def managers(self) -> list[Staff]:
        everywhere = frozenset({Role.MANAGER})
        return [Staff(one, one, everywhere, frozenset()) for one in ("wangqiang", self.home.owner)]

    def payable_on(self, drawn_on: date, working_days: int) -> date:
        return drawn_on + timedelta(days=working_days)

    def check_ins(self, community: str, day: date) -> list[tuple[str, str]]:
        return [(one, self.members[one]) for one in self.checked.get(day, ())]

    def gatherings(self, community: str, closed_since: datetime) -> list[GatheringFacts]:
        one = self.gathering
        if one is None or (one.closed_at is not None and one.closed_at < closed_since):
            return []
        return [one]

    def reply(self, gathering: int, member: str) -> dict[str, Any] | None:
        known = self._replies.get(member)
        return None if known is None else known[0]

    def reply_count(self, gathering: int) -> int:
        return len(self._replies)

    def replies(self, gathering: int) -> list[ReplyFacts]:
        return [
            ReplyFacts(member, self.members[member], value, at)
            for member, (value, at) in self._replies.items()
            if member in self.members
        ]


@pytest.fixture
def room(write: Callable[[Mapping[str, str]], Path], wealth: Community) -> Callable[..., Room]:
    """Makes a room for a step of a kind with these options, as a plan has them."""

    def make(
        kind: str,
        options: str,
        *,
        heard_as: str = "群运",
        mode: DeliveryMode = DeliveryMode.ROBOT,
    ) -> Room:
        library, problems = load([write({"plan.yaml": PLAN.format(kind=kind, options=options)})])
        assert problems == []
        home = replace(wealth, heard_as=heard_as, mode=mode)
        return Room(home, library.plans["p"], library)

    return make
