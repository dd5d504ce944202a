"""Every kind of problem is found and ends with exit code 1; rules that took effect are told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.rehearsal.findings import findings
from bot.rehearsal.records import read
from bot.rehearsal.result import Finding
from bot.rehearsal.stage import Performance, Script, perform
from sop.community import DeliveryMode
from storage import games, inbox
from storage.money import BudgetLine

Rehearsed = Callable[..., Awaitable[Any]]
PLAN = """
plan: one
title: 一步
applies_to: {labels: [wealth]}
%s
week:
  monday:
    - id: step
      at: "%s"
      %s
"""
HELLO = 'content: {text: "早上好。"}'
START = datetime(2026, 11, 22, 16, tzinfo=UTC)


def codes(found: Any) -> list[tuple[str, str]]:
    return [(one.code, one.text) for one in found]


def _modes(script: Script, mode: DeliveryMode) -> dict[str, Any]:
    changed = tuple(
        replace(one, mode=mode, heard_as="" if mode is DeliveryMode.ASSIST else one.heard_as)
        for one in script.settings.communities
    )
    return {"communities": changed}


async def test_step_that_cannot_run_is_a_problem(make: Any, rehearsed: Rehearsed) -> None:
    plan = PLAN % ("", "19:30", "game: {name: dice}")
    changed = _modes(make(plan), DeliveryMode.ASSIST)
    result = await rehearsed(plan, settings=changed)
    assert codes(result.problems) == [
        (
            "could-not-run",
            "one/step：“掷骰子”没有开局：“财富体验群”里机器人听不到成员说话，主持不了游戏；"
            "请按主持稿由您来带这一局。",
        )
    ]


async def test_message_that_wecom_would_refuse_is_a_problem(
    make: Any, rehearsed: Rehearsed
) -> None:
    plan = PLAN % ("", "09:30", HELLO)
    changed = _modes(make(plan), DeliveryMode.AIBOT)
    result = await rehearsed(plan, settings=changed, members=0)
    assert codes(result.problems) == [
        (
            "refused",
            "aibot_push：智能机器人只有在长连接方式下才能主动发消息：把 aibot 改为长连接",
        )
    ]


@pytest.mark.parametrize(
    ("named", "problems", "rules"),
    [
        (["idle"], [("no-occurrence", "idle（闲着）：这几天里没有它的步骤")], []),
        ([], [], [("idle-plan", "idle（闲着）：这几天里没有它的步骤")]),
    ],
)
async def test_plan_without_an_occurrence_is_a_problem_where_it_was_named(
    rehearsed: Rehearsed, shelf: Path, named: list[str], problems: Any, rules: Any
) -> None:
    idle = "plan: idle\ntitle: 闲着\napplies_to: {labels: [wealth]}\nweek:\n  sunday:\n"
    idle += '    - {id: s, at: "10:00", content: {text: 周日好。}}\n'
    (shelf / "idle.yaml").write_text(idle, encoding="utf-8")
    result = await rehearsed(PLAN % ("", "09:30", HELLO), members=0, named=named)
    assert (codes(result.problems), codes(result.rules)) == (problems, rules)


async def test_week_in_which_nothing_happens_is_a_problem(rehearsed: Rehearsed) -> None:
    plan = PLAN % ("", "09:30", HELLO)
    result = await rehearsed(plan, start=date(2026, 11, 24), members=0)
    assert [one.code for one in result.problems] == ["no-occurrence"]


async def performed(script: Script, folder: Path, prepare: Any) -> list[tuple[str, str]]:
    performance = await perform(script, folder, prepare=prepare)
    try:
        return codes((await looked_at(script, performance)).problems)
    finally:
        await performance.database.close()


async def looked_at(script: Script, performance: Performance, **changed: Any) -> Any:
    span = script.span
    records = await performance.database.read(partial(read, span.start, span.end))
    return findings(script, [], performance, replace(records, **changed), [])


async def test_game_that_never_ends_is_a_problem(make: Any, tmp_path: Path) -> None:
    def stuck(tx: Any) -> None:
        games.begin(
            tx,
            community="wealth-02",
            game="dice",
            options={"duration": "PT5M", "rolls": 1},
            rewards=None,
            state={},
            seed="00",
            next_at=None,
            occurrence=None,
            started_by=None,
            now=START,
        )

    script = make(PLAN % ("", "09:30", HELLO), members=0)
    assert await performed(script, tmp_path, stuck) == [
        ("endless-game", "“dice”这一局到彩排结束也没有结束")
    ]


async def test_error_in_the_log_is_a_problem(make: Any, tmp_path: Path) -> None:
    def broken(tx: Any) -> None:
        inbox.add(tx, [inbox.NewEvent("k", "o", "Nonsense", {}, START)])

    script = make(PLAN % ("", "09:30", HELLO), members=0)
    assert await performed(script, tmp_path, broken) == [
        ("error", "event failed（KeyError：'Nonsense'）")
    ]


async def test_budget_that_is_exceeded_is_a_problem(make: Any, tmp_path: Path) -> None:
    script = make(PLAN % ("", "09:30", HELLO), members=0)
    performance = await perform(script, tmp_path)
    over = [BudgetLine("pool/x", 100, 250, 0, 100)]
    found = await looked_at(script, performance, budgets=over)
    await performance.database.close()
    assert codes(found.problems) == [("over-budget", "pool/x：已发出 1.50 元，预算只有 1.00 元")]


@pytest.mark.parametrize(
    ("more", "at", "what", "days", "start", "expected"),
    [
        (
            'quiet_hours: "21:30-08:30"',
            "07:00",
            f"window: 3h\n      {HELLO}",
            1,
            date(2026, 11, 23),
            [("quiet-hours", "免打扰时段（21:30-08:30），顺延到 11-23 08:30")],
        ),
        (
            'quiet_hours: "21:30-08:30"',
            "07:00",
            HELLO,
            1,
            date(2026, 11, 23),
            [("expired", "到 11-23 07:30 仍未发出，已过有效时间，不再发送")],
        ),
        (
            "daily_cap: 1",
            "09:30",
            f'{HELLO}\n    - id: more\n      at: "10:00"\n      {HELLO}',
            1,
            date(2026, 11, 23),
            [("daily-cap", "one/more：已到每日上限 1 条")],
        ),
        (
            "on_holiday: shift",
            "09:30",
            HELLO,
            7,
            date(2026, 10, 5),
            [
                (
                    "holiday",
                    "one/step：10 月 5 日（周一）放假，顺延到 10 月 8 日（周四）",
                ),
                ("holiday", "one/step：因前面放假，改在 10 月 8 日（周四）执行"),
            ],
        ),
    ],
    ids=["quiet", "expired", "cap", "holiday"],
)
async def test_rule_that_took_effect_is_told(
    rehearsed: Rehearsed, more: str, at: str, what: str, days: int, start: date, expected: Any
) -> None:
    result = await rehearsed(PLAN % (more, at, what), days=days, start=start, members=0)
    assert (codes(result.rules), list(result.problems)) == (expected, [])


async def test_empty_deck_is_told(rehearsed: Rehearsed) -> None:
    result = await rehearsed(members=100, communities=["wealth-01"])
    deck = [one for one in result.rules if one.code == "deck-empty"]
    assert [(one.community, one.text) for one in deck] == [("wealth-01", "晚间抽奖：10 张全部抽完")]
    assert len(result.draws) == 10


@pytest.mark.parametrize(
    ("host", "unconfirmed", "read_by_group"), [("punctual", 0, 1), ("absent", 1, 0)]
)
async def test_script_that_an_rm_does_not_forward_is_told(
    make: Any, rehearsed: Rehearsed, host: str, unconfirmed: int, read_by_group: int
) -> None:
    plan = PLAN % ("", "09:30", HELLO)
    changed = _modes(make(plan, communities=["wealth-01"]), DeliveryMode.ASSIST)
    result = await rehearsed(plan, settings=changed, members=0, host=host)
    told = [one for one in result.rules if one.code == "unconfirmed"]
    group = [one for one in result.messages if one.to == "group"]
    assert (len(told), len(group), list(result.problems)) == (unconfirmed, read_by_group, [])
    assert timedelta(minutes=12) >= sum(
        (one.at - result.messages[0].at for one in group), timedelta()
    )


def test_finding_without_an_instant_is_allowed() -> None:
    assert Finding(None, "error", "", "坏了").at is None
