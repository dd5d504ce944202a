"""A community's week as its staff see it: the plan's occurrences with what became of them.

Numbers count the steps of a Monday-to-Sunday week in the plan's order, so the number that 今日
shows is the one that 本周 shows, and it stays the same all week whatever is skipped or postponed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.command import Request, Usage
from bot.due import BEGAN
from bot.facts_assist import assist_task
from bot.typed import plain
from sop import assist
from sop.assist_ports import AssistTask
from sop.community import Community, DeliveryMode
from sop.diagnostics import closest
from sop.library import Library
from sop.newcomers import concerns_somebody
from sop.occurrence import Occurrence, Phase
from sop.plan import Step
from sop.planner import occurrences as planned
from sop.review import goes_on
from sop.summary.weeks import WEEKDAYS, midnight, monday_of
from sop.workdays import UnknownYear
from storage import assist_tasks
from storage import occurrences as rows

PLANNED = "planned"
ASKED = "asked"
DONE = "done"
SKIPPED = "skipped"
FAILED = "failed"
MISSED = "missed"
"""Not a row's status: its time has passed and it was never listed (the bot was not there yet)."""
OPEN = (PLANNED, ASKED)
"""States in which an occurrence still waits for its time or for an answer."""

_GRACE = timedelta(minutes=2)
"""An occurrence that is due this very minute is about to be listed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One step on one date in one community, with what became of it."""

    number: int
    """Place in its week, from 1."""
    occurrence: Occurrence
    title: str
    due_at: datetime
    """After a postponement the new time; aware UTC."""
    status: str
    reason: str
    ran_at: datetime | None
    confirmed_at: datetime | None
    task: AssistTask | None = None
    """What became of it where its RM sends it."""
    unstamped: bool = False
    """Still ahead, and without the reviewer's stamp that its community asks for."""

    @property
    def identity(self) -> str:
        """`plan/step/date/community`."""
        return self.occurrence.identity

    @property
    def step(self) -> Step:
        """What the plan says."""
        return self.occurrence.step

    @property
    def id(self) -> str:
        """The step's id, as typed in commands."""
        return self.occurrence.step.id

    @property
    def postponed(self) -> bool:
        """Whether it waits for another time than the plan's."""
        return self.due_at != self.occurrence.due_at


def week(request: Request, communities: Sequence[Community], monday: date) -> list[Entry]:
    """Every step of the week that begins on `monday`, by community and number."""
    start, end = midnight(monday, request.zone), midnight(monday + timedelta(days=7), request.zone)
    # The planner's interval is open at its start; midnight itself belongs to the week.
    before, last = start - timedelta(microseconds=1), end - timedelta(microseconds=1)
    found = planned(
        list(request.library.plans.values()), communities, before, last, request.workdays
    )
    found = [one for one in found if concerns_somebody(request.facts, one, request.workdays)]
    known = {
        row.key: row
        for row in rows.between(request.tx, start, end, [one.id for one in communities])
    }
    tasks = assist_tasks.between(request.tx, [one.id for one in communities], start, end)
    entries = [
        _entry(number, one, known.get(one.key), tasks.get(one.key), request)
        for community in communities
        for number, one in enumerate(_steps_of(found, community.id), start=1)
    ]
    entries = _with_stamps(entries, communities, request)
    began = rows.watermark(request.tx, BEGAN)  # before the first start nothing could be missed
    return [one for one in entries if one.status != MISSED or not began or one.due_at > began]


def day(request: Request, communities: Sequence[Community], today: date) -> list[Entry]:
    """The steps of one local day, with their numbers of the week."""
    entries = week(request, communities, monday_of(today))
    return [one for one in entries if local(one.occurrence.due_at, request.zone).date() == today]


def find_step(request: Request, typed: str) -> Entry:
    """The step that a word means in the request's community: a number of this week, or an id.

    An id means today's step, else the next one within a week, else the latest of this week.
    Raises Usage when there is none, with what may have been meant.
    """
    today = local(request.now, request.zone).date()
    monday = monday_of(today)
    this_week = week(request, [request.community], monday)
    word = plain(typed).removesuffix("号")
    if word.isdecimal():
        return _numbered(this_week, int(word), request.community)
    everything = [*this_week, *_week_after(request, monday)]
    same = [one for one in everything if plain(one.id) == word]
    if not same:
        raise Usage(_no_step(typed, everything))
    if len({one.occurrence.plan.plan for one in same}) > 1:
        numbers = " 或 ".join(str(one.number) for one in same if one in this_week)
        raise Usage(f"有两个计划都有“{typed}”，请写编号：{numbers}。发送“本周”可以看编号。")
    return _likeliest(same, today, request.zone)


def step_title(step: Step, library: Library) -> str:
    """What the step does, in the words of the group: `掷骰子`, `周五幸运抽奖`, `内容`."""
    return step.called(library)


