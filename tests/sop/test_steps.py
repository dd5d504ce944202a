"""What each step kind does when its occurrence is due."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from sop.community import Community, Role, Staff
from sop.effects import Effect, Post, Tell
from sop.library import Library
from sop.plan import Plan
from sop.ports import Facts
from sop.prepared import RISK_NOTICE
from sop.step import StepContext
from sop.steps.report import Report

Read = Callable[[str], Plan]
DUE = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class People:
    """The part of Facts that these kinds ask."""

    def __init__(self, known: bool = True) -> None:
        self._known = known

    def staff(self, userid: str) -> Staff | None:
        return Staff(userid, "李静", frozenset({Role.RM}), frozenset()) if self._known else None

    def managers(self) -> list[Staff]:
        return [Staff(one, one, frozenset({Role.MANAGER}), frozenset()) for one in ("wang", "zhao")]


def context(
    plan: Plan, community: Community, *, now: datetime = DUE, known: bool = True
) -> StepContext:
    step = next(plan.steps())
    return StepContext(
        plan=plan,
        step=step,
        community=community,
        occurrence=f"{plan.plan}/{step.id}/2026-11-23/{community.id}",
        day=date(2026, 11, 23),
        due_at=DUE,
        now=now,
        seed=bytes(32),
        facts=cast(Facts, People(known)),
        library=Library(),
    )


def run(asked: StepContext) -> list[Effect]:
    return asked.step.spec.run(asked)


CONTENT = """
plan: p
title: 计划
applies_to: {labels: [wealth]}
quiet_hours: "21:30-8:30"
week:
  monday:
    - id: brief
      at: "09:30"
      window: 30m
      %s
      content:
        text: |
          {{ weekday }}好，{{ community.name }}！
          今天是{{ date }}，有事找{{ owner }}。
        risk_notice: %s
"""
TEXT = "周一好，财富体验群！\n今天是11月23日，有事找李静。"


def test_content_posts_until_its_window_ends(plan: Read, wealth: Community) -> None:
    assert run(context(plan(CONTENT % ("", "false")), wealth)) == [
        Post(
            "wealth-01",
            TEXT,
            quiet_hours="21:30-08:30",
            expires_at=DUE + timedelta(minutes=30),
        )
    ]


def test_content_appends_the_risk_notice(plan: Read, wealth: Community) -> None:
    asked = context(plan(CONTENT % ("", "true")), wealth)
    (post,) = run(asked)
    assert isinstance(post, Post)
    assert post.text == f"{TEXT}\n\n{RISK_NOTICE}"
    assert asked.step.spec.script(asked) == post.text


def test_content_without_a_known_owner_names_the_userid(plan: Read, wealth: Community) -> None:
    (post,) = run(context(plan(CONTENT % ("", "false")), wealth, known=False))
    assert isinstance(post, Post)
    assert post.text.endswith("有事找lijing。")


@pytest.mark.parametrize(
    ("catch_up", "late", "expires"),
    [
        ("catch_up: {within: 2h, then: skip}", timedelta(), timedelta(minutes=30)),
        ("catch_up: {within: 2h, then: run}", timedelta(), timedelta(hours=2)),
        ("catch_up: {within: 2h, then: ask}", timedelta(hours=1), timedelta(hours=2)),
        ("catch_up: {within: 10m, then: run}", timedelta(), timedelta(minutes=30)),
        ("", timedelta(hours=3), timedelta(hours=3, minutes=30)),
    ],
)
def test_content_expires(
    plan: Read, wealth: Community, catch_up: str, late: timedelta, expires: timedelta
) -> None:
    (post,) = run(context(plan(CONTENT % (catch_up, "false")), wealth, now=DUE + late))
    assert isinstance(post, Post)
    assert post.expires_at == DUE + expires


TELL = """
plan: p
title: 计划
applies_to: {labels: [wealth]}
week: {monday: [{id: call, at: "9:30", tell: {to: %s, text: "{{ weekday }}请回访新成员。"}}]}
"""


@pytest.mark.parametrize(("to", "who"), [("rm", ["lijing"]), ("manager", ["wang", "zhao"])])
def test_tell_reaches_whom_it_names(plan: Read, wealth: Community, to: str, who: list[str]) -> None:
    assert run(context(plan(TELL % to), wealth)) == [
        Tell(one, "🔔 财富体验群\n\n周一请回访新成员。") for one in who
    ]


@pytest.mark.parametrize(
    ("week", "day", "monday"),
    [
        ("last", date(2026, 11, 23), date(2026, 11, 16)),
        ("last", date(2026, 11, 29), date(2026, 11, 16)),
        ("this", date(2026, 11, 23), date(2026, 11, 23)),
        ("this", date(2026, 11, 29), date(2026, 11, 23)),
    ],
)
def test_report_week(week: str, day: date, monday: date) -> None:
    assert Report.model_validate({"week": week}).monday(day) == monday


def test_report_script_says_what_goes_to_whom(plan: Read, wealth: Community) -> None:
    text = """
        plan: p
        title: 计划
        applies_to: {labels: [wealth]}
        week: {monday: [{id: report, at: "9:30", report: {week: last}}]}
    """
    asked = context(plan(text), wealth)
    assert asked.step.spec.script(asked) == (
        "系统将把 11月16日—11月22日 的周报发给主管，无需操作。"
    )


def test_game_options_and_rewards_are_read_together(plan: Read) -> None:
    text = """
        plan: p
        title: 计划
        applies_to: {labels: [wealth]}
        week:
          tuesday:
            - {id: d, at: "19:30", game: {name: dice, duration: 5m}}
    """
    (step,) = plan(text).steps()
    assert step.spec.model_dump(mode="json") == {
        "name": "dice",
        "rewards": None,
        "options": {"duration": "5m", "rolls": 1},
    }
