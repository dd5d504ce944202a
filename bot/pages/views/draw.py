"""One deck: its odds, the button, and what the member has drawn.

Each page carries a key of its own: a form that is sent twice, from one phone or two, is one draw.
"""

import re

from aiohttp import web

from bot.pages.decks import deck_page, number_in
from bot.pages.desk import Seat
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import View, Visit
from sop import lottery
from sop.effects import Effect, TakeCard

_REQUEST = re.compile(r"[0-9a-f]{32}")


async def _show(visit: Visit) -> web.StreamResponse:
    deck = number_in(visit)
    request = visit.desk.chance(16)

    def work(seat: Seat) -> web.StreamResponse:
        return visit.page("draw.html", seat, request=request, **deck_page(seat, deck))

    return await visit.look_agreed(work)


async def _draw(visit: Visit) -> tuple[str, str]:
    deck, request = number_in(visit), visit.form.get("request", "")
    if not _REQUEST.fullmatch(request):
        text = "请回到首页，再点一次抽奖。您的机会还在。"
        raise Trouble(400, "没有抽成", text, HOME)

    drew = False

    def work(seat: Seat) -> list[Effect]:
        nonlocal drew
        effects = lottery.draw_from(
            seat.facts, seat.community, seat.person, deck, request, seat.now
        )
        drew = any(isinstance(one, TakeCard) for one in effects)
        return effects

    answer = await visit.act(f"{deck}/{request}", work)
    # What was drawn is what the page shows first.
    return f"/m/draw/{deck}", "" if drew else answer


VIEW = View("/m/draw/{deck}", _show, _draw)
