"""Rules that took effect, and problems: what an operator should look at after a rehearsal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rehearsal.holidays import decisions
from bot.rehearsal.records import Records
from bot.rehearsal.result import Finding, Shown
from bot.rehearsal.stage import Performance, Script
from sop.community import DeliveryMode
from sop.games import is_quiet
from sop.money import yuan
from sop.occurrence import Phase

TITLES = {
    "daily-cap": "每日上限",
    "paused": "社群已暂停",
    "declined": "客户经理跳过",
    "asked": "询问客户经理",
    "unstamped": "没有审核章",
    "nobody": "没有符合条件的成员",
    "quiet-hours": "免打扰顺延",
    "rate-limit": "频率上限排队",
    "expired": "过期未发",
    "waiting": "还没发出",
    "unconfirmed": "没有确认已发",
    "pool-empty": "奖池不足",
    "deck-empty": "奖品发完",
    "holiday": "节假日",
    "idle-plan": "本期没有步骤",
    "could-not-run": "步骤没能执行",
    "late": "错过执行窗口",
    "failed": "步骤失败",
    "not-run": "到点没有执行",
    "refused": "消息发不出去",
    "over-budget": "超出预算",
    "books": "账目不符",
    "endless-game": "游戏没有结束",
    "error": "程序出错",
    "no-occurrence": "计划没有一次执行",
}
"""What each code is called."""

_SKIPPED = (
    ("已到每日上限", "daily-cap"),
    ("社群已暂停", "paused"),
    ("还没有审核章", "unstamped"),
    ("现在没有符合条件的成员", "nobody"),
)
_POOL_EMPTY = ("改为无奖游戏", "奖励未发放")
_DECK_EMPTY = "奖品全部送出"
_NOTICED = timedelta(seconds=30)
"""A delay below this nobody notices."""
_LONGEST_GAME = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Findings:
    """Both kinds, each in order of time."""

    rules: list[Finding]
    problems: list[Finding]


def findings(
    script: Script,
    named: Sequence[str],
    performance: Performance,
    records: Records,
    messages: Sequence[Shown],
) -> Findings:
    """Looks everywhere. `named` are the plans that were asked for by name."""
    rules: list[Finding] = [
        *_letters_ruled(records, script.span.end, script.settings.zone),
        *_unconfirmed(script, records, messages),
        *_money(records, messages),
        *decisions(script),
    ]
    problems: list[Finding] = [
        *_refused(performance, records),
        *_over_budget(records),
        *(Finding(None, "books", "", one) for one in records.wrong),
        *_endless(records, performance.ended_at),
        *(Finding(None, "error", "", one) for one in dict.fromkeys(performance.errors)),
    ]
    for finding, is_problem in _occurrences(records, script.span.end):
        (problems if is_problem else rules).append(finding)
    for finding, is_problem in _idle(script, named, records):
        (problems if is_problem else rules).append(finding)
    return Findings(_in_order(rules), _in_order(problems))


def _in_order(found: Iterable[Finding]) -> list[Finding]:
    return sorted(
        found,
        key=lambda one: (one.at is None, str(one.at or ""), one.code, one.community, one.text),
    )


def _occurrences(records: Records, end: datetime) -> Iterator[tuple[Finding, bool]]:
    """(finding, whether it is a problem) of every step that did not simply run."""
    for one in records.occurrences:
        if one.phase != Phase.RUN or one.status == "done":
            continue
        code, is_problem = _verdict(one.status, one.reason, one.changed_by, one.due_at, end)
        if code:
            text = f"{one.plan}/{one.step}：{one.reason or TITLES[code]}"
            yield Finding(one.due_at, code, one.community, text), is_problem


def _verdict(
    status: str, reason: str, by: str | None, due_at: datetime, end: datetime
) -> tuple[str, bool]:
    if status == "planned":
        return ("not-run", True) if due_at < end else ("", False)
    if status == "asked":
        return "asked", False
    if status == "failed":
        return "failed", True
    if by is not None:
        return "declined", False
    for beginning, code in _SKIPPED:
        if reason.startswith(beginning):
            return code, False
    return ("late" if reason.startswith("错过执行窗口") else "could-not-run"), True


def _letters_ruled(records: Records, end: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    """Messages that came later than they were meant to, or not at all. What is owed only when the
    rehearsal ends, at midnight, belongs to the day that is not rehearsed."""
    for one in records.letters:
        if one.created_at >= end:
            continue
        community = one.target.get("community", "")
        if one.status == "expired":
            yield Finding(one.created_at, "expired", community, one.reason)
        elif one.status in ("pending", "sending"):
            text = f"彩排结束时还在排队：{one.reason or '等到约定的时间再发'}"
            yield Finding(one.created_at, "waiting", community, text)
        elif one.status == "sent" and one.finished_at and not one.order_key.endswith("/later"):
            late = one.finished_at - one.created_at
            if late < _NOTICED:
                continue
            at = one.finished_at.astimezone(zone)
            if one.quiet_hours is not None:
                text = f"免打扰时段（{one.quiet_hours}），顺延到 {at:%m-%d %H:%M}"
                yield Finding(one.created_at, "quiet-hours", community, text)
            else:
                seconds = round(late.total_seconds())
                text = f"排队 {seconds} 秒后发出"
                yield Finding(one.created_at, "rate-limit", community, text)


def _unconfirmed(script: Script, records: Records, messages: Sequence[Shown]) -> Iterator[Finding]:
    """Scripts that an RM was handed and never reported as sent."""
    assisted = {one.id for one in script.settings.communities if one.mode is DeliveryMode.ASSIST}
    asked = {(one.plan, one.step, one.community) for one in messages if one.buttons}
    for one in records.occurrences:
        handed = one.community in assisted and one.phase == Phase.RUN and one.status == "done"
        if handed and one.confirmed_at is None and (one.plan, one.step, one.community) in asked:
            text = f"{one.plan}/{one.step}：话术交给了客户经理，彩排结束时还没有确认已发"
            yield Finding(one.ran_at, "unconfirmed", one.community, text)


def _money(records: Records, messages: Sequence[Shown]) -> Iterator[Finding]:
    """Rewards that became none, and decks that were emptied."""
    for one in messages:
        if one.to == "rm" and any(words in one.text for words in _POOL_EMPTY):
            yield Finding(one.at, "pool-empty", one.community, one.text.replace("\n", ""))
    for deck in records.decks:
        if deck.close_reason == _DECK_EMPTY:
            text = f"{records.published[deck.id].title}：{deck.size} 张全部抽完"
            yield Finding(deck.closed_at, "deck-empty", deck.community or "", text)


def _refused(performance: Performance, records: Records) -> Iterator[Finding]:
    refusals = [
        Finding(one.at, "refused", "", f"{one.channel}：{one.reason}")
        for one in performance.world.troubles
    ]
    yield from refusals
    told = {one.reason for one in performance.world.troubles}
    for one in records.letters:
        if one.status in ("dead", "unknown") and one.reason not in told:
            community = one.target.get("community", "")
            yield Finding(one.created_at, "refused", community, f"{one.channel}：{one.reason}")


def _over_budget(records: Records) -> Iterator[Finding]:
    for one in records.budgets:
        spent = one.committed_fen - one.returned_fen
        if spent > one.budget_fen:
            text = f"{one.source}：已发出 {yuan(spent)} 元，预算只有 {yuan(one.budget_fen)} 元"
            yield Finding(None, "over-budget", "", text)


def _endless(records: Records, end: datetime) -> Iterator[Finding]:
    """Rounds that nothing will end: their time has passed, or they name none."""
    for one in records.sessions:
        too_long = not is_quiet(one.game) and end - one.started_at > _LONGEST_GAME
        stuck = one.next_at is None or one.next_at <= end or too_long
        if one.status == "running" and stuck:
            text = f"“{one.game}”这一局到彩排结束也没有结束"
            yield Finding(one.started_at, "endless-game", one.community, text)


def _idle(script: Script, named: Sequence[str], records: Records) -> Iterator[tuple[Finding, bool]]:
    """Plans of which nothing came. Asked for by name, or all of them: a problem."""
    ran = {one.plan for one in records.occurrences}
    idle = [plan for name, plan in script.library.plans.items() if name not in ran]
    nothing = len(idle) == len(script.library.plans)
    for plan in idle:
        reached = any(plan.includes(one) for one in script.settings.communities)
        why = "这几天里没有它的步骤" if reached else "没有一个社群适用"
        is_problem = nothing or plan.plan in named
        code = "no-occurrence" if is_problem else "idle-plan"
        yield Finding(None, code, "", f"{plan.plan}（{plan.title}）：{why}"), is_problem
    if not script.library.plans:
        yield Finding(None, "no-occurrence", "", "计划库里没有一份可用的计划"), True
