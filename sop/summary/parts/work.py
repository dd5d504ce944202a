"""The week's SOP: what was due, done, and in time; by step, plan and relationship manager."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import PlanFigures, RmWork
from sop.summary.division import ratio
from sop.summary.figures import RmFigures, StepFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Cell, Column, Row, Table
from sop.summary.weeks import WEEKDAYS

_DONE = (
    Column("executed", "已执行", Unit.TIMES, "发出或做完的次数"),
    Column("due", "应执行", Unit.TIMES, "到期的次数；注明原因取消的不算"),
    Column("completion", "完成率", Unit.RATIO, "已执行 ÷ 应执行"),
    Column("on_time", "准时", Unit.TIMES, "在执行窗口内执行的"),
    Column("on_time_rate", "准时率", Unit.RATIO, "准时 ÷ 已执行"),
)
_CANCELLED = Column("cancelled", "取消", Unit.TIMES, "注明原因跳过的")
_CONFIRMED = (
    Column("confirmed", "已确认", Unit.TIMES, "客户经理确认已发的"),
    Column("reminded", "已提醒", Unit.TIMES, "交给客户经理发送的"),
    Column("confirmation", "确认率", Unit.RATIO, "已确认 ÷ 已提醒"),
)
_STEPS = (
    Column("day", "日期"),
    Column("weekday", "星期"),
    Column("step", "步骤"),
    *_DONE,
    _CANCELLED,
    *_CONFIRMED,
)
_PLANS = (Column("plan", "计划"), *_DONE, _CANCELLED, *_CONFIRMED)
_RMS = (
    Column("rm", "客户经理"),
    Column("communities", "社群", Unit.TIMES, "名下的社群数"),
    *_DONE,
    *_CONFIRMED,
)
_TASKS = (
    Column("rm", "客户经理"),
    Column("due", "应发", Unit.TIMES, "协助模式社群里到期的；注明原因跳过的不算"),
    *_CONFIRMED,
    Column("on_time", "按时发出", Unit.TIMES, "在执行窗口内发出的"),
    Column("late", "晚发", Unit.TIMES, "发出了，但晚于执行窗口"),
    Column("sent", "已发出", Unit.TIMES, "按时发出 + 晚发"),
    Column("on_time_rate", "按时率", Unit.RATIO, "按时发出 ÷ 已发出"),
    Column("capped", "到上限", Unit.TIMES, "企业微信的群发次数用完，没有发出"),
    Column("expired", "过期", Unit.TIMES, "一直没有确认，已撤回"),
    Column("skipped", "跳过", Unit.TIMES, "注明原因不发的"),
)
_PIECES = (
    Column("rm", "客户经理"),
    Column("pieces", "交给", Unit.TIMES, "游戏进行中交给客户经理转发的段数"),
    Column("sent", "已发", Unit.TIMES, "客户经理点了“已发”的"),
    Column("sent_rate", "发出率", Unit.RATIO, "已发 ÷ 交给"),
    Column("on_time", "按时发出", Unit.TIMES, "在下一段到来之前确认的"),
    Column("skipped", "跳过", Unit.TIMES, "客户经理点了“跳过”的"),
    Column("unknown", "没有回音", Unit.TIMES, "既没点“已发”也没点“跳过”的"),
)


def tables(period: Period) -> Iterator[Table]:
    """Steps in the order of the week, then plans, RMs, and what RMs were handed."""
    now, details = period.now, period.details
    if now.steps:
        yield Table("sop_steps", "每一步", _STEPS, tuple(_step(one) for one in now.steps))
    if details.plans:
        yield Table("sop_plans", "每个计划", _PLANS, tuple(_plan(one) for one in details.plans))
    rms = tuple(_rm(one) for one in now.rms if one.due or one.communities)
    if rms and now.steps:
        yield Table("sop_rms", "每位客户经理的社群", _RMS, rms)
    tasks = tuple(_task(one) for one in details.rms if one.due or one.skipped)
    if tasks:
        yield Table("rm_tasks", "交给客户经理发送的", _TASKS, tasks)
    pieces = tuple(_piece(one) for one in details.rms if one.pieces)
    if pieces:
        yield Table("rm_pieces", "游戏里请客户经理转发的", _PIECES, pieces)


def charts(period: Period) -> Iterator[Chart]:
    """What was due for each RM's communities: in time, late, or not done."""
    rms = [one for one in period.now.rms if one.due]
    if not rms:
        return
    yield Chart(
        "due_by_rm",
        "应执行的做得怎样（次）",
        Shape.STACK,
        tuple(one.name for one in rms),
        (
            Series("准时", Unit.TIMES, tuple(one.on_time for one in rms)),
            Series("晚了", Unit.TIMES, tuple(one.executed - one.on_time for one in rms)),
            Series("未执行", Unit.TIMES, tuple(one.due - one.executed for one in rms)),
        ),
        "三段加起来是应执行。",
        "客户经理",
    )


def _done(one: StepFigures | PlanFigures | RmFigures) -> tuple[Cell, ...]:
    return (
        one.executed,
        one.due,
        ratio(one.executed, one.due),
        one.on_time,
        ratio(one.on_time, one.executed),
    )


def _confirmed(one: StepFigures | PlanFigures | RmFigures | RmWork) -> tuple[Cell, ...]:
    return one.confirmed, one.reminded, ratio(one.confirmed, one.reminded)


def _step(one: StepFigures) -> Row:
    day = (one.day, WEEKDAYS[one.day.weekday()], one.title)
    opens = f"step:{one.plan}/{one.step}"
    return Row((*day, *_done(one), one.cancelled, *_confirmed(one)), opens)


def _plan(one: PlanFigures) -> Row:
    return Row((one.title, *_done(one), one.cancelled, *_confirmed(one)))


def _rm(one: RmFigures) -> Row:
    return Row((one.name, one.communities, *_done(one), *_confirmed(one)), f"rm:{one.staff}")


def _task(one: RmWork) -> Row:
    sent = (one.on_time, one.late, one.sent, ratio(one.on_time, one.sent))
    cells = (one.name, one.due, *_confirmed(one), *sent, one.capped, one.expired, one.skipped)
    return Row(cells, f"rm:{one.staff}")


def _piece(one: RmWork) -> Row:
    unknown = one.pieces - one.pieces_sent - one.pieces_skipped
    rate = ratio(one.pieces_sent, one.pieces)
    counts = (one.pieces, one.pieces_sent, rate, one.pieces_on_time, one.pieces_skipped, unknown)
    return Row((one.name, *counts), f"rm:{one.staff}")


PART = Part("work", "SOP 执行", 50, tables, charts)
