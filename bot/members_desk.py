"""What the terminal shows of members' data. Names are masked: the file that a member asked for is
the only place where everything stands."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.desk import Refused
from sop.notice import masked
from storage import erasing, member_data, people, privacy, retention

UNKNOWN = "没有这位成员的资料，请核对编号（qunyun members list）。"


def member_lines(
    tx: Connection, community: str | None, name: str | None, asked: bool, limit: int, zone: ZoneInfo
) -> str:
    """One line per member: id, masked name, communities, wishes."""
    wishes = {one.member: one.at for one in privacy.requests(tx)}
    found = people.listed(tx, community, name, wishes if asked else None, limit)
    out = privacy.opted_out(tx)
    lines = []
    for id, called, places in found:
        words = [f"{id}　{masked(called)}　{places or '已离开'}"]
        words += ["退出统计"] if id in out else []
        if id in wishes:
            words.append(f"{wishes[id].astimezone(zone):%Y-%m-%d} 申请删除")
        lines.append("　".join(words))
    waiting = f"，{len(wishes)} 位申请了删除" if wishes else ""
    return "\n".join([*lines, f"列出 {len(found)} 位{waiting}"])


def member_card(tx: Connection, member: str, zone: ZoneInfo) -> str:
    """What is kept about one member, counted. Raises Refused."""
    if not erasing.is_known(tx, member):
        raise Refused(_gone(tx, member, zone) or UNKNOWN)
    lines = [f"{member}　{masked(people.name(tx, member))}"]
    out, asked = privacy.opted_out_at(tx, member), privacy.erasure_asked_at(tx, member)
    lines += [f"{out.astimezone(zone):%Y-%m-%d} 退出统计"] if out else []
    lines += [f"{asked.astimezone(zone):%Y-%m-%d} 申请删除"] if asked else []
    lines += [f"{title}　{number} 条" for title, number in member_data.counts(tx, member)]
    return "\n".join(lines)


def member_file(tx: Connection, member: str, now: datetime) -> str:
    """Everything kept about one member as JSON, for the member. Raises Refused."""
    if not erasing.is_known(tx, member):
        raise Refused(UNKNOWN)
    content = {
        "成员编号": member,
        "导出时间": now.isoformat(timespec="seconds"),
        "资料": member_data.export(tx, member),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"


def proof_lines(tx: Connection, member: str, zone: ZoneInfo) -> tuple[bool, str]:
    """Whether a member was erased for good, and what proves it."""
    rows = erasing.of(tx, member)
    if not rows:
        return False, "没有这位成员的删除证明。"
    lines = []
    for row in rows:
        lines.append(
            f"{row.id} 号证明　{row.at.astimezone(zone):%Y-%m-%d %H:%M}　{row.by}　{row.reason}"
        )
        lines += [f"  {what}　{number}" for what, number in sorted(row.counts.items())]
        lines.append(f"  成员散列 {row.member_hash}\n  证明 {row.proof}")
    changed = erasing.broken(tx)
    left = erasing.traces(tx, member)
    if changed:
        lines.append(f"❌ 证明被改过：{'、'.join(map(str, changed))} 号")
    else:
        lines.append("✅ 证明的散列链完整")
    if left:
        places = "、".join(f"{where} {number} 处" for where, number in sorted(left.items()))
        lines.append(f"❌ 数据库里又有了这个编号：{places}（成员可能又参加了活动）")
    else:
        lines.append("✅ 数据库里没有这个编号")
    return not changed and not left, "\n".join(lines)


def retention_lines() -> str:
    """How long each kind of record is kept, and why."""
    does = {"deleted": "删除", "blanked": "清空内容"}
    lines = [
        f"{one.title}（{one.table}）　{one.keeps.days} 天后{does[one.deed]}　{one.why}"
        for one in retention.TERMS
    ]
    fixed = [f"{title}（{tables}）　{term}　{why}" for title, tables, term, why in retention.FIXED]
    return "\n".join([*lines, *fixed, "每天凌晨办理，分批进行。"])


def _gone(tx: Connection, member: str, zone: ZoneInfo) -> str:
    rows = erasing.of(tx, member)
    if not rows:
        return ""
    day = f"{rows[-1].at.astimezone(zone):%Y-%m-%d}"
    return f"这位成员的资料 {day} 删除了，证明 {rows[-1].id} 号。"
