"""Life cycle, RFM and value groups (生命周期、RFM、价值分层), worked out every night.

Everything follows from whole local days before the night's day: what is done after midnight counts
the next night. Between two nights only what changed is counted again; every Monday all is, since
merged and erased members change the past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sop.community import Community
from sop.ports import Facts
from sop.standing_effects import KeepStanding
from sop.standing_ports import Deeds, Kept, Standing

NEWCOMER_DAYS = 7
"""Days after joining, the last one included."""
GROWING_DAYS = 30
DRIFTING_DAYS = 7
"""Whole days without an action."""
SLEEPING_DAYS = 14
WINDOW = timedelta(days=28)
"""What frequency and weight are counted over."""
WEIGHTS: Mapping[str, int] = {"message": 1, "answer": 2, "checkin": 1, "draw": 1, "click": 2}
"""How much an action is worth as participation; never money."""
MOST_A_DAY = 5
"""Of one kind of action so many count on a day: who talks all day is not worth everybody else."""
QUINTILES = 5
_DAY = timedelta(days=1)
_MONDAY = 0


def nightly(
    facts: Facts, community: Community, since: datetime, now: datetime
) -> list[KeepStanding]:
    """What changed about where members stand, since the night at `since`."""
    day = now.astimezone(community.zone).date()
    before = since.astimezone(community.zone).date()
    kept = facts.standings.kept(community.id)
    afresh = not kept or day.weekday() == _MONDAY or day - before >= WINDOW or day < before
    moved = standings(facts, community.id, kept, None if afresh else before, day)
    return [
        _effect(community.id, member, row, kept.get(member))
        for member, row in sorted(moved.items())
        if not _same(row, kept.get(member))
    ]


def standings(
    facts: Facts, community: str, kept: Mapping[str, Kept], before: date | None, day: date
) -> dict[str, Kept]:
    """Where everybody stands at the beginning of a day. With `before` only what was done from then
    on, and what has become too old since, is counted: the rest is in `kept`."""
    joined = facts.standings.joined(community)
    did = _counted(facts, community, kept, joined, before, day)
    scores = scored(did)
    rows = {
        member: _row(kept.get(member), joined_on, did[member], scores[member], day)
        for member, joined_on in joined.items()
    }
    gone = {member: one for member, one in kept.items() if member not in joined}
    return rows | {member: _left(one, day) for member, one in gone.items()}


def stage(joined_on: date, last_on: date | None, day: date) -> str:
    """Where a member is in their life at the beginning of a day."""
    here, still = (day - joined_on).days, silent_days(joined_on, last_on, day)
    if here <= NEWCOMER_DAYS:
        return "newcomer"
    if still >= SLEEPING_DAYS:
        return "sleeping"
    if still >= DRIFTING_DAYS:
        return "drifting"
    return "growing" if here <= GROWING_DAYS else "established"


def silent_days(joined_on: date, last_on: date | None, day: date) -> int:
    """Whole days without an action; the day of joining counts as one with an action."""
    return max((day - max(joined_on, last_on or joined_on)).days - 1, 0)


def scored(did: Mapping[str, Deeds | None]) -> dict[str, tuple[int, int, int]]:
    """Scores of recency, frequency and weight: quintiles among the members of a community, equals
    alike. Who did nothing has 1."""
    names = list(did)
    numbers = [
        [0 if one is None else one.last_on.toordinal() for one in did.values()],
        [0 if one is None else one.days for one in did.values()],
        [0 if one is None else one.weight for one in did.values()],
    ]
    r, f, m = (quintiles(one) for one in numbers)
    return dict(zip(names, zip(r, f, m, strict=True), strict=True))


def quintiles(numbers: Sequence[int]) -> list[int]:
    """Scores from 1 to 5 by rank; equal numbers share the middle of their ranks, nought has 1."""
    ordered = sorted(numbers)
    first: dict[int, int] = {}
    count: dict[int, int] = {}
    for place, number in enumerate(ordered):
        first.setdefault(number, place)
        count[number] = count.get(number, 0) + 1
    whole = 2 * len(ordered)
    score = {
        one: 1 + (2 * first[one] + count[one]) * QUINTILES // whole if one else 1 for one in first
    }
    return [min(score[one], QUINTILES) for one in numbers]


def value(stage: str, r: int, f: int, m: int) -> str:
    """The value group: who is silent by how long, everybody else by their scores."""
    if stage in ("drifting", "sleeping"):
        return stage
    if min(r, f, m) >= 4:
        return "valuable"
    return "active" if min(r, f) >= 3 else "potential"


def standing(kept: Kept, day: date) -> Standing:
    """As people and conditions see it, on a day."""
    return Standing(
        kept.stage, kept.stage_since, kept.r, kept.f, kept.m, kept.value, tuple(_why(kept, day))
    )


def _why(kept: Kept, day: date) -> list[str]:
    here = (day - kept.joined_on).days
    still = silent_days(kept.joined_on, kept.last_on, day)
    quiet = f"{still} 天没有活跃行为" if kept.last_on else f"{WINDOW.days} 天里没有活跃行为"
    reasons = {
        "newcomer": f"入群 {here} 天（不超过 {NEWCOMER_DAYS} 天）",
        "growing": f"入群 {here} 天（不超过 {GROWING_DAYS} 天），最近 {DRIFTING_DAYS} 天里来过",
        "established": f"入群 {here} 天（超过 {GROWING_DAYS} 天），最近 {DRIFTING_DAYS} 天里来过",
        "drifting": f"{still} 天没有活跃行为（{DRIFTING_DAYS} 至 {SLEEPING_DAYS - 1} 天）",
        "sleeping": f"{quiet}（至少 {SLEEPING_DAYS} 天）",
        "left": f"{kept.stage_since.month} 月 {kept.stage_since.day} 日起不在群里",
    }
    first = reasons[kept.stage]
    if kept.stage == "left":
        return [first]
    ago = (day - kept.last_on).days if kept.last_on else 0
    recent = f"最近一次活跃在 {ago} 天前" if ago else f"{WINDOW.days} 天里没有活跃行为"
    return [
        first,
        f"{recent}（R{kept.r}）",
        f"{WINDOW.days} 天里有 {kept.days} 天活跃（F{kept.f}）",
        f"{WINDOW.days} 天里参与分 {kept.weight}（M{kept.m}）",
    ]


def _counted(
    facts: Facts,
    community: str,
    kept: Mapping[str, Kept],
    joined: Mapping[str, date],
    before: date | None,
    day: date,
) -> dict[str, Deeds | None]:
    """What every present member did in the window before a day."""
    first, last = day - WINDOW, day - _DAY
    if before is None:
        everything = facts.standings.deeds(community, first, last)
        return {member: everything.get(member) for member in joined}
    new = facts.standings.deeds(community, before, last)
    old = facts.standings.deeds(community, before - WINDOW, first - _DAY)
    fresh = {one for one in joined if one not in kept or kept[one].stage == "left"}
    theirs = facts.standings.deeds(community, first, last, fresh) if fresh else {}
    return {
        member: theirs.get(member)
        if member in fresh
        else _moved(kept[member], new.get(member), old.get(member), first)
        for member in joined
    }


def _moved(kept: Kept, new: Deeds | None, old: Deeds | None, first: date) -> Deeds | None:
    """The window moved on: what is new comes in, what is too old goes."""
    days = kept.days + (new.days if new else 0) - (old.days if old else 0)
    weight = kept.weight + (new.weight if new else 0) - (old.weight if old else 0)
    last_on = new.last_on if new else kept.last_on
    return None if last_on is None or last_on < first else Deeds(last_on, days, weight)


def _row(
    before: Kept | None,
    joined_on: date,
    did: Deeds | None,
    scores: tuple[int, int, int],
    day: date,
) -> Kept:
    last_on = did.last_on if did else None
    now = stage(joined_on, last_on, day)
    stays = before is not None and before.stage == now
    since = before.stage_since if before and stays else _since(now, joined_on, last_on, before, day)
    return Kept(
        stage=now,
        stage_since=since,
        r=scores[0],
        f=scores[1],
        m=scores[2],
        value=value(now, *scores),
        joined_on=joined_on,
        last_on=last_on,
        days=did.days if did else 0,
        weight=did.weight if did else 0,
        day=day,
    )


def _since(
    stage: str, joined_on: date, last_on: date | None, before: Kept | None, day: date
) -> date:
    """The first day of a stage that a member was not in before."""
    quiet_from = max(joined_on, last_on or joined_on) + _DAY
    first = {
        "newcomer": joined_on,
        "drifting": quiet_from + DRIFTING_DAYS * _DAY,
        "sleeping": quiet_from + SLEEPING_DAYS * _DAY,
        "growing": joined_on + (NEWCOMER_DAYS + 1) * _DAY,
        "established": joined_on + (GROWING_DAYS + 1) * _DAY,
    }[stage]
    back = before is not None and before.stage in ("drifting", "sleeping")
    return day if back and stage in ("growing", "established") else min(first, day)


def _left(before: Kept, day: date) -> Kept:
    if before.stage == "left":
        return before
    return replace(
        before, stage="left", stage_since=day, r=0, f=0, m=0, value="", days=0, weight=0, day=day
    )


def _same(row: Kept, before: Kept | None) -> bool:
    return before is not None and replace(row, day=before.day) == before


def _effect(community: str, member: str, row: Kept, before: Kept | None) -> KeepStanding:
    return KeepStanding(
        community=community,
        member=member,
        stage=row.stage,
        stage_since=row.stage_since.isoformat(),
        r=row.r,
        f=row.f,
        m=row.m,
        value=row.value,
        joined_on=row.joined_on.isoformat(),
        last_on=row.last_on.isoformat() if row.last_on else "",
        days=row.days,
        weight=row.weight,
        day=row.day.isoformat(),
        stage_before=before.stage if before else "",
        value_before=before.value if before else "",
    )
