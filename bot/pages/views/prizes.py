"""The member's own prizes, and taking them. Who took the consent back still gets what was won."""

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.view import View, Visit
from sop import prizes
from sop.effects import Effect

LONGEST_ORDER = 64


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        wallet = prizes.wallet(seat.facts, seat.community, seat.person, seat.now)
        return visit.page("prizes.html", seat, wallet=wallet)

    return await visit.look(work)


async def _claim(visit: Visit) -> tuple[str, str]:
    order = visit.form.get("order", "")[:LONGEST_ORDER]

    def work(seat: Seat) -> list[Effect]:
        return prizes.claim(seat.facts, seat.community, seat.person, order, seat.now)

    return "/m/prizes", await visit.act_anyway(f"claim/{order}", work)


VIEW = View("/m/prizes", _show, _claim)
