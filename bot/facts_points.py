"""Answers to the core's questions about points (`sop.points_ports`), read from rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from sop.members_words import LONGEST_STREAK
from sop.points_ports import GatheringOf, Lapse, PointsEntry, Ranked, Wallet
from storage import activity, coupons, games, gatherings, points


class SqlPointsFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection, staff: Collection[str]) -> None:
        self._tx = tx
        self._staff = staff

    def balance(self, member: str) -> int:
        return points.balance(self._tx, member)

    def wallet(self, member: str) -> Wallet:
        row = points.wallet(self._tx, member)
        return Wallet(row.balance, row.earned, row.hidden)

    def history(self, member: str, limit: int) -> Sequence[PointsEntry]:
        rows = points.history(self._tx, member, limit)
        return [PointsEntry(row.points, row.kind, row.reason, row.at) for row in rows]

    def ranking(self, community: str, limit: int) -> Sequence[Ranked]:
        rows = points.ranking(self._tx, community, limit, self._staff)
        return [_ranked(row) for row in rows]

    def place(self, community: str, member: str) -> Ranked | None:
        row = points.place(self._tx, community, member, self._staff)
        return None if row is None else _ranked(row)

    def knows(self, key: str) -> bool:
        return points.known(self._tx, key)

    def earned_on(self, member: str, day: date) -> Mapping[str, int]:
        return points.earned_on(self._tx, member, day)

    def given_by(self, staff: str, day: date) -> int:
        return points.given_by(self._tx, staff, day)

    def lapsing(self, community: str, after: date, until: date) -> Sequence[Lapse]:
        rows = points.lapsing(self._tx, community, after, until)
        return [Lapse(row.member, row.points, row.day) for row in rows]

    def expiring(self, member: str, until: date) -> Sequence[Lapse]:
        rows = points.expiring(self._tx, member, until)
        return [Lapse(row.member, row.points, row.day) for row in rows]

    def taken(self, program: str) -> Mapping[str, int]:
        return points.taken(self._tx, program)

    def coupons_left(self, program: str, item: str) -> int:
        return coupons.left(self._tx, f"points/{program}", item)

    def redemptions(self, member: str, program: str, item: str) -> Sequence[datetime]:
        return points.redemptions(self._tx, member, program, item)

    def earns(self, member: str) -> bool:
        return member not in self._staff

    def streak(self, community: str, member: str, day: date) -> int:
        return activity.streak(self._tx, community, member, day, LONGEST_STREAK)

    def community_of_game(self, session: int) -> str | None:
        row = games.lock(self._tx, session)
        return None if row is None else row.community

    def gathering(self, gathering: int) -> GatheringOf | None:
        row = gatherings.lock(self._tx, gathering)
        return None if row is None else GatheringOf(row.community, row.kind)


def _ranked(row: points.RankRow) -> Ranked:
    return Ranked(row.place, row.member, row.name, row.earned)
