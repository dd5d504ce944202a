"""Answers to the core's questions about tracked links (`sop.links_ports`), read from rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.links import Links
from sop import intent
from sop.links_ports import ClickFacts, Ignored
from storage import links


class SqlLinkFacts:
    """One transaction's view; without `signer` links are not tracked."""

    def __init__(self, tx: Connection, signer: Links | None) -> None:
        self._tx = tx
        self._signer = signer

    def token(self, community: str, occurrence: str, name: str, member: str = "") -> str:
        if self._signer is None:
            return ""
        return self._signer.token(community, occurrence, name, member)

    def address(
        self, community: str, occurrence: str, name: str, url: str, member: str = ""
    ) -> str:
        if self._signer is None:
            return url
        return self._signer.tracked(self._signer.token(community, occurrence, name, member))

    def clicks(self, community: str, member: str, since: datetime) -> Sequence[ClickFacts]:
        return [
            ClickFacts(row.link, row.name, row.intent, row.at, row.day)
            for row in links.clicks_of(self._tx, community, member, since)
        ]

    def ignored(self, community: str, member: str, now: datetime) -> Sequence[Ignored]:
        rows = links.ignored(self._tx, community, member, intent_span(now))
        return [Ignored(row.name, row.made_at) for row in rows]


def intent_span(now: datetime) -> links.Span:
    """The numbers of `sop.intent` as instants, for `storage.links.intent`."""
    return links.Span(
        since=now - intent.CLICKED_WITHIN,
        often=intent.OFTEN,
        sent_since=now - intent.SENT_WITHIN,
        sent_until=now - intent.COLD_AFTER,
    )
