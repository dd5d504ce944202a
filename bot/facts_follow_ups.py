"""Answers to the core's questions about follow-ups (`sop.follow_up_ports`), read from rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection

from sop.community import Community, Role, Staff
from sop.follow_up_ports import FollowUpFacts
from sop.follow_ups import rule_prefix
from storage import follow_ups, relations
from storage.follow_ups import FollowUpRow

_COLUMNS = [one.name for one in fields(FollowUpFacts) if one.name != "name"]


class SqlFollowUps:
    """One transaction's view."""

    def __init__(
        self, tx: Connection, communities: Mapping[str, Community], staff: Mapping[str, Staff]
    ) -> None:
        self._tx = tx
        self._communities = communities
        self._staff = staff

    def numbered(self, id: int) -> FollowUpFacts | None:
        row = follow_ups.get(self._tx, id)
        return None if row is None else self._named([row])[0]

    def of(self, staff: str) -> Sequence[FollowUpFacts]:
        return self._named(follow_ups.open_for(self._tx, staff))

    def of_member(self, member: str, communities: Sequence[str]) -> Sequence[FollowUpFacts]:
        return self._named(follow_ups.of_member(self._tx, member, communities))

    def open_in(self, community: str) -> Sequence[FollowUpFacts]:
        return self._named(follow_ups.open_in(self._tx, community))

    def every_open(self) -> Sequence[FollowUpFacts]:
        return self._named(follow_ups.every_open(self._tx))

    def lately(self, rule: str, since: datetime) -> Collection[str]:
        return follow_ups.lately(self._tx, rule_prefix(rule), since)

    def rm_of(self, community: str, member: str) -> str:
        owner = self._communities[community].owner
        friends = self.friends_of(member)
        if owner in friends:
            return owner
        known = (self._staff[one] for one in friends if one in self._staff)
        return next((one.id for one in known if Role.RM in one.roles), owner)

    def friends_of(self, member: str) -> Sequence[str]:
        rows = relations.of_member(self._tx, member)
        return [row.staff for row in rows if not row.half]

    def _named(self, rows: Sequence[FollowUpRow]) -> list[FollowUpFacts]:
        names = follow_ups.names(self._tx, [row.member for row in rows])
        return [
            FollowUpFacts(
                **{one: getattr(row, one) for one in _COLUMNS}, name=names.get(row.member, "")
            )
            for row in rows
        ]
