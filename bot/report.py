"""`qunyun report`: the weekly summary of one community, one RM's, or all, as Markdown or JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.week import period
from sop.community import Community, Staff
from sop.library import Library
from sop.summary.markdown import document
from sop.summary.summary import Summary, summarise
from sop.summary.weeks import parse_week
from storage.database import Database

ALL = "全部社群"


class NoSuchScope(ValueError):
    """No community or RM of this id; the text says so in Chinese and lists those there are."""


def scope_of(
    communities: Sequence[Community],
    staff: Mapping[str, Staff],
    community: str | None = None,
    rm: str | None = None,
) -> tuple[Sequence[Community], str]:
    """The communities asked for and what to call them together. Raises NoSuchScope."""
    if rm is not None:
        communities = [one for one in communities if one.owner == rm]
        if not communities:
            raise NoSuchScope(f"没有属于客户经理“{rm}”的社群，请检查 --rm。")
        if community is None:
            name = staff[rm].name if rm in staff else rm
            return communities, f"{name}的社群"
    if community is None:
        return communities, ALL
    found = [one for one in communities if one.id == community]
    if not found:
        known = "、".join(one.id for one in communities)
        raise NoSuchScope(f"没有编号为“{community}”的社群，现有：{known}。")
    return found, found[0].name


async def report(
    database: Database,
    library: Library,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    zone: ZoneInfo,
    *,
    week: str,
    community: str | None = None,
    rm: str | None = None,
    format: Literal["md", "json"] = "md",
) -> str:
    """The summary of an ISO week such as `2026-W47`, read outside of the event loop.

    Raises NoSuchWeek and NoSuchScope, whose texts are for the person who typed the command.
    """
    monday = parse_week(week)
    chosen, name = scope_of(communities, staff, community, rm)
    read = partial(_summary, library, staff, chosen, monday, zone, name)
    summary = await database.read(read)
    if format == "json":
        return json.dumps(summary.as_json(), ensure_ascii=False, indent=2) + "\n"
    return document(summary)


def _summary(
    library: Library,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    name: str,
    tx: Connection,
) -> Summary:
    return summarise(period(tx, library, staff, communities, monday, zone, name))
