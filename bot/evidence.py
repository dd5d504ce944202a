"""The evidence of a closed deck, for anybody who wants to check it without trusting us."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.desk import Refused
from sop.campaign import Campaign
from sop.draws.evidence import evidence
from sop.money import yuan
from storage import deck_log, decks, draws
from storage.deck_values import DeckRow


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
    value = evidence_of(tx, closed_deck(tx, number))
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def closed_deck(tx: Connection, number: int) -> DeckRow:
    """A deck whose seed is public. Raises Refused."""
    row = decks.get(tx, number)
    if row is None:
        raise Refused(f"没有 {number} 号奖池，请看 qunyun campaign list")
    if row.closed_at is None:
        raise Refused(f"{number} 号奖池还没有结束，种子要到结束时才公布")
    if not row.log_length:
        raise Refused(f"{number} 号奖池是旧版本开的，没有可以验证的日志")
    return row


def evidence_of(tx: Connection, row: DeckRow) -> Mapping[str, Any]:
    """What a stranger needs to check a closed deck, as it was published and written down then."""
    rules = decks.rules(tx, row.id)
    frozen = row.frozen_at is not None
    return evidence(
        campaign=row.campaign,
        round=row.round,
        mode="entrants" if row.mode == "entrants" else "instant",
        public_value=row.public_value,
        rules=rules,
        rules_hash=row.rules_hash,
        seed=bytes.fromhex(decks.seed(tx, row.id)),
        cards=Campaign.model_validate(rules, strict=False).cards,
        commitment=row.commitment,
        entrants=[one.code for one in draws.entrants(tx, row.id)] if frozen else [],
        log=[one.entry for one in deck_log.entries(tx, row.id)],
        head=row.head,
    )


def judge(file: bytes, receipt: str = "") -> tuple[bool, str]:
    """Checks an evidence file, and whether it holds a member's code or receipt: whether all is
    well, and what to tell."""
    from sop.draws.verify import read, receipts, report, verify

    try:
        value = read(file)
    except ValueError as error:
        return False, f"❌ {error}"
    problems = verify(value)
    found = not problems and (not receipt or bool(receipts(value, receipt)))
    return found, report(value, problems, receipt)


def _state(row: DeckRow, zone: ZoneInfo) -> str:
    def local(at: datetime) -> str:
        return f"{at.astimezone(zone):%m-%d %H:%M}"

    if row.closed_at is not None:
        return f"{local(row.closed_at)} 结束（{row.close_reason}）"
    return f"开放到 {local(row.closes_at)}" if row.closes_at else "开放中"
