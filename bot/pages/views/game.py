"""The rounds that are played now: what the member sees of them, and the member's moves."""

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.rounds import lately, running
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import View, Visit
from sop import play
from sop.answers import LONGEST
from sop.effects import Effect, Reply
from sop.game import Player


async def _show(visit: Visit) -> web.StreamResponse:
    live = visit.request.query.get("part") == "live"

    def work(seat: Seat) -> web.StreamResponse:
        template = "rounds.html" if live else "game.html"
        return visit.page(template, seat, rounds=running(seat), ended=lately(seat))

    return await visit.look_agreed(work)


async def _say(visit: Visit) -> tuple[str, str]:
    text = visit.form.get("say", "").strip()
    if not text:
        return "/m/game", "请先写下您的回答。"
    if len(text) > LONGEST:
        raise Trouble(413, "写得太长了", f"请写 {LONGEST} 个字以内。", HOME)

    def work(seat: Seat) -> list[Effect]:
        player = Player(seat.person, seat.name)
        moved = play.said(seat.facts, seat.library, seat.community, player, text, seat.now)
        return [Reply(_not_heard(seat))] if moved is None else moved

    return "/m/game", await visit.act(visit.desk.chance(8), work)


def _not_heard(seat: Seat) -> str:
    if running(seat):
        return "这句话不算作答，请照下面的要求再写一次。"
    return "这一局已经结束了。"


VIEW = View("/m/game", _show, _say)
