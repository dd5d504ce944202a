"""What a person should look at before a prize is paid: signs of many accounts in one hand.

A flag accuses nobody. It only takes a payout out of what is approved in one go, or by itself.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BURST = timedelta(minutes=10)
BURST_JOINS = 30
"""More people than these in a community within `BURST` before a winner joined are a burst: a
community fills by a few an hour, and by bursts when somebody brings a list."""
FELLOWS = 5
"""More winners of one campaign than these by one inviter."""
NAMESAKES = 3
"""So many winners of one campaign under one name."""


@dataclass(frozen=True, slots=True)
class Win:
    """A prize that falls due, with what is known of its winner."""

    order_no: str
    member: str
    name: str
    community: str
    joined_at: datetime | None
    """The latest stay; None if the member was never seen in the community."""
    left: bool
    inviter: str
    """Who brought the winner; empty: nobody known."""
    fellows: int
    """Winners of the same campaign that this inviter brought, this one included."""
    namesakes: int
    """Winners of the same campaign of this name, this one included."""


def flags(win: Win, joins: Sequence[datetime], colleagues: Collection[str]) -> tuple[str, ...]:
    """Why a person should look, each reason a short line; empty when there is none.

    `joins` are the instants at which people joined the winner's community, in order;
    `colleagues` are ids and names of staff.
    """
    found = []
    if win.left:
        found.append("已退群：到期时不在群里")
    if win.member in colleagues or (win.name and win.name in colleagues):
        found.append("疑似员工：与同事同名或同号")
    if win.inviter and win.fellows > FELLOWS:
        found.append(f"同一邀请人：同一个人邀请了 {win.fellows} 位中奖者")
    if win.name and win.namesakes >= NAMESAKES:
        found.append(f"同名账号：{win.namesakes} 位中奖者昵称相同")
    crowd = _crowd(win.joined_at, joins)
    if crowd > BURST_JOINS:
        minutes = int(BURST.total_seconds()) // 60
        found.append(f"批量进群：进群前 {minutes} 分钟里有 {crowd} 人进群")
    return tuple(found)


def _crowd(joined_at: datetime | None, joins: Sequence[datetime]) -> int:
    if joined_at is None:
        return 0
    return bisect_right(joins, joined_at) - bisect_left(joins, joined_at - BURST)
