"""The member's own draws, each with what proves it (我的凭证)."""

from aiohttp import web

from bot.pages.decks import proofs
from bot.pages.desk import Seat
from bot.pages.view import View, Visit


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        return visit.page("proofs.html", seat, proofs=proofs(seat))

    return await visit.look(work)


VIEW = View("/m/proofs", _show)
