"""A group-send task of which no answer came: was it made?

WeCom lists the tasks of a sender with their texts, but names a group only once the message is
there. So of several equal ones that are in doubt at the same time, those not yet confirmed are
cancelled and made anew: better a second notice than a message twice in a group.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.wecom.group_send import GroupSend
from storage import assist_tasks, outbox
from storage.assist_tasks import TaskRow
from storage.database import Database
from storage.outbox import OutboxRow

_MARGIN = timedelta(minutes=1)
"""WeCom's clock may differ from ours."""


async def find_lost(
    database: Database, send: GroupSend, row: TaskRow, letter: OutboxRow, now: datetime
) -> str | None:
    """The msgid of the task that the letter made; None: it made none, or none that is left.

    Raises what the calls raise: nothing is decided then.
    """
    since = letter.created_at - _MARGIN
    known, rivals = await database.read(lambda tx: _what_is_known(tx, letter, since))
    made = await send.made(row.owner, row.single, since, now + _MARGIN)
    text = str(letter.body["text"])
    found = [one.msgid for one in made if one.text == text and one.msgid not in known]
    open_ones: list[str] = []
    for msgid in found:
        if await send.confirmed_at(msgid, row.owner) is None:
            open_ones.append(msgid)
        elif _reached(letter) & set(await send.results(msgid, row.owner)):
            return msgid
    if not rivals and open_ones:
        keep, *open_ones = open_ones
    else:
        keep = None
    for msgid in open_ones:
        await send.cancel(msgid)
    return keep


def _what_is_known(tx: Connection, letter: OutboxRow, since: datetime) -> tuple[set[str], int]:
    """Tasks that belong to other letters, and how many other letters are in doubt that say the
    same through the same colleague."""
    same = [
        one
        for one in outbox.unsettled(tx, assist_tasks.CHANNEL)
        if one.id != letter.id
        and one.attempts > 0
        and one.target["user"] == letter.target["user"]
        and one.body["text"] == letter.body["text"]
    ]
    return assist_tasks.known_msgids(tx, since), len(same)


def _reached(letter: OutboxRow) -> set[str]:
    """Group or customers that the letter was for."""
    return set(letter.body.get("members") or [letter.target["chat_id"]])
