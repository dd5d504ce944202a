"""What a week will bring, as values.

The week is carried out by the real engine, delivery and channels, as in a rehearsal, but with
nobody in the groups: what the bot then sends of its own accord is what it will send. What the
installation already knows goes in first: used items of lists, skipped and postponed steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import channel_types
from bot.preview.scripts import scripts
from bot.rehearsal.holidays import decisions
from bot.rehearsal.messages import Message
from bot.rehearsal.stage import Script, perform, scratch
from bot.wecom.content import plain_text
from sop.community import Community
from sop.occurrence import Occurrence, Phase
from sop.planner import occurrences as planned
from storage import occurrences
from storage.occurrences import OccurrenceRow

Prepare = Callable[[Connection], None]
_DELAYED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One message as it leaves, in full."""

    at: datetime
    phase: str
    """announce, remind, run, or names: the script of which the names are not known yet."""
    to: str
    """group or rm."""
    channel: str
    text: str
    size: int
    """Bytes of UTF-8."""
    limit: int
    """Bytes that WeCom takes in one message of this channel."""
    buttons: tuple[str, ...] = ()
    repeats: bool = False
    """A reminder whose words are those of the message itself."""

    @property
    def for_group(self) -> bool:
        """Whether the group reads it, from the bot or from its RM."""
        return self.phase != "remind" and (self.to == "group" or self.channel == "assist")


@dataclass(frozen=True, slots=True)
class Entry:
    """One step on one day in one community."""

    occurrence: Occurrence
    community: Community
    title: str
    status: str
    """done: it will be sent; skipped, asked, failed: it will not."""
    reason: str
    due_at: datetime
    stamp: str
    """`✅ 已盖章`, `❗ 没有审核章`; empty where none is needed."""
    parts: tuple[Part, ...]
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sent(self) -> bool:
        """Whether anything will be sent."""
        return self.status == "done"


@dataclass(frozen=True, slots=True)
class Welcome:
    """One step of `after_join:` in one community."""

    days: int
    """After joining."""
    occurrence: Occurrence
    community: Community
    title: str
    text: str
    """What the RM is handed."""


@dataclass(frozen=True, slots=True)
class Week:
    """A whole preview."""

    monday: date
    zone: ZoneInfo
    communities: tuple[Community, ...]
    entries: tuple[Entry, ...]
    """By time and community."""
    holidays: tuple[str, ...]
    """What holidays change, one sentence each."""
    newcomers: tuple[Welcome, ...] = ()
    """What is done for each who joins, by the day after joining."""
    errors: tuple[str, ...] = field(default=())
    """What the program itself complained of."""

    def on(self, day: date) -> list[Entry]:
        """The entries of one local day."""
        return [one for one in self.entries if one.due_at.astimezone(self.zone).date() == day]

    @property
    def days(self) -> list[date]:
        """Monday to Sunday."""
        return [self.monday + timedelta(days=one) for one in range(7)]

    @property
    def conflicts(self) -> int:
        """How many entries do not go as the plan wants."""
        return sum(bool(one.conflicts) for one in self.entries)


async def preview(script: Script, stamps: Callable[[Occurrence], str], prepare: Prepare) -> Week:
    """The week that `script` spans. `stamps` tells of an occurrence's review stamp; `prepare`
    writes into the empty database what is known already."""
    with scratch() as folder:
        performance = await perform(script, Path(folder), prepare=prepare)
        database = performance.database
        try:
            span = (script.span.start, script.span.end)
            rows = await database.read(lambda tx: occurrences.between(tx, *span))
            told = await database.read(lambda tx: scripts(tx, script, _runs(script)))
        finally:
            await database.close()
    known = {row.key: row for row in rows}
    parts = _parts(performance.world.messages)
    entries = [
        _entry(one, known, parts, script, stamps(one), told.get(_name(one)))
        for one in _runs(script)
        if one.plan.days_after_join(one.step.id) is None
    ]
    entries.sort(key=lambda one: (one.due_at, one.community.id, one.occurrence.identity))
    return Week(
        script.span.start.astimezone(script.settings.zone).date(),
        script.settings.zone,
        tuple(script.settings.communities),
        tuple(_with_conflicts(entries)),
        tuple(one.text for one in decisions(script)),
        tuple(_welcomes(script, told)),
        tuple(dict.fromkeys(performance.errors)),
    )


def _name(one: Occurrence) -> tuple[str, str, str]:
    return (one.plan.plan, one.step.id, one.community)


