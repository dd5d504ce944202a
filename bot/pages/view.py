"""What a page of the member page is: one file in `bot/pages/views` exporting `VIEW`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from bot.pages.desk import Desk, Seat
from bot.pages.keys import Visitor
from bot.pages.shape import Shape
from bot.pages.trouble import HOME, Trouble
from sop.effects import Effect
from sop.game import Player
from sop.word import Asking
from sop.words import all_words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who came in by the door."""

    request: web.Request
    visitor: Visitor
    now: datetime
    desk: Desk
    shape: Shape
    form_key: str
    answered: str
    """What the last act was answered with; shown once."""
    form: Mapping[str, str] = field(default_factory=dict)
    """Fields of a POST."""

    async def look(self, work: Callable[[Seat], T]) -> T:
        """What the work finds in one snapshot."""
        return await self.desk.look(self.visitor, self.now, work)

    async def look_agreed(self, work: Callable[[Seat], T]) -> T:
        """The same, for who has agreed to the terms. Raises AskConsent."""

        def agreed(seat: Seat) -> T:
            _must_agree(seat)
            return work(seat)

        return await self.look(agreed)

    async def act(self, request: str, work: Callable[[Seat], list[Effect]]) -> str:
        """Does what the core says for a member who has agreed to the terms; the answer to show.
        Raises AskConsent, and Trouble for a colleague."""

        def agreed(seat: Seat) -> list[Effect]:
            _must_agree(seat)
            return work(seat)

        return await self.act_anyway(request, agreed)

    async def act_anyway(self, request: str, work: Callable[[Seat], list[Effect]]) -> str:
        """The same without having agreed. Raises Trouble for a colleague."""
        if self.visitor.is_staff:
            raise only_looking()
        replies = await self.desk.act(self.visitor, self.now, request, work)
        return "\n".join(replies)

    def page(self, template: str, seat: Seat, **values: Any) -> web.Response:
        """The page, with what every page shows."""
        shared = {
            "community": seat.community,
            "name": seat.name,
            "is_staff": seat.is_staff,
            "company": self.desk.company,
            "form_key": self.form_key,
            "answered": self.answered,
            "now": self.now,
            "zone": seat.community.zone,
            "here": self.request.path,
        }
        return self.shape.page(template, shared | values)


class AskConsent(Exception):
    """The visitor must read the terms first."""


@dataclass(frozen=True, slots=True)
class View:
    """A page: its path, what it shows, and what a form on it does (which returns a path to go to
    and what to say there)."""

    path: str
    show: Callable[[Visit], Awaitable[web.StreamResponse]]
    does: Callable[[Visit], Awaitable[tuple[str, str]]] | None = None


def _must_agree(seat: Seat) -> None:
    if not seat.is_staff and not seat.consented:
        raise AskConsent


def only_looking() -> Trouble:
    """A colleague pressed a button."""
    text = "您是本行同事：可以看，不能参加。活动面向客户，同事不参加抽奖和游戏。"
    return Trouble(403, "同事只能看", text, HOME)


def streak(seat: Seat, today: date) -> int:
    """Days in a row with a check-in up to today; who has not come yet today still has them."""
    of = seat.facts.points.streak
    community, member = seat.community.id, seat.person
    return of(community, member, today) or of(community, member, today - timedelta(days=1))


def word(seat: Seat, name: str) -> list[Effect]:
    """What the member would get by saying a word to the bot (`sop.words`)."""
    player = Player(seat.person, seat.name)
    asking = Asking(seat.facts, seat.library, seat.community, player, name, "", seat.now)
    return list(all_words()[name].handle(asking))
