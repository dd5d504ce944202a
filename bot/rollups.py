"""`qunyun rollups`: whether the rollups are what the single rows add up to, and mending: the daily
counts against raw actions, the money against awards and payouts.

The terminal looks by itself, beside a running service; what differs is mended one day of one
community to a transaction. Part of `bot.acts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from bot.desk import Refused
from sop.model import Strict
from storage import rollups, spending
from storage.database import Database
from storage.rollups import Wrong

MOST_DAYS = 100
"""Days mended by one act: a service answers within seconds."""
_SHOWN = 50
"""Days told one by one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What differs."""

    since: date
    """The first day whose actions are all there."""
    days: Sequence[Wrong]
    money: int
    """Rows of the rollup of money."""

    @property
    def fine(self) -> bool:
        """Nothing does."""
        return not self.days and not self.money


def look(tx: Connection, now: datetime) -> Found:
    """Compares everything."""
    since = rollups.provable_since(now)
    return Found(since, rollups.differing(tx, since), spending.differing(tx))


class RebuildSpending(Strict):
    """The rollup of money is to be made anew."""

    act: Literal["rebuild_spending"] = "rebuild_spending"

    def do(self, tx: Connection, now: datetime) -> str:
        """All of it at once."""
        return f"重新汇总了资金，共 {spending.rebuild(tx)} 行。"


class RebuildRollups(Strict):
    """Days of communities whose rollups are to be made anew."""

    act: Literal["rebuild_rollups"] = "rebuild_rollups"
    days: list[tuple[str, date]]

    def do(self, tx: Connection, now: datetime) -> str:
        """All of them at once. Raises Refused for a day that cannot be proved any more."""
        for community, day in self.days:
            _rebuild(tx, community, day, now)
        return f"重新汇总了 {len(self.days)} 个社群日。"

    async def to_the_end(self, database: Database, now: datetime) -> str:
        """Each in a transaction of its own; what was done. Raises Refused."""
        for community, day in self.days:
            await database.write(partial(_rebuild, community=community, day=day, now=now))
        return f"重新汇总了 {len(self.days)} 个社群日。"


def _rebuild(tx: Connection, community: str, day: date, now: datetime) -> None:
    since = rollups.provable_since(now)
    if day < since:
        raise Refused(f"{day} 的逐条记录已经不全，不能重新汇总；{since} 起的可以。")
    rollups.rebuild(tx, community, day)


def told(found: Found) -> str:
    """What was found, for the terminal."""
    return "\n".join([*_days_told(found.days, found.since), _money_told(found.money)])


def _days_told(wrong: Sequence[Wrong], since: date) -> list[str]:
    if not wrong:
        return [f"{since} 起，每天的活跃次数和逐条记录一致（更早的逐条记录已过保存期限）。"]
    lines = [f"{since} 起，有 {len(wrong)} 个社群日和逐条记录不一致："]
    lines += [
        f"{one.community} {one.day}：缺 {one.missing} 行，错 {one.extra} 行"
        for one in wrong[:_SHOWN]
    ]
    if len(wrong) > _SHOWN:
        lines.append(f"另有 {len(wrong) - _SHOWN} 个。")
    return lines


def _money_told(wrong: int) -> str:
    if not wrong:
        return "资金汇总和奖品一致。"
    return f"资金汇总有 {wrong} 行和奖品不一致。"
