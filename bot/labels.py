"""Labels as staff read them: why a member wears each, since when, until when, and whether WeCom
shows them."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sop.ports import Facts
from storage import corp_tags, tags
from storage.corp_tags import PushRow
from storage.tags import TagRow

SOURCES = {"rule": "标签规则", "step": "计划步骤"}


def lines(tx: Connection, facts: Facts, member: str, zone: ZoneInfo) -> list[str]:
    """A line for each label, oldest first: `关注基金　李静手动添加（李静，11 月 24 日起）`."""
    troubles = {row.tag: row for row in corp_tags.pushes_of(tx, member) if row.reason and row.add}
    return [_line(facts, one, troubles.get(one.tag), zone) for one in tags.of(tx, member)]


def by_whom(facts: Facts, source: str, added_by: str) -> str:
    """Who put a label on, in words."""
    if source in SOURCES:
        return SOURCES[source]
    colleague = facts.staff(added_by)
    name = colleague.name if colleague else added_by
    return f"{name}在企业微信里" if source == "wecom" else name


def _line(facts: Facts, row: TagRow, trouble: PushRow | None, zone: ZoneInfo) -> str:
    since = row.added_at.astimezone(zone).date()
    facts_of = [by_whom(facts, row.source, row.added_by), f"{_day(since)}起"]
    if row.expires_on is not None:
        facts_of.append(f"到 {_day(row.expires_on)}")
    line = f"· {row.tag}　{row.reason}（{'，'.join(facts_of)}）"
    if trouble is not None:
        line += f"\n> 还没写进企业微信：{trouble.reason}"
    return line


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
