"""The rules and odds of one deck, as they were published."""

from aiohttp import web

from bot.pages.decks import deck_page, number_in
from bot.pages.desk import Seat
from bot.pages.view import View, Visit


async def _show(visit: Visit) -> web.StreamResponse:
    deck = number_in(visit)

    def work(seat: Seat) -> web.StreamResponse:
        return visit.page("rules.html", seat, **deck_page(seat, deck))

    return await visit.look(work)


VIEW = View("/m/rules/{deck}", _show)
