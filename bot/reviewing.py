"""The reviewer's work in chat and terminal: what waits for a stamp, how it reads, what a yes or
no does.

Steps are numbered over the whole library, plan by plan in the order of their names, plans in use
first, then the files that speak by themselves (`sop.spoken`): a number means the same one until
somebody edits the library, whatever is stamped meanwhile.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.facts_decks import SqlDeckFacts
from sop import planner, review
from sop.community import Community, Staff
from sop.effects import Button, Effect, Record, SettleCard, Stamp, Tell, Unstamp
from sop.events import Pressed
from sop.library import Library
from sop.occurrence import Phase
from sop.plan import Plan
from sop.ports import Facts
from sop.sheet import Sheet, file_sheet, whole_hash
from sop.spoken import Spoken
from sop.unplanned import speaking
from sop.workdays import UnknownYear, Workdays
from storage import reviews
from storage.reviews import StampRow

AHEAD = timedelta(days=14)
"""How far the list looks for the next time a step is due."""
BUTTON = "review|"
"""How the keys of the buttons below begin."""

NameOf = Callable[[str], str]
"""What a colleague is called, by userid."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One step, or one file that speaks by itself, with its sheet and its stamps."""

    number: int
    written: Plan | Spoken
    """Of a step its plan."""
    sheet: Sheet
    wanted: bool
    """Whether a community asks for the stamp."""
    stamp: StampRow | None
    """The one that counts for the sheet as it is now."""
    before: StampRow | None
    """Without a stamp that counts: the latest there was."""
    next_due: datetime | None
    """Within two weeks."""

    @property
    def waits(self) -> bool:
        """Whether something is not sent for want of a stamp."""
        return self.wanted and self.stamp is None

    @property
    def plan(self) -> str:
        """The step's plan; empty for a file."""
        return self.written.plan if isinstance(self.written, Plan) else ""


def entries(
    tx: Connection,
    library: Library,
    communities: Sequence[Community],
    workdays: Workdays,
    now: datetime,
) -> list[Entry]:
    """Everything that can be stamped, numbered; plans that no community has come after the others,
    files that speak by themselves last."""
    active = reviews.active(tx)
    found: list[Entry] = []

    def add(written: Plan | Spoken, sheet: Sheet, wanted: bool, due: datetime | None) -> None:
        stamp = active.get((sheet.plan, sheet.step), {}).get(sheet.hash)
        history = [] if stamp else reviews.history(tx, sheet.plan, sheet.step)
        before = history[0] if history else None
        found.append(Entry(len(found) + 1, written, sheet, wanted, stamp, before, due))

    for _, plan in sorted(
        library.plans.items(), key=lambda one: (_rests(one[1], communities), one[0])
    ):
        asking = [one for one in communities if one.review and plan.includes(one)]
        dues = _next_dues(plan, asking or communities, workdays, now)
        for sheet in review.sheets(plan, library):
            add(plan, sheet, bool(asking), dues.get(sheet.step))
    known = SqlDeckFacts(tx)
    for file in speaking(library):
        waits = any(one.review and file.waits(one) for one in communities)
        add(file, file_sheet(file, library), waits and not file.over(known, now), None)
    return found


def _rests(plan: Plan, communities: Sequence[Community]) -> bool:
    """Whether the plan waits for a community to be for."""
    return not any(plan.includes(one) for one in communities)


def _next_dues(
    plan: Plan, communities: Sequence[Community], workdays: Workdays, now: datetime
) -> dict[str, datetime]:
    try:
        found = planner.occurrences([plan], communities, now, now + AHEAD, workdays)
    except UnknownYear:
        return {}  # the end of the calendar must not stop a review
    first: dict[str, datetime] = {}
    for one in found:
        if one.phase is Phase.RUN:
            first.setdefault(one.step.id, one.due_at)
    return first


# --- how it reads --------------------------------------------------------------------------------


def state(entry: Entry, name_of: NameOf, zone: ZoneInfo) -> str:
    """`✅ 沈洁 11-22 18:30 盖章`, or why there is none."""

    def at(instant: datetime) -> str:
        return f"{instant.astimezone(zone):%m-%d %H:%M}"

    if entry.stamp is not None:
        return f"✅ {name_of(entry.stamp.stamped_by)} {at(entry.stamp.stamped_at)} 盖章"
    before = entry.before
    if before is None:
        if isinstance(entry.written, Spoken) and entry.written.with_steps():
            return "➖ 随用它的步骤一起审"
        return "❗ 从未盖章" if entry.wanted else "➖ 不需要盖章"
    if before.revoked_at is not None:
        who = name_of(before.revoked_by or "")
        return f"↩️ {at(before.revoked_at)} 被{who}撤销：{before.reason}"
    who = name_of(before.stamped_by)
    return f"✏️ {at(before.stamped_at)} {who}盖章之后改过"


def lines(
    listed: Sequence[Entry],
    name_of: NameOf,
    zone: ZoneInfo,
    head: Callable[[Plan], str],
    besides: str,
) -> Iterator[str]:
    """Entries grouped by plan, each with its number, next time and state; `head` introduces a
    plan, `besides` the files that speak by themselves."""
    plan: Plan | None = None
    introduced = False
    for one in listed:
        reason = state(one, name_of, zone)
        if isinstance(one.written, Spoken):
            if not introduced:
                yield besides
                introduced = True
            yield f"{one.number}. {one.written.heading}（{one.sheet.name}）{reason}"
            continue
        if one.written is not plan:
            plan = one.written
            yield head(plan)
        due = "两周内不执行"
        if one.next_due is not None:
            due = f"下次 {review.spoken_time(one.next_due.astimezone(zone))}"
        called = one.sheet.title.partition(" · ")[2]
        yield f"{one.number}. {called}（{one.sheet.step}）{due}　{reason}"


