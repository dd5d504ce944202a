"""The evidence file of a deck that is over: codes and hashes, no names."""

from aiohttp import web

from bot.evidence import evidence_json
from bot.pages.decks import deck_here, number_in
from bot.pages.desk import Seat
from bot.pages.shape import HEADERS, NOT_KEPT
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import View, Visit


async def _show(visit: Visit) -> web.StreamResponse:
    number = number_in(visit)

    def work(seat: Seat) -> str:
        deck, _ = deck_here(seat, number)
        if deck.closed_at is None:
            text = "种子和证据文件要到这一期结束时才公布，到时再来核对。"
            raise Trouble(404, "这一期还没有结束", text, HOME)
        return evidence_json(seat.tx, number)

    text = await visit.look(work)
    named = {"Content-Disposition": f'attachment; filename="evidence-{number}.json"'}
    return web.Response(
        text=text, content_type="application/json", headers=HEADERS | NOT_KEPT | named
    )


VIEW = View("/m/evidence/{deck}", _show)
