"""The decks whose rules and odds can be read."""

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.view import View, Visit
from sop import lottery


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        offers = lottery.offers(seat.facts, seat.community, seat.person, seat.now)
        return visit.page("rules_list.html", seat, offers=offers)

    return await visit.look(work)


VIEW = View("/m/rules", _show)
