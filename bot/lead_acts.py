"""What the terminal does with leads: keeps a list and tells who has to work it."""

from collections import Counter
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from sop.model import Strict
from storage import audit, leads, outbox
from storage.leads import NewLead

AT_ONCE = 500
"""Leads of one act: it travels in one line."""


class SealedLead(Strict):
    """A lead without its number."""

    line: int
    name: str
    phone: str
    """Sealed."""
    phone_hash: str
    masked: str
    priority: int
    staff: str
    community: str
    variant: str
    benefit: str
    note: str
    former_hashes: tuple[str, ...] = ()
    """Of the same number, under the keys that came before: rows may still be kept under them."""

    def hashes(self) -> tuple[str, ...]:
        """Under which the number may be known."""
        return (self.phone_hash, *self.former_hashes)

    def kept(self) -> dict[str, Any]:
        """What becomes a row."""
        return self.model_dump(exclude={"former_hashes"})


class ImportLeads(Strict):
    """A part of a list is kept."""

    act: Literal["import_leads"] = "import_leads"
    by: str
    named: str
    channel: str
    leads: list[SealedLead]

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done; whose number is known already is left alone. The same part again changes
        nothing."""
        known = leads.known(tx, [hash for one in self.leads for hash in one.hashes()])
        rows = [
            NewLead(list=self.named, channel=self.channel, created_at=now, **one.kept())
            for one in self.leads
            if known.isdisjoint(one.hashes())
        ]
        added = leads.add(tx, rows)
        if added:
            self._tell(tx, rows, now)
            audit.note(tx, self.by, "导入线索", self.named, f"{self.channel} {added} 条", now)
        return f"写入 {added} 条，{len(self.leads) - added} 条以前就有"

    def _tell(self, tx: Connection, rows: list[NewLead], now: datetime) -> None:
        """Owed by the outbox, which a running service sends."""
        first = min(one.line for one in rows)
        letters = [
            outbox.NewLetter(
                dedup_key=f"leads/{self.named}/{first}/{staff}",
                channel="app_message",
                target={"user": staff},
                body={"markdown": f"📋 新名单“{self.named}”有 {n} 位分给您，发“线索”查看。"},
                order_key=f"app:{staff}",
                not_before=now,
                created_at=now,
            )
            for staff, n in sorted(Counter(one.staff for one in rows).items())
        ]
        outbox.add(tx, letters)
