"""What the terminal shows and does with owed messages."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage import outbox

LETTER_WORDS = {
    "pending": "待发",
    "sending": "发送中",
    "sent": "已发",
    "unknown": "搁置",
    "dead": "发不出",
    "expired": "已过期",
    "dropped": "已丢弃",
}


class Refused(Exception):
    """What was asked for cannot be done; the text says why."""


OWED = ("pending", "sending", "unknown", "dead", "expired")
"""What waits, is held or failed: a person may have to do something about it."""


def outbox_lines(
    tx: Connection, status: str | None, limit: int, zone: ZoneInfo, *, every: bool = False
) -> str:
    """One line per letter: number, state, why, and where to; of all states, one, or those that
    are owed. Bodies and keys are not shown."""
    known(status, LETTER_WORDS)
    wanted = (status,) if status is not None else tuple(LETTER_WORDS) if every else OWED
    rows = outbox.in_states(tx, wanted, limit)
    lines = [
        f"{row.id:>6}  {LETTER_WORDS[row.status]}  {row.channel}  "
        f"{row.not_before.astimezone(zone):%m-%d %H:%M}  "
        f"试过 {row.attempts} 次  {row.reason}".rstrip()
        for row in rows
    ]
    counts = "，".join(f"{LETTER_WORDS[one]} {n}" for one, n in sorted(outbox.counts(tx).items()))
    if counts and not rows and status is None:
        lines = ["没有欠着的消息。全部消息：qunyun outbox list --all"]
    return "\n".join([*lines, counts or "发件箱是空的"])


def outbox_act(tx: Connection, verb: str, number: int, reason: str, now: datetime) -> str:
    """retry, hold or drop one letter by hand."""
    row = next((one for one in outbox.listing(tx, None, 100_000) if one.id == number), None)
    if row is None:
        raise Refused(f"发件箱里没有 {number} 号")
    if verb == "retry":
        done = outbox.retry(tx, number, now)
    elif verb == "drop":
        done = outbox.drop(tx, number, reason, now)
    else:
        done = row.status == "pending"
        if done:
            outbox.hold(tx, number, reason, now)
    if not done:
        raise Refused(f"{number} 号现在是“{LETTER_WORDS[row.status]}”，不能这样处理")
    words = {"retry": "会再发一次", "drop": "不再发送", "hold": "先搁置"}
    return f"{number} 号{words[verb]}"


def known(status: str | None, words: Mapping[str, str]) -> None:
    """Raises Refused, naming the choices, for a status that is none."""
    if status is not None and status not in words:
        choices = "、".join(f"{one}（{word}）" for one, word in words.items())
        raise Refused(f"没有“{status}”这种状态；可以是：{choices}")
