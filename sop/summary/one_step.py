"""One step of a plan over some weeks, as a page of its own: what became of it in every community,
and who took part in what it opened. Made of the same tables and charts as the summary."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sop.summary.chart import Chart, Series, Shape
from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.summary import Section
from sop.summary.table import Cell, Column, Row, Table
from sop.summary.weeks import WEEKDAYS, week_label
from sop.summary.wording import NOTHING, written

TAKEN = {
    "written": ("写给", "这一步写给的成员"),
    "opened": ("点开", "点开过这一步给的个人链接的成员"),
    "answered": ("回复", "回复过的成员；结束 30 天后回复删除，就不再知道"),
    "played": ("玩过", "玩过这一局的成员"),
    "entered": ("报名", "报名等开奖的成员"),
    "drew": ("抽奖", "抽过奖的成员，等开奖的是中奖的成员"),
    "paid": ("到账", "奖励已经到账的成员，截至现在"),
}
"""How members take part: what it is called, and what is counted."""
LISTS = {
    "written": "写给的成员",
    "opened": "点开链接的成员",
    "answered": "回复的成员",
    "played": "玩过的成员",
    "entered": "报名的成员",
    "drew": "抽奖的成员",
    "paid": "奖励到账的成员",
}
NOT_BEFORE = "上周没有这一步"
_OF_ALL = ("played", "answered", "drew", "entered")
"""Compared with everybody who was there: the first of them that is known."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A step in some communities on some days; persons are distinct."""

    due: int = 0
    executed: int = 0
    on_time: int = 0
    cancelled: int = 0
    reminded: int = 0
    confirmed: int = 0
    sent: int = 0
    """By the bot, or, where an RM sends it, as WeCom or the RM says."""
    late: int = 0
    """Of the sent, after the window."""
    there: int = 0
    """Distinct members who were there on those days where the step ran, and who took part."""
    took: Mapping[str, int] = field(default_factory=dict)
    """By the keys of `TAKEN`; one is missing where nothing of the kind was opened, or nothing is
    known any more."""


@dataclass(frozen=True, slots=True)
class Part:
    """The step in a part of the scope: an RM's communities, a community, a day, a week."""

    name: str
    counts: Counts
    opens: str = ""
    """As `table.Row.opens`: the step there."""
    owner: str = ""
    """The RM of a community, as people know them."""
    day: date | None = None
    outcome: str = ""
    """What became of it, in words; of several runs the last one."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in one scope in the week that begins on `monday`, beside the weeks before it."""

    plan: str
    step: str
    title: str
    plan_title: str
    monday: date
    scope: str
    """What people call it."""
    weeks: tuple[tuple[date, Counts], ...]
    """Newest first, as far back as there was anything; the first is the week itself."""
    rms: tuple[Part, ...] = ()
    communities: tuple[Part, ...] = ()
    runs: tuple[Part, ...] = ()
    """Every time that it was due, where the scope is one community."""

    @property
    def handed(self) -> bool:
        """Whether RMs were to send it anywhere."""
        return any(counts.reminded for _, counts in self.weeks)

    @property
    def now(self) -> Counts:
        """The week itself."""
        return self.weeks[0][1]

    @property
    def taken(self) -> Sequence[str]:
        """The ways of taking part that there were, in the order in which one leads to another."""
        return [one for one in TAKEN if any(one in counts.took for _, counts in self.weeks)]

    @property
    def compared(self) -> str | None:
        """What is divided by everybody who was there."""
        return next((one for one in _OF_ALL if one in self.taken), None)


@dataclass(frozen=True, slots=True)
class Number:
    """One of the numbers at the head of the page."""

    name: str
    value: str
    lines: tuple[str, ...]
    opens: str = ""
    """`members:played`: who is behind it."""


def numbers(view: StepView) -> list[Number]:
    """Done and in time; what RMs were asked to send; who took part."""
    now = view.now
    before = view.weeks[1][1] if len(view.weeks) > 1 else Counts()
    found = [
        _share("已执行", now, before, lambda one: (one.executed, one.due), "完成率"),
        _share("准时", now, before, lambda one: (one.on_time, one.executed), "准时率"),
    ]
    if view.handed:
        parts = _share("已确认", now, before, lambda one: (one.confirmed, one.reminded), "确认率")
        found.append(parts)
    sent = f"已发出 {now.sent}，晚发 {now.late}"
    past = f"上周 {before.cancelled}" if before.due or before.cancelled else NOT_BEFORE
    found.append(Number("跳过", written(now.cancelled, Unit.TIMES), (sent, past)))
    return [*found, *(_persons(view, before, one) for one in view.taken)]


def _share(
    name: str,
    now: Counts,
    before: Counts,
    of: Callable[[Counts], tuple[int, int]],
    called: str,
) -> Number:
    (some, every), (some_before, every_before) = of(now), of(before)
    lines = (
        f"{called} {written(ratio(some, every), Unit.RATIO)}",
        f"上周 {some_before}/{every_before}" if before.due or before.cancelled else NOT_BEFORE,
    )
    return Number(name, f"{some}/{every}", lines)


