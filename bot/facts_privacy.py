"""Answers to the core's questions about members' wishes (`sop.privacy_ports`), from rows."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from sop.privacy_ports import ErasureWish
from storage import member_data, privacy


class SqlPrivacyFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def opted_out(self, member: str) -> bool:
        return privacy.opted_out_at(self._tx, member) is not None

    def opted_out_at(self, member: str) -> datetime | None:
        return privacy.opted_out_at(self._tx, member)

    def rule_tags(self, member: str) -> Sequence[tuple[str, str]]:
        return privacy.rule_tags(self._tx, member)

    def noticed(self, members: Collection[str]) -> Collection[str]:
        return privacy.noticed(self._tx, members)

    def erasure_asked_at(self, member: str) -> datetime | None:
        return privacy.erasure_asked_at(self._tx, member)

    def erasure_wishes(self) -> Sequence[ErasureWish]:
        rows = privacy.requests(self._tx)
        return [ErasureWish(one.member, one.community, one.at) for one in rows]

    def kept(self, member: str) -> Sequence[tuple[str, int]]:
        return member_data.counts(self._tx, member)
