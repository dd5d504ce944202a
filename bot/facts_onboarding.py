"""Answers to the core's questions about arrivals and the gate (`sop.onboarding_ports`)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from sop.onboarding_ports import ArrivalFacts
from storage import channel_ways, onboarding, welcomes


class SqlOnboardingFacts:
    """One transaction's view; `gated` tells whether the bank is asked who its customers are."""

    def __init__(self, tx: Connection, gated: bool) -> None:
        self._tx = tx
        self._gated = gated

    def gate(self, member: str) -> str:
        if not self._gated:
            return "none"
        known = welcomes.check_of(self._tx, member)
        return (known.verdict if known else "") or "waiting"

    def channel_of(self, member: str) -> str:
        return onboarding.channel_of(self._tx, member)

    def arrival(self, member: str, staff: str) -> ArrivalFacts | None:
        row = onboarding.open_arrival(self._tx, member, staff)
        if row is None:
            return None
        return arrival_facts(row, onboarding.names(self._tx, [member]).get(member, ""))

    def silent(self, channel: str, staff: Sequence[str], until: datetime) -> Sequence[ArrivalFacts]:
        rows = onboarding.silent(self._tx, channel, staff, until)
        names = onboarding.names(self._tx, {one.member for one in rows})
        return [arrival_facts(one, names.get(one.member, "")) for one in rows]

    def way_in(self, channel: str, community: str) -> str:
        return channel_ways.qr_of(self._tx, channel, "group", community)


def arrival_facts(row: onboarding.ArrivalRow, name: str) -> ArrivalFacts:
    """A row as the core sees it."""
    return ArrivalFacts(
        row.id,
        row.member,
        name,
        row.staff,
        row.channel,
        row.at,
        row.gate,
        row.invited_at,
        row.joined_at,
        row.community,
    )