def _persons(view: StepView, before: Counts, which: str) -> Number:
    count = view.now.took.get(which)
    lines = []
    if which == view.compared and count is not None:
        rate = written(ratio(count, view.now.there), Unit.RATIO)
        lines.append(f"在场 {view.now.there} 人，参与率 {rate}")
    held = before.due or before.cancelled
    lines.append(f"上周 {_people(before.took.get(which))}" if held else NOT_BEFORE)
    opens = f"members:{which}" if count else ""
    return Number(TAKEN[which][0], _people(count), tuple(lines), opens)


def _people(count: int | None) -> str:
    return NOTHING if count is None else f"{written(count, Unit.PERSONS)} 人"


def section(view: StepView) -> Section:
    """The step over the weeks, and by RM, community and day."""
    return Section("step", "分开看", tuple(_tables(view)), tuple(_charts(view)))


def _tables(view: StepView) -> Iterator[Table]:
    counted = _columns(view)
    words = Column("outcome", "结果")
    if view.runs:
        head = (Column("day", "日期"), Column("weekday", "星期"), words)
        yield Table(
            "step_runs", "每次执行", (*head, *counted), tuple(_run(view, one) for one in view.runs)
        )
    if len(view.rms) > 1:
        yield Table(
            "step_rms",
            "各客户经理",
            (Column("rm", "客户经理"), *counted),
            tuple(Row((one.name, *_cells(view, one.counts)), one.opens) for one in view.rms),
        )
    if view.communities:
        rows = (
            Row((one.name, one.owner, one.outcome, *_cells(view, one.counts)), one.opens)
            for one in view.communities
        )
        head = (Column("community", "社群"), Column("rm", "客户经理"), words)
        yield Table("step_communities", "各社群", (*head, *counted), tuple(rows))
    past = (Row((week_label(monday), *_cells(view, counts))) for monday, counts in view.weeks)
    if len(view.weeks) > 1:
        yield Table("step_weeks", "这几周", (Column("week", "周"), *counted), tuple(past))


def _run(view: StepView, one: Part) -> Row:
    day = one.day or view.monday
    return Row((day, WEEKDAYS[day.weekday()], one.outcome, *_cells(view, one.counts)), one.opens)


def _columns(view: StepView) -> tuple[Column, ...]:
    handed = (
        Column("reminded", "已提醒", Unit.TIMES, "交给客户经理发送的"),
        Column("confirmed", "已确认", Unit.TIMES, "客户经理确认已发的"),
    )
    fixed = (
        Column("due", "应执行", Unit.TIMES, "到期的次数；注明原因取消的不算"),
        *(handed if view.handed else ()),
        Column("sent", "已发出", Unit.TIMES, "系统发出的，加上客户经理已经发出的"),
        Column("late", "晚发", Unit.TIMES, "发出了，但晚于执行窗口"),
        Column("cancelled", "跳过", Unit.TIMES, "注明原因跳过的"),
    )
    taken = tuple(Column(one, TAKEN[one][0], Unit.PERSONS, TAKEN[one][1]) for one in view.taken)
    if view.compared is None:
        return (*fixed, *taken)
    present = "执行当天在这些社群里的成员，去重；也算上参与了的"
    return (
        *fixed,
        *taken,
        Column("there", "在场成员", Unit.PERSONS, present),
        Column("rate", "参与率", Unit.RATIO, f"{TAKEN[view.compared][0]} ÷ 在场成员"),
    )


def _cells(view: StepView, one: Counts) -> tuple[Cell, ...]:
    handed = (one.reminded, one.confirmed) if view.handed else ()
    work = (one.due, *handed, one.sent, one.late, one.cancelled)
    taken = tuple(one.took.get(which) for which in view.taken)
    if view.compared is None:
        return (*work, *taken)
    return (*work, *taken, one.there, _rate(view.compared, one))


def _rate(which: str, one: Counts) -> float | None:
    count = one.took.get(which)
    return None if count is None else ratio(count, one.there)


def _charts(view: StepView) -> Iterator[Chart]:
    """Over the weeks in which it was due at all, oldest first; nothing for one week."""
    weeks = [(monday, one) for monday, one in reversed(view.weeks) if one.due or one.took]
    if len(weeks) < 2:
        return
    labels = tuple(f"{monday.month}-{monday.day:02d}" for monday, _ in weeks)

    def rate(name: str, of: Callable[[Counts], float | None]) -> Series:
        return Series(name, Unit.RATIO, tuple(of(one) for _, one in weeks))

    work = (
        rate("完成率", lambda one: ratio(one.executed, one.due)),
        rate("准时率", lambda one: ratio(one.on_time, one.executed)),
    )
    note = "每周从所写的星期一开始。"
    yield Chart("step_done", "这几周的完成率和准时率", Shape.LINE, labels, work, note, "周")
    which = view.compared
    if which is not None:
        title = f"这几周的参与率（{TAKEN[which][0]} ÷ 在场成员）"
        series = (rate("参与率", lambda one: _rate(which, one)),)
        yield Chart("step_rate", title, Shape.LINE, labels, series, note, "周")


def added(parts: Iterable[Counts], took: Mapping[str, Collection[str]], there: int) -> Counts:
    """Runs added up; persons are given, since who is in two communities is one person."""
    every = list(parts)
    names = ("due", "executed", "on_time", "cancelled", "reminded", "confirmed", "sent", "late")
    summed = {name: sum(getattr(one, name) for one in every) for name in names}
    return Counts(**summed, there=there, took={key: len(who) for key, who in took.items()})
