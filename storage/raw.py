"""The rows behind one week's summary, for an analyst: without names, texts, reasons, or anything
that a payment could be found by. Members are under the ids that they have here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, Table, and_, or_, select

from storage.figures.scope import DAYS, Scope
from storage.tables.money import Award, Payout
from storage.tables.people import Activity, Community, Daily, FollowUp, Membership
from storage.tables.play import Card, Deck, Draw, GameSession, Player
from storage.tables.work import Occurrence
from storage.types import Row, table

Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RawTable:
    """One kind of rows of the week."""

    title: str
    """What it is, in Chinese."""
    query: Callable[[Scope], Select[Any]]

    def columns(self, week: Scope) -> dict[str, Any]:
        """The type of each column, by its name."""
        return {column.name: column.type for column in self.query(week).selected_columns}

    def rows(self, week: Scope) -> Rows:
        """One at a time."""
        for row in week.tx.execute(self.query(week)):
            yield tuple(row)


def _these(model: type[Row], names: str) -> list[Any]:
    found: Table = table(model)
    return [found.c[name] for name in names.split()]


def _communities(week: Scope) -> Select[Any]:
    columns = _these(Community, "id name owner mode zone")
    return select(*columns).where(table(Community).c.id.in_(week.communities)).order_by(columns[0])


def _activity(week: Scope) -> Select[Any]:
    return _of_days(week, Activity, "community member kind at day")


def _daily(week: Scope) -> Select[Any]:
    return _of_days(week, Daily, "community day member kind n last_at")


def _of_days(week: Scope, model: type[Row], names: str) -> Select[Any]:
    day = table(model).c.day
    within = and_(day >= week.day(0), day < week.day(DAYS))
    return select(*_these(model, names)).where(week.members(model), within)


def _memberships(week: Scope) -> Select[Any]:
    stay = table(Membership).c
    gone = or_(stay.left_at.is_(None), stay.left_at >= week.start)
    columns = _these(Membership, "community member joined_at left_at via")
    return select(*columns).where(week.members(Membership), stay.joined_at < week.end, gone)


def _occurrences(week: Scope) -> Select[Any]:
    day = table(Occurrence).c.day
    names = (
        "plan step day community phase planned_for due_at window_ends_at status ran_at confirmed_at"
    )
    within = and_(day >= week.day(0), day < week.day(DAYS))
    return select(*_these(Occurrence, names)).where(week.here(Occurrence), within)


def _rounds(week: Scope) -> Select[Any]:
    columns = _these(GameSession, "id community game occurrence started_at finished_at")
    return select(*columns).where(week.here(GameSession), week.during(GameSession, "started_at"))


def _players(week: Scope) -> Select[Any]:
    columns = _these(Player, "session community member at")
    return select(*columns).where(week.members(Player), week.during(Player, "at"))


def _draws(week: Scope) -> Select[Any]:
    draw, deck, card = table(Draw), table(Deck), table(Card)
    mine = _these(Draw, "deck position community member drawn_at number")
    return (
        select(*mine, deck.c.campaign, card.c.prize, card.c.kind, card.c.amount_fen)
        .join_from(draw, deck, deck.c.id == draw.c.deck)
        .join(card, and_(card.c.deck == draw.c.deck, card.c.position == draw.c.position))
        .where(week.members(Draw), week.during(Draw, "drawn_at"))
    )


def _payouts(week: Scope) -> Select[Any]:
    """What was won, or came to its end, in the week."""
    award, payout = table(Award), table(Payout)
    mine = _these(Award, "source community member prize kind amount_fen won_at payable_on")
    return (
        select(*mine, payout.c.status, payout.c.finished_at)
        .join_from(award, payout, payout.c.order_no == award.c.order_no)
        .where(
            week.members(Award),
            or_(week.during(Award, "won_at"), week.during(Payout, "finished_at")),
        )
    )


def _follow_ups(week: Scope) -> Select[Any]:
    names = "id community member staff source priority created_at planned_for status done_at"
    return select(*_these(FollowUp, names)).where(
        week.members(FollowUp), week.during(FollowUp, "planned_for")
    )


TABLES: Mapping[str, RawTable] = MappingProxyType(
    {
        "communities": RawTable("社群", _communities),
        "memberships": RawTable("本周在群的每一段：入群、离群、来路", _memberships),
        "activity": RawTable("逐条计数行为，只保留 90 天", _activity),
        "daily": RawTable("每个成员每天各类行为的次数", _daily),
        "occurrences": RawTable("计划里的每一步：应执行、实际执行、确认", _occurrences),
        "rounds": RawTable("本周开始的游戏局", _rounds),
        "players": RawTable("谁玩了哪一局", _players),
        "draws": RawTable("抽到的卡", _draws),
        "payouts": RawTable("本周中奖或到账、退回的奖金，金额以分计", _payouts),
        "follow_ups": RawTable("本周到期的跟进", _follow_ups),
    }
)
