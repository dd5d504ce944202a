"""The evidence of a closed deck, for anybody who wants to check it without trusting us."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.desk import Refused
from sop.campaign import Campaign
from sop.draws.commitment import evidence
from sop.money import yuan
from sop.ports import PrizeCard
from sop.wording import shown
from storage import decks, people


def deck_lines(tx: Connection, zone: ZoneInfo) -> str:
    """One line per deck: number, campaign, round, how many were drawn, until when."""
    rows = decks.listing(tx)
    lines = [
        f"{row.id:>4}  {row.campaign}  {row.round}  {row.community or '各社群共用'}  "
        f"已抽 {row.taken}/{row.size}  预算 {yuan(row.budget_fen)} 元  {_state(row, zone)}"
        for row in rows
    ]
    return "\n".join(lines) or "还没有开过奖池。"


def evidence_json(tx: Connection, number: int) -> str:
    """The evidence file of a closed deck. Raises Refused while it is open: the seed is secret."""
    row = decks.get(tx, number)
    if row is None:
        raise Refused(f"没有 {number} 号奖池，请看 qunyun campaign list")
    if row.closed_at is None:
        raise Refused(f"{number} 号奖池还没有结束，种子要到结束时才公布")
    rules = decks.rules(tx, number)
    published = Campaign.model_validate(rules, strict=False)
    value = evidence(
        campaign=row.campaign,
        round=row.round,
        rules=rules,
        seed=bytes.fromhex(decks.seed(tx, number)),
        cards=[(one.prize, one.amount_fen, one.count) for one in published.deck],
        commitment=row.commitment,
        draws=[
            (one.position, _masked(tx, one.member), PrizeCard(one.prize, one.amount_fen))
            for one in decks.draws(tx, number)
        ],
    )
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def judge(text: str) -> tuple[bool, str]:
    """Checks an evidence file: whether it holds, and what to tell."""
    from sop.draws.verify import verify

    try:
        value: Any = json.loads(text)
    except ValueError as error:
        return False, f"这不是 JSON 文件：{error}"
    problems = verify(value)
    if problems:
        return False, "\n".join(f"❌ {one}" for one in problems)
    return (
        True,
        f"✅ {value['campaign']} {value['round']}：种子、承诺值、牌堆与每一次抽奖都对得上。",
    )


def _masked(tx: Connection, member: str) -> str:
    """The first character of a name and the id's last four: enough to find oneself."""
    name = shown(people.name(tx, member))
    return f"{name[:1]}＊＊（{member[-4:]}）"


def _state(row: decks.DeckRow, zone: ZoneInfo) -> str:
    def local(at: datetime) -> str:
        return f"{at.astimezone(zone):%m-%d %H:%M}"

    if row.closed_at is not None:
        return f"{local(row.closed_at)} 结束（{row.close_reason}）"
    return f"开放到 {local(row.closes_at)}" if row.closes_at else "开放中"
