"""A small group of members, and steps that run among them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from sop.community import Community, Member, Role, Staff
from sop.diagnostics import render
from sop.loader import load
from sop.ports import Contribution, Facts
from sop.segment import Conditions
from sop.step import StepContext

JOINED = datetime(2026, 10, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""Monday 10:00 in Shanghai."""


@dataclass
class Circle:
    """What the facts say about the members `wm1`, `wm2` … by their names."""

    names: Mapping[str, str]
    silent: frozenset[str] = frozenset()
    """Of whom every condition about doing nothing holds."""
    worn: Mapping[str, set[str]] = field(default_factory=dict)
    written: Mapping[str, datetime] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)
    """How often each was written to since `times_since`."""
    times_since: datetime | None = None
    tracks: bool = True
    """Whether links are tracked."""
    waiting: set[str] = field(default_factory=set)
    contributions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    friends: Mapping[str, str] = field(default_factory=dict)
    """Who follows a member up, where it is not the owner."""

    def member(self, id: str) -> Member:
        return Member(id, self.names[id], "wealth-01", JOINED)

    def staff(self, userid: str) -> Staff | None:
        return Staff(userid, "李静", frozenset({Role.RM}), frozenset({"wealth-01"}))

    def choose(self, community: str, who: Conditions, now: datetime) -> list[Member]:
        found = []
        for one in sorted(self.names, key=lambda one: self.names[one]):
            worn = self.worn.get(one, set())
            if who.silent_for is not None and one not in self.silent:
                continue
            if set(who.tags) <= worn and not set(who.without_tags) & worn:
                found.append(self.member(one))
        return found

    def last_written(self, community: str) -> Mapping[str, datetime]:
        return self.written

    def times_written(self, community: str, since: datetime) -> Mapping[str, int]:
        assert since == self.times_since
        return self.times

    @property
    def links(self) -> "Circle":
        return self

    @property
    def follow_ups(self) -> "Circle":
        return self

    def rm_of(self, community: str, member: str) -> str:
        return self.friends.get(member, "lijing")

    def token(self, community: str, occurrence: str, name: str, member: str = "") -> str:
        return f"{name}-{member}" if self.tracks else ""

    def address(
        self, community: str, occurrence: str, name: str, url: str, member: str = ""
    ) -> str:
        token = self.token(community, occurrence, name, member)
        return f"https://q.example/go/{token}" if token else url

    def followed_up(self, community: str, step: str) -> set[str]:
        assert step == "p/s"
        return self.waiting

    def most_active(self, community: str, since: date) -> list[Contribution]:
        best = sorted(self.contributions.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))
        return [Contribution(self.member(one), *score) for one, score in best]


PLAN = """
plan: p
title: 计划
applies_to: {{labels: [wealth]}}
variables: {{hotline: "95500"}}
{group}:
  {day}:
    - id: s
      title: {title}
      at: "10:00"
      window: 1h
      {step}
"""
FILES = {
    "sleeping.yaml": "{segment: sleeping, title: 沉睡成员, who: {silent_for: 14d}}",
    "script.yaml": """
        script: hello
        title: 问候
        variables: {who: 小李}
        text: "我是{{ who }}，{{ weekday }}好。"
        risk_notice: true
    """,
}
Made = Callable[..., StepContext]


@pytest.fixture
def made(write: Callable[[Mapping[str, str]], Path], wealth: Community) -> Made:
    """The context of a step written as YAML; the rest is a plan, a segment and a script."""

    def make(
        step: str,
        facts: Circle,
        *,
        cohort: tuple[str, ...] | None = None,
        title: str = "关怀",
        **more: Any,
    ) -> StepContext:
        where = {"group": "week", "day": "monday"}
        if cohort is not None:
            where = {"group": "after_join", "day": "3"}
        text = PLAN.format(**where, title=title, step=step)
        library, problems = load([write({**FILES, "plan.yaml": text})])
        assert problems == []
        plan = library.plans["p"]
        return StepContext(
            plan=plan,
            step=next(plan.steps()),
            community=wealth,
            occurrence="p/s/2026-11-23/wealth-01",
            day=date(2026, 11, 23),
            due_at=DUE,
            now=DUE,
            seed=bytes(32),
            facts=cast(Facts, facts),
            library=library,
            cohort=None if cohort is None else tuple(facts.member(one) for one in cohort),
            **more,
        )

    return make


@pytest.fixture
def refused(write: Callable[[Mapping[str, str]], Path]) -> Callable[[str], str]:
    """What an author reads about a step with a mistake in it."""

    def read(step: str) -> str:
        text = PLAN.format(group="week", day="monday", title="关怀", step=step)
        return render(load([write({**FILES, "plan.yaml": text})])[1])

    return read


@pytest.fixture
def circle() -> type[Circle]:
    return Circle
