"""Questions of colleagues that read much are answered beside the writers, from a snapshot.

A manager of hundreds of communities who asks for a ranking must not keep callbacks waiting: the
dispatcher leaves the line where it is, has it answered by a reader, and takes it up again with the
answer. Whatever fails there is done, and fails, where every other event is.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.commands import by_word
from bot.customers import MOST_APART
from bot.due import Due, Moment
from bot.natural import meant
from bot.said import said
from bot.typed import Line, read
from sop.effects import Effect
from sop.events import Said
from sop.seeds import derive
from storage.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that waits for its answer, by the number of its row."""

    row: int
    event: Said


Answers = dict[int, list[Effect] | None]
"""By row; None: it could not be answered beside the writers."""


def reads_much(due: Due, event: Said) -> bool:
    """Whether an event is a question that goes through many communities."""
    if event.overheard or event.sender not in due.settings.staff:
        return False
    if len(due.settings.communities) <= MOST_APART:
        return False
    line = read(meant(event.text) or event.text, by_word())
    return isinstance(line, Line) and line.command.heavy


async def answers(
    database: Database, due: Due, lines: Sequence[Waiting], moment: Moment
) -> Answers:
    """What each of these lines comes to, as of now."""
    found: Answers = {}
    for one in lines:

        def work(tx: Connection, one: Waiting = one) -> list[Effect]:
            seed = derive(moment.seed, f"{one.row}")
            return said(tx, due, one.event, Moment(moment.now, seed))

        try:
            found[one.row] = await database.read(work)
        except Exception:
            log.exception("question failed", extra={"action": "question_failed", "event": one.row})
            found[one.row] = None
    return found
