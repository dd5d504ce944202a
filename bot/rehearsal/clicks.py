"""Tracked links in a rehearsal: who opens what the group, or a member alone, was sent.

A click is written down as `/go/` writes it down, without its doubts about robots: nobody here is
one. Clicks of a few minutes go together.
"""

import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.due import Due
from bot.letters import Origin
from bot.links import GO
from bot.rehearsal.messages import Message
from bot.rehearsal.people import Account
from sop.effects import OpenLink
from storage import links
from storage.links import LinkRow

SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=3)
"""After a link was read: nobody opens it sooner, or later."""
TOGETHER = timedelta(minutes=5)
_TOKEN = re.compile(re.escape(GO) + r"([0-9A-Za-z_-]+)")


@dataclass(frozen=True, slots=True, order=True)
class Click:
    """Somebody will open a link."""

    at: datetime
    who: str
    link: str


@dataclass(slots=True)
class Clicks:
    """What members will open."""

    _agenda: list[Click] = field(default_factory=list)

    def next_at(self) -> datetime | None:
        """When the next click comes."""
        return self._agenda[0].at if self._agenda else None

    def read(self, link: LinkRow, there: Iterable[Account], at: datetime) -> None:
        """A link is read from an instant on: by the member whose own it is, or by everybody who is
        there."""
        for one in there:
            label = f"click/{link.occurrence}/{link.name}"
            if link.member not in (None, one.id):
                continue
            if one.me.chance.percent(label, one.temperament.clicks):
                seconds = one.me.chance.between(
                    f"{label}/at", int(SOONEST.total_seconds()), int(LATEST.total_seconds())
                )
                click = Click(_together(at + timedelta(seconds=seconds)), one.id, link.token)
                heapq.heappush(self._agenda, click)

    def open(self, tx: Connection, due: Due, now: datetime) -> None:
        """Everything that is opened by now."""
        while self._agenda and self._agenda[0].at <= now:
            one = heapq.heappop(self._agenda)
            link = links.get(tx, one.link)
            if link is not None:
                opened = OpenLink(one.link, link.community, one.who, "")
                origin = Origin(f"go/{one.link}/{one.who}/{now.isoformat()}", now)
                due.runtime.apply(tx, [opened], origin)


def given(tx: Connection, messages: Iterable[Message]) -> list[tuple[LinkRow, datetime]]:
    """The links that stand in messages, each with when it was read."""
    found = []
    for message in messages:
        for token in dict.fromkeys(_TOKEN.findall(message.text)):
            link = links.get(tx, token)
            if link is not None:
                found.append((link, message.at))
    return found


def holds_link(message: Message) -> bool:
    """Whether a message leads anywhere that is counted."""
    return GO in message.text


def _together(at: datetime) -> datetime:
    """The next full five minutes."""
    since = at - datetime(2000, 1, 1, tzinfo=UTC)
    return at + -since % TOGETHER
