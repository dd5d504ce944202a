"""From what was typed to the finished preview."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.preview.known import Known, known
from bot.preview.page import page
from bot.preview.terminal import render
from bot.preview.week import Entry, Part, Week, preview
from bot.rehearsal.casting import cast, labelled, narrowed
from bot.rehearsal.host import HOSTS
from bot.rehearsal.people import Span
from bot.rehearsal.stage import Script
from bot.settings import read_config
from sop.summary.weeks import midnight, week_label


async def make(
    monday: date,
    output: str,
    plans: Sequence[str],
    communities: Sequence[str],
    library: Path | None,
    config: Path | None,
) -> str:
    """The preview as text, JSON or HTML. Raises NotRehearsable."""
    chosen, shelf, workdays = cast(config, library)
    chosen, shelf = narrowed(chosen, shelf, plans, communities)
    if config is None and plans:
        chosen = labelled(chosen, shelf)
    span = Span(midnight(monday, chosen.zone), 7)
    before = Known() if config is None else await known(chosen.database, span.start, span.end)
    script = Script(chosen, shelf, workdays, span, 0, 0, HOSTS["absent"])
    week = await preview(script, before.stamp_of(shelf, _reviewed(config)), before.write)
    if output == "json":
        return json.dumps(as_json(week), ensure_ascii=False, indent=2)
    return page(week) if output == "html" else render(week)


def _reviewed(config: Path | None) -> frozenset[str]:
    """Ids of the communities that ask for stamps."""
    read = None if config is None else read_config(config)[0]
    return frozenset(one.id for one in read.communities if one.review) if read else frozenset()


def as_json(week: Week) -> dict[str, Any]:
    """Plain data; instants in the zone of the configuration."""
    return {
        "week": week_label(week.monday),
        "from": week.days[0].isoformat(),
        "to": week.days[-1].isoformat(),
        "communities": [one.id for one in week.communities],
        "holidays": list(week.holidays),
        "entries": [_entry(one, week) for one in week.entries],
        "after_join": [
            {
                "days": one.days,
                "at": f"{one.occurrence.step.at:%H:%M}",
                "community": one.community.id,
                "plan": one.occurrence.plan.plan,
                "step": one.occurrence.step.id,
                "title": one.title,
                "text": one.text,
            }
            for one in week.newcomers
        ],
        "conflicts": week.conflicts,
        "errors": list(week.errors),
    }


def _entry(one: Entry, week: Week) -> dict[str, Any]:
    step = one.occurrence.step
    due_at = one.due_at.astimezone(week.zone)
    return {
        "occurrence": one.occurrence.identity,
        "plan": one.occurrence.plan.plan,
        "step": step.id,
        "title": one.title,
        "kind": step.spec.kind,
        "variant": step.variant,
        "community": one.community.id,
        "mode": one.community.mode.value,
        "at": due_at.isoformat(),
        "window_ends": step.window_end(due_at).isoformat(),
        "status": one.status,
        "reason": one.reason,
        "stamp": one.stamp,
        "conflicts": list(one.conflicts),
        "notes": list(one.notes),
        "messages": [_part(part, week) for part in one.parts],
    }


def _part(part: Part, week: Week) -> dict[str, Any]:
    return {
        "at": part.at.astimezone(week.zone).isoformat(),
        "phase": part.phase,
        "to": part.to,
        "channel": part.channel,
        "text": part.text,
        "bytes": part.size,
        "limit": part.limit,
        "buttons": list(part.buttons),
    }
