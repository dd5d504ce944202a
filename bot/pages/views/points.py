"""Points: what the member has, what they are good for, and redeeming."""

import re

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import View, Visit
from sop import points, points_words
from sop.effects import Effect, HideFromRanking, Reply

_REQUEST = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{1,4}")


async def _show(visit: Visit) -> web.StreamResponse:
    request = visit.desk.chance(16)

    def work(seat: Seat) -> web.StreamResponse:
        page = points_words.page(seat.facts, seat.library, seat.community, seat.person, seat.now)
        return visit.page("points.html", seat, points=page, request=request)

    return await visit.look_agreed(work)


async def _redeem(visit: Visit) -> tuple[str, str]:
    form = visit.form
    if form.get("ranking") in ("hide", "show"):
        hidden = form["ranking"] == "hide"
        answer = await visit.act(visit.desk.chance(8), lambda seat: _rank(seat, hidden))
        return "/m/points", answer
    number, request = form.get("number", ""), form.get("request", "")
    if not _NUMBER.fullmatch(number) or not _REQUEST.fullmatch(request):
        raise Trouble(400, "没有兑换成", "请回到积分页，再点一次。积分没有扣。", HOME)

    def work(seat: Seat) -> list[Effect]:
        return points.redeem(
            seat.facts,
            seat.library,
            seat.community,
            seat.person,
            int(number),
            request,
            seat.now,
        )

    return "/m/points", await visit.act(f"redeem/{request}", work)


def _rank(seat: Seat, hidden: bool) -> list[Effect]:
    said = "积分榜上不再有您，积分照常。" if hidden else "积分榜上又有您了。"
    return [HideFromRanking(seat.person, hidden), Reply(said)]


VIEW = View("/m/points", _show, _redeem)
