"""Finds a member's id and name in texts and JSON, and puts something else in their place."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, cast, or_, select, update

from storage.tables.work import Inbox, Outbox
from storage.types import table

BLANK = "（内容已按成员要求删除）"
IN_GROUPS = ("group_robot", "aibot_push", "assist", "group_task")
"""Channels whose letters everybody in a group has read: proof of what was announced, so they keep
their text."""
_OUTBOX = table(Outbox)
_INBOX = table(Inbox)
_WORD = r"[0-9A-Za-z_-]"
_SHORTEST_NAME = 2
"""Characters: a shorter name is found where it stands alone only."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom to look for, and what to put instead."""

    id: str
    pseudonym: str
    nobody: str
    names: tuple[str, ...]

    def in_text(self, text: str) -> bool:
        """Whether a text holds the id as a word of its own."""
        return re.search(self._word(), text) is not None

    def without(self, text: str) -> str:
        """The text with everything replaced."""
        text = re.sub(self._word(), self.pseudonym, text)
        if text in self.names:
            return self.nobody
        for name in self._long_names():
            text = text.replace(name, self.nobody)
        return text

    def mended(self, value: Any) -> Any:
        """The same of JSON, keys included."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.mended(one) for one in value]
        if isinstance(value, dict):
            return {self.without(key): self.mended(one) for key, one in value.items()}
        return value

    def in_column(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Rows that may hold any of it."""
        texts = {self.id, *self._long_names()}
        # A name with quotes is escaped within JSON.
        texts |= {json.dumps(one, ensure_ascii=False)[1:-1] for one in texts}
        whole = cast(column, Text)
        return or_(*(whole.contains(one, autoescape=True) for one in sorted(texts)))

    def _word(self) -> str:
        return f"(?<!{_WORD}){re.escape(self.id)}(?!{_WORD})"

    def _long_names(self) -> list[str]:
        long = {one for one in self.names if len(one) >= _SHORTEST_NAME}
        return sorted(long, key=lambda one: (-len(one), one))


def mended(
    tx: Connection,
    place: Table,
    columns: Sequence[str],
    names: Mentions,
    only: Sequence[ColumnElement[bool]] = (),
) -> int:
    """Mends these columns of a table. Returns how many rows were changed."""
    keys = list(place.primary_key.columns)
    chosen = [place.c[one] for one in columns]
    there = or_(*(names.in_column(one) for one in chosen))
    changed = 0
    for row in tx.execute(select(*keys, *chosen).where(there, *only)).all():
        key, old = row[: len(keys)], dict(zip(columns, row[len(keys) :], strict=True))
        new = {name: names.mended(value) for name, value in old.items()}
        if new != old:
            mine = [column == value for column, value in zip(keys, key, strict=True)]
            tx.execute(update(place).where(*mine).values(new))
            changed += 1
    return changed


def blank_letters(tx: Connection, names: Mentions) -> dict[str, int]:
    """Events of the member and settled 1:1 letters that mention them lose their contents whole:
    what stands around a name may tell as much as the name. What was given up is given up for
    good, so that nobody sends a blank."""
    events = names.in_column(_INBOX.c.event)
    handled = update(_INBOX).where(events, _INBOX.c.status != "pending")
    read = tx.execute(handled.values(event={}, error="")).rowcount
    letters = names.in_column(_OUTBOX.c.body) | names.in_column(_OUTBOX.c.target)
    mine = letters & _OUTBOX.c.channel.not_in(IN_GROUPS)
    settled = _OUTBOX.c.status.not_in(("pending", "sending"))
    stuck = update(_OUTBOX).where(mine, _OUTBOX.c.status.in_(("dead", "unknown")))
    tx.execute(stuck.values(status="dropped"))
    body: Mapping[str, str] = {"text": BLANK}
    sent = tx.execute(update(_OUTBOX).where(mine, settled).values(body=body)).rowcount
    counts = {"inbox: blanked": read, "outbox: blanked": sent}
    return {name: number for name, number in counts.items() if number}