def _welcomes(script: Script, told: Mapping[tuple[str, str, str], str]) -> list[Welcome]:
    found: dict[tuple[str, str, str], Welcome] = {}
    places = {one.id: one for one in script.settings.communities}
    for one in _runs(script):
        days = one.plan.days_after_join(one.step.id)
        if days is not None and _name(one) not in found:
            title = one.step.called(script.library)
            found[_name(one)] = Welcome(
                days, one, places[one.community], title, told.get(_name(one), "")
            )
    return sorted(
        found.values(), key=lambda each: (each.days, each.occurrence.step.at, each.community.id)
    )


def _runs(script: Script) -> list[Occurrence]:
    before, last = script.span.start - timedelta(microseconds=1), script.span.end
    found = planned(
        list(script.library.plans.values()),
        script.settings.communities,
        before,
        last - timedelta(microseconds=1),
        script.workdays,
    )
    return [one for one in found if one.phase is Phase.RUN]


def _parts(messages: Sequence[Message]) -> dict[str, list[Part]]:
    """What each occurrence sends, by its identity."""
    limits = {name: one.longest for name, one in channel_types().items()}
    found: dict[str, list[Part]] = {}
    for one in messages:
        what, _, rest = one.origin.partition("/")
        if what != "occurrence":
            continue
        identity, _, phase = rest.partition("@")[0].partition("#")
        part = Part(
            one.at,
            phase or "run",
            one.to,
            one.channel,
            one.text,
            len(one.text.encode()),
            limits[one.channel],
            one.buttons,
        )
        found.setdefault(identity, []).append(part)
    return found


def _entry(
    one: Occurrence,
    known: Mapping[str, OccurrenceRow],
    parts: Mapping[str, Sequence[Part]],
    script: Script,
    stamp: str,
    told: str | None,
) -> Entry:
    """`told`: what the RM is handed, for a step to members."""
    community = next(each for each in script.settings.communities if each.id == one.community)
    row = known.get(one.identity)
    due_at = row.due_at if row is not None else one.due_at
    own = _in_order(parts.get(one.identity, ()))
    status, reason = (row.status, row.reason) if row is not None else ("failed", "没有执行")
    if told is not None and row is not None and status == "skipped" and not row.changed_by:
        # Nobody is in the groups of a preview; whom it concerns is known when it is due.
        limit = channel_types()["app_message"].longest
        own = (Part(due_at, "names", "rm", "app_message", told, len(told.encode()), limit),)
        status, reason = "done", ""
    notes = [_delayed(part, due_at, community) for part in own]
    if one.step.variant:
        notes.append(f"A/B 版本：{one.step.variant}")
    if due_at != one.due_at:
        notes.append(f"已推迟，原定 {one.due_at.astimezone(community.zone):%H:%M}")
    return Entry(
        occurrence=one,
        community=community,
        title=one.step.called(script.library),
        status=status,
        reason=reason,
        due_at=due_at,
        stamp=stamp,
        parts=own,
        notes=tuple(dict.fromkeys(note for note in notes if note)),
    )


def _in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    """By time; a reminder that only hands over the words of the message says so."""
    said = [_words(part) for part in parts if part.for_group and not part.buttons]
    return tuple(
        replace(part, repeats=part.phase == "remind" and any(one in _words(part) for one in said))
        for part in sorted(parts, key=lambda part: part.at)
    )


def _words(part: Part) -> str:
    return plain_text(part.text).strip()


def _delayed(part: Part, due_at: datetime, community: Community) -> str:
    if part.phase != "run" or part.to != "group" or part.at - due_at < _DELAYED:
        return ""
    at = part.at.astimezone(community.zone)
    return f"静默时段，顺延到 {at.month} 月 {at.day} 日 {at:%H:%M} 发送"


def _with_conflicts(entries: Sequence[Entry]) -> list[Entry]:
    found: dict[str, list[str]] = {}
    for number, one in enumerate(entries):
        name = one.occurrence.identity
        if not one.sent:
            found.setdefault(name, []).append(f"不会发送：{one.reason or '没有执行'}")
        if one.stamp.startswith("❗"):
            found.setdefault(name, []).append("没有审核章，到点不会发送")
        for other in entries[number + 1 :]:
            if other.community.id == one.community.id and _share_a_window(one, other):
                for this, that in ((one, other), (other, one)):
                    at = that.due_at.astimezone(that.community.zone)
                    text = f"和 {at:%H:%M} 的“{that.title}”落在同一个执行窗口"
                    found.setdefault(this.occurrence.identity, []).append(text)
    return [
        replace(one, conflicts=tuple(found.get(one.occurrence.identity, ()))) for one in entries
    ]


def _share_a_window(first: Entry, second: Entry) -> bool:
    """Two posts to the group, the second while the first may still be coming."""
    both_speak = all(any(part.for_group for part in one.parts) for one in (first, second))
    return both_speak and second.due_at < first.occurrence.step.window_end(first.due_at)