def counted(listed: Sequence[Entry]) -> str:
    """`3 步`, `3 步、2 份`: how many steps and files there are."""
    files = sum(not one.plan for one in listed)
    steps = len(listed) - files
    if not files:
        return f"{steps} 步"
    return f"{steps} 步、{files} 份" if steps else f"{files} 份"


def whole_sheet(entry: Entry, name_of: NameOf, zone: ZoneInfo) -> str:
    """Everything a reviewer reads before the stamp, with what changed since the last one."""
    sheet = entry.sheet
    head = f"审核单 {entry.number}　{sheet.name}　校验码 {sheet.short}"
    parts = [f"{head}\n{state(entry, name_of, zone)}", sheet.text]
    if entry.stamp is None and entry.before is not None:
        changed = changes(entry.before.sheet, sheet.text)
        parts.append("\n".join(["与上次盖章时相比：", *(changed or ["没有可见的改动"])]))
    return "\n\n".join(parts)


def changes(before: str, now: str) -> list[str]:
    """The lines taken away (`- `) and added (`+ `)."""
    compared = difflib.ndiff(before.split("\n"), now.split("\n"))
    return [line for line in compared if line.startswith(("- ", "+ "))]


def plan_hash(listed: Sequence[Entry], plan: str) -> str:
    """One hash for all sheets of a plan."""
    return whole_hash([one.sheet for one in listed if one.plan == plan])


def code(listed: Sequence[Entry], name: str) -> str:
    """The hash that says what was read: of the sheet, or of all sheets of a plan."""
    sheet = next((one.sheet for one in listed if one.sheet.name == name), None)
    return plan_hash(listed, name) if sheet is None else sheet.hash


# --- yes and no ----------------------------------------------------------------------------------


def buttons(entry: Entry) -> tuple[Button, ...]:
    """Yes to exactly this sheet, and no."""
    about = f"{entry.sheet.name}|{entry.sheet.hash}"
    return (
        Button("通过", f"{BUTTON}stamp|{about}"),
        Button("退回", f"{BUTTON}return|{about}"),
    )


def approve(staff: Staff, sheet: Sheet) -> list[Effect]:
    """The stamp, for one who may."""
    return [
        Stamp(sheet.plan, sheet.step, sheet.hash, sheet.text, staff.id),
        Record(staff.id, "盖审核章", sheet.name, sheet.short),
    ]


def send_back(
    facts: Facts, staff: Staff, written: Plan | Spoken, sheet: Sheet, reason: str
) -> list[Effect]:
    """Ends the stamps there are; tells the author and the operators why."""
    told = {one.id for one in facts.operators()}
    if written.author is not None and facts.staff(written.author) is not None:
        told.add(written.author)
    then = "> 改好计划文件后请再提请审核；没有审核章，到点不会发送。"
    if isinstance(written, Spoken):
        then = f"> 改好文件后请再提请审核。没有审核章时：{written.held}。"
    text = f"↩️ {staff.name}退回了“{sheet.title}”（{sheet.name}）：{reason}\n{then}"
    return [
        Unstamp(sheet.plan, sheet.step, staff.id, reason),
        *(Tell(one, text) for one in sorted(told - {staff.id})),
        Record(staff.id, "退回", sheet.name, reason),
    ]


def _named(library: Library, name: str) -> tuple[Plan | Spoken, Sheet] | None:
    """What a sheet's name stands for, as it reads now."""
    for file in speaking(library):
        if file.subject == name:
            return file, file_sheet(file, library)
    plan = library.plans.get(name.partition("/")[0])
    sheets = [] if plan is None else review.sheets(plan, library)
    sheet = next((one for one in sheets if one.name == name), None)
    return None if plan is None or sheet is None else (plan, sheet)


def pressed(facts: Facts, library: Library, event: Pressed) -> list[Effect]:
    """A reviewer pressed a button of a sheet's card."""
    verb, name, hash = (*event.key.removeprefix(BUTTON).split("|"), "", "", "")[:3]
    staff = facts.staff(event.sender)
    if staff is None:
        return [SettleCard("您没有权限")]
    found = _named(library, name)
    if found is None:
        return [SettleCard("这一步已经不在了")]
    written, sheet = found
    refused = review.may_stamp(staff, written)
    if refused is not None:
        return [SettleCard("您不能盖章"), Tell(staff.id, refused)]
    if verb == "return":
        how = f"退回请写明原因，发送：审核 {sheet.name} 退回 原因"
        return [SettleCard("请写退回原因"), Tell(staff.id, how)]
    if sheet.hash != hash:
        again = f"“{sheet.title}”在您看过之后改过，没有盖章。请重新看：审核 {sheet.name}"
        return [SettleCard("内容已改，没有盖章"), Tell(staff.id, again)]
    if facts.stamped(sheet.plan, sheet.step, sheet.hash):
        return [SettleCard("已经盖过章")]
    return [*approve(staff, sheet), SettleCard("已盖章")]
