"""Money by source, in four columns: budget, committed, settled, returned."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.division import ratio
from sop.summary.figures import CampaignFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

_COLUMNS = (
    Column("source", "活动或奖池"),
    Column("winners", "本周获奖人数", Unit.PERSONS, "本周从中获奖的成员，去重"),
    Column("budget", "投放", Unit.FEN, "本周能用的预算"),
    Column("committed", "已发出", Unit.FEN, "截至周末赢得的，不含已退回的"),
    Column("settled", "已领取", Unit.FEN, "截至周末已到账的"),
    Column("returned", "已退回", Unit.FEN, "截至周末没有领取、回到预算里的"),
    Column("left", "剩余", Unit.FEN, "投放 − 已发出"),
    Column("committed_rate", "已发出占投放", Unit.RATIO, "已发出 ÷ 投放"),
    Column("settled_rate", "已领取占投放", Unit.RATIO, "已领取 ÷ 投放"),
)
_NOTE = "累计到周末；共用的活动和奖池按整个计，不分社群。"


def tables(period: Period) -> Iterator[Table]:
    """A row for each campaign and pool."""
    if period.now.campaigns:
        rows = tuple(_row(one) for one in period.now.campaigns)
        yield Table("campaigns", "奖金", _COLUMNS, rows, _NOTE)


def _row(one: CampaignFigures) -> Row:
    return Row(
        (
            one.title,
            one.winners,
            one.budget_fen,
            one.committed_fen,
            one.settled_fen,
            one.returned_fen,
            one.budget_fen - one.committed_fen,
            ratio(one.committed_fen, one.budget_fen),
            ratio(one.settled_fen, one.budget_fen),
        )
    )


def charts(period: Period) -> Iterator[Chart]:
    """Where each budget is: paid, won and still to be paid, or left."""
    sources = period.now.campaigns
    if not sources:
        return
    yield Chart(
        "budgets",
        "预算在哪里（元）",
        Shape.STACK,
        tuple(one.title for one in sources),
        (
            Series("已领取", Unit.FEN, tuple(one.settled_fen for one in sources)),
            Series(
                "待领取", Unit.FEN, tuple(one.committed_fen - one.settled_fen for one in sources)
            ),
            Series("剩余", Unit.FEN, tuple(one.budget_fen - one.committed_fen for one in sources)),
        ),
        "三段加起来是投放；待领取 = 已发出 − 已领取。",
        "活动或奖池",
    )


PART = Part("money", "奖金", 40, tables, charts)