def state(entry: Entry, community: Community, now: datetime, zone: ZoneInfo) -> str:
    """A mark and two words: `✅ 已发 09:30`, `⏭ 已跳过：客户会`."""
    if entry.status == DONE:
        if entry.ran_at is None:
            return "✅ 已发"
        if entry.task is not None:
            return assist.state(entry.task, zone)
        at = f"{local(entry.ran_at, zone):%H:%M}"
        if community.mode is DeliveryMode.ASSIST or entry.step.spec.in_person:
            return f"✅ 已发 {at}" if entry.confirmed_at else f"📨 已交给客户经理 {at}，待确认"
        return f"✅ 已发 {at}"
    if entry.status == SKIPPED:
        return f"⏭ 已跳过：{entry.reason}" if entry.reason else "⏭ 已跳过"
    if entry.status == FAILED:
        return f"⚠️ 失败：{entry.reason}" if entry.reason else "⚠️ 失败"
    if entry.status == MISSED:
        return "➖ 没有执行"
    if entry.status == ASKED:
        return "❓ 错过时间，等您决定"
    if community.paused:
        return "⏸ 已暂停"
    if entry.unstamped:
        return "❗ 没有审核章，到点不发"
    if entry.due_at <= now and entry.ran_at is None:
        return "⏳ 正在处理"
    if entry.postponed:
        return f"⏳ 已推迟，原定 {local(entry.occurrence.due_at, zone):%H:%M}"
    return "⏳ 待发"


def when(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`今天 19:30`, `明天 09:30`, else `周五 11 月 27 日 20:00`."""
    at = local(instant, zone)
    days = (at.date() - local(now, zone).date()).days
    names = {-1: "昨天", 0: "今天", 1: "明天"}
    return f"{names.get(days) or spoken_day(at.date())} {at:%H:%M}"


def spoken_day(one: date) -> str:
    """`周二 11 月 24 日`: the weekday first, it is what people plan by."""
    return f"{WEEKDAYS[one.weekday()]} {one.month} 月 {one.day} 日"


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall time of an instant."""
    return instant.astimezone(zone)


def end_of_day(one: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day is over."""
    return datetime.combine(one + timedelta(days=1), time(), zone)


def _steps_of(found: Iterable[Occurrence], community: str) -> list[Occurrence]:
    """The runs of one community, in a stable order."""
    mine = [one for one in found if one.community == community and one.phase is Phase.RUN]
    return sorted(mine, key=lambda one: (one.due_at, one.plan.plan, one.step.id))


def _entry(
    number: int,
    one: Occurrence,
    row: rows.OccurrenceRow | None,
    asked: assist_tasks.TaskRow | None,
    request: Request,
) -> Entry:
    title = step_title(one.step, request.library)
    if row is None:
        status = MISSED if one.due_at < request.now - _GRACE else PLANNED
        return Entry(number, one, title, one.due_at, status, "", None, None)
    return Entry(
        number,
        one,
        title,
        row.due_at,
        row.status,
        row.reason,
        row.ran_at,
        row.confirmed_at,
        None if asked is None else assist_task(asked),
    )


def _with_stamps(
    entries: list[Entry], communities: Sequence[Community], request: Request
) -> list[Entry]:
    """Marks what will not be carried out for want of a stamp."""
    asking = {one.id for one in communities if one.review}
    known: dict[tuple[str, str], bool] = {}

    def unstamped(entry: Entry) -> bool:
        plan = request.library.plans.get(entry.occurrence.plan.plan)
        if entry.status not in OPEN or entry.occurrence.community not in asking or plan is None:
            return False
        name = (plan.plan, entry.id)
        if name not in known:
            known[name] = goes_on(request.facts, request.library, plan, entry.id)
        return not known[name]

    return [replace(one, unstamped=unstamped(one)) for one in entries]


def _week_after(request: Request, monday: date) -> list[Entry]:
    try:
        return week(request, [request.community], monday + timedelta(days=7))
    except UnknownYear:
        return []  # the end of the calendar must not hide the steps of this week


def _numbered(entries: Sequence[Entry], number: int, community: Community) -> Entry:
    for one in entries:
        if one.number == number:
            return one
    if not entries:
        raise Usage(f"“{community.name}”这一周没有安排步骤。")
    raise Usage(f"“{community.name}”本周的步骤是 1 到 {len(entries)} 号，没有 {number} 号。")


def _no_step(typed: str, entries: Sequence[Entry]) -> str:
    ids = {one.id for one in entries}
    near = closest(typed, ids) if ids else None
    if near:
        return f"没有叫“{typed}”的步骤。您是想输入“{near}”吗？"
    return f"没有叫“{typed}”的步骤。发送“本周”可以看到每一步的编号。"


def _likeliest(same: Sequence[Entry], today: date, zone: ZoneInfo) -> Entry:
    by_day = {local(one.occurrence.due_at, zone).date(): one for one in same}
    ahead = [one for one in sorted(by_day) if one >= today]
    return by_day[ahead[0] if ahead else max(by_day)]
