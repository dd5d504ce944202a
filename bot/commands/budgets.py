"""预算: what campaigns and pools cost so far."""

from collections.abc import Sequence
from datetime import datetime

from bot import approval
from bot.command import Command, Request, Scope, Topic, Usage
from sop.community import Role
from sop.effects import Effect, Reply
from sop.money import yuan
from storage import coupons, decks, money, reconciliations
from storage.deck_values import DeckRow
from storage.money import BudgetLine

_WHO = frozenset({Role.OPERATOR, Role.MANAGER, Role.ADMIN})
_MOST_LINES = 12


def _budgets(request: Request) -> list[Effect]:
    lines = money.budget_lines(request.tx)
    running = {one.campaign: one for one in reversed(decks.unfinished(request.tx))}
    if request.args:
        source = _source(request, " ".join(request.args), [one.source for one in lines])
        (line,) = [one for one in lines if one.source == source]
        return [Reply("\n".join(_in_full(request, line, running.get(source))))]
    if not lines:
        return [Reply("还没有用过预算：抽奖活动开启、游戏发奖之后这里才有数字。")]
    told = ["**预算**（元）"]
    current = [one for one in lines if one.source in running or _out(one) > one.settled_fen]
    for one in (current or lines)[:_MOST_LINES]:
        told.append(f"· {_title(request, one.source)}：{_figures(one)}")
    if len(lines) > len(told) - 1:
        told.append(f"（共 {len(lines)} 项，看一项请发：预算 活动名）")
    told.append(_reconciled(request))
    return [Reply("\n".join(told))]


def _in_full(request: Request, line: BudgetLine, deck: DeckRow | None) -> list[str]:
    told = [f"**{_title(request, line.source)}**（{line.source}）", _figures(line)]
    told.append(f"还能发 {yuan(line.budget_fen - _out(line))} 元")
    if deck is not None:
        told.append(_running(request, deck))
    for stock in coupons.stocks(request.tx, line.source):
        told.append(f"券码“{stock.prize}”：还剩 {stock.left}/{stock.total} 张")
    told.append(_reconciled(request))
    return told


def _out(line: BudgetLine) -> int:
    """已发出: won and not returned, so never more than the budget, however often something comes
    back and is given out again."""
    return line.committed_fen - line.returned_fen


def _figures(line: BudgetLine) -> str:
    return (
        f"投放 {yuan(line.budget_fen)}，已发出 {yuan(_out(line))}，"
        f"已领取 {yuan(line.settled_fen)}，已退回 {yuan(line.returned_fen)}"
    )


def _running(request: Request, deck: DeckRow) -> str:
    rest = [one.amount_fen for one in decks.cards(request.tx, deck.id)[deck.taken :]]
    told = f"正在进行：已抽 {deck.taken}/{deck.size}，剩下的最多再花 {yuan(sum(rest))} 元"
    if deck.closes_at is None:
        return told
    return f"{told}，{_time_left(deck.closes_at, request.now)}结束"


def _time_left(until: datetime, now: datetime) -> str:
    left = until - now
    if left.days >= 1:
        return f"{left.days} 天后"
    hours = int(left.total_seconds()) // 3600
    return f"{hours} 小时后" if hours >= 1 else "1 小时内"


def _reconciled(request: Request) -> str:
    last = reconciliations.latest(request.tx)
    if last is None:
        return "> 还没有和发奖渠道对过账"
    when = f"{last.day.month} 月 {last.day.day} 日"
    if not last.differences:
        return f"> {when}对账一致：{last.theirs} 笔 {yuan(last.theirs_fen)} 元"
    return f"> ⚠️ {when}对账有 {len(last.differences)} 处差异，请看：qunyun payouts reconcile"


def _source(request: Request, typed: str, known: Sequence[str]) -> str:
    """The source that is meant. Raises Usage."""
    found = approval.sources(typed, known, request.library)
    if len(found) == 1:
        return found[0]
    if found:
        raise Usage(f"有几个都叫“{typed}”，请写编号：{'、'.join(found)}。")
    names = "、".join(known[:_MOST_LINES]) or "还没有"
    raise Usage(f"没有“{typed}”这个活动或奖池。现在有：{names}。")


def _title(request: Request, source: str) -> str:
    return approval.title(source, request.library)


COMMANDS = [
    Command(
        name="预算",
        aliases=("budget",),
        roles=_WHO,
        scope=Scope.NONE,
        usage="预算〔活动或奖池〕",
        example="预算 join-hook",
        summary="投放、已发出、已领取、已退回",
        handle=_budgets,
        private=True,
        topic=Topic.DRAWS,
    ),
]
