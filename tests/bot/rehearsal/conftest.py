"""A small rehearsal of a plan written in the test."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.rehearsal.casting import cast, labelled, narrowed
from bot.rehearsal.host import HOSTS
from bot.rehearsal.rehearse import Wish, rehearse, span_of
from bot.rehearsal.result import Result
from bot.rehearsal.stage import Script

MONDAY = date(2026, 11, 23)
PLAN = """
plan: evening
title: 周一晚上
applies_to: {labels: [wealth]}
week:
  monday:
    - id: brief
      at: "09:30"
      remind: 15m
      content: {text: "{{ community.name }}，早上好。"}
    - id: dice
      at: "19:30"
      game: {name: dice, duration: 5m, rewards: {winners: 2, amount: 5.00-6.00, pool: evening}}
    - id: draw
      at: "20:00"
      draw: {campaign: evening-draw, open_for: 10m}
"""
POOL = """
pool: evening
title: 晚间奖池
budget: 100.00
"""
CAMPAIGN = """
campaign: evening-draw
title: 晚间抽奖
organiser: 示例银行
applies_to: {labels: [wealth]}
round: event
keyword: 抽奖
budget: 20.00
deck:
  - {prize: 5.00 元红包, amount: 5.00, count: 2}
  - {prize: 1.00 元红包, amount: 1.00, count: 8}
payable_after: 5
opening: 晚上好，抽一张。
rules:
  - 群成员均可参加，每人一次。
  - 奖励以企业微信红包发放，点开即存入微信零钱。
  - 发放后 24 小时内未领取的，视为放弃，金额退回活动预算。
  - 对结果有疑问，请私信群内客户经理。
"""

Make = Callable[..., Script]
Rehearsed = Callable[..., Awaitable[Result]]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A library of one plan, one pool, one campaign."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name, text in (("plan", PLAN), ("pool", POOL), ("campaign", CAMPAIGN)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def make(shelf: Path) -> Make:
    """Makes a script; `plan` replaces the plan's text, `settings` the fields of the settings."""

    def made(plan: str = PLAN, **wishes: Any) -> Script:
        (shelf / "plan.yaml").write_text(plan, encoding="utf-8")
        settings, library, workdays = cast(None, shelf)
        settings, library = narrowed(settings, library, [], wishes.get("communities", []))
        settings = replace(labelled(settings, library), **wishes.get("settings", {}))
        return Script(
            settings,
            library,
            workdays,
            span_of(wishes.get("start", MONDAY), wishes.get("days", 1), settings.zone),
            wishes.get("members", 12),
            wishes.get("seed", 7),
            HOSTS[wishes.get("host", "punctual")],
        )

    return made


@pytest.fixture
def rehearsed(make: Make) -> Rehearsed:
    """Runs a small rehearsal."""

    async def run(plan: str = PLAN, **wishes: Any) -> Result:
        script = make(plan, **wishes)
        wish = Wish(wishes.get("start", MONDAY), wishes.get("seeds", 5), wishes.get("named", []))
        return await rehearse(script, wish)

    return run
