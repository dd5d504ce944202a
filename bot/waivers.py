"""Every waiver of a compliance rule is written into the audit, with its reason, once."""

from datetime import datetime

from sqlalchemy import Connection

from bot.due import Due
from bot.letters import Origin
from sop.effects import Record
from storage import audit

ACTOR, ACTION = "library", "合规豁免"
_MANY = 10_000


def write_down(tx: Connection, due: Due, now: datetime) -> None:
    """Those of the library that the audit does not have yet."""
    known = {(one.subject, one.detail) for one in audit.listing(tx, ACTOR, _MANY)}
    found = {(f"{one.file}：{one.rule}", one.reason) for one in due.library.waived}
    records = [Record(ACTOR, ACTION, *one) for one in sorted(found - known)]
    due.runtime.apply(tx, records, Origin(f"waivers/{now.isoformat()}", now))
