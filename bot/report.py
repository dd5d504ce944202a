"""The weekly summary of some of the communities, as the terminal and the rehearsal read it."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.week import period
from sop.community import Community, Staff
from sop.library import Library
from sop.summary.summary import Summary, summarise

ALL = "全部社群"


class NoSuchScope(ValueError):
    """No community, RM or label of this name; the text says so in Chinese and lists those there
    are."""


def scope_of(
    communities: Sequence[Community],
    staff: Mapping[str, Staff],
    community: str | None = None,
    rm: str | None = None,
    label: str | None = None,
) -> tuple[Sequence[Community], str]:
    """The communities that meet every wish, and what to call them together. Raises
    NoSuchScope."""
    name = ALL
    if rm is not None:
        communities = [one for one in communities if one.owner == rm]
        if not communities:
            raise NoSuchScope(f"没有属于客户经理“{rm}”的社群，请检查 --rm。")
        name = f"{staff[rm].name if rm in staff else rm}的社群"
    if label is not None:
        known = sorted({each for one in communities for each in one.labels})
        communities = [one for one in communities if label in one.labels]
        if not communities:
            there = f"现有：{'、'.join(known)}" if known else "这些社群都没有标签"
            raise NoSuchScope(f"没有带标签“{label}”的社群，{there}。")
        name = f"标签“{label}”的社群" if rm is None else f"{name}（{label}）"
    if community is None:
        return communities, name
    found = [one for one in communities if one.id == community]
    if not found:
        there = "、".join(one.id for one in communities)
        raise NoSuchScope(f"没有编号为“{community}”的社群，现有：{there}。")
    return found, found[0].name


def measured(
    tx: Connection,
    library: Library,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    scope: str,
) -> Summary:
    """The summary of the week that begins on `monday`."""
    return summarise(period(tx, library, staff, communities, monday, zone, scope))
