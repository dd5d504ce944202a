"""What is being collected in the group (投票、问卷、评分), and the member's reply."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import View, Visit
from sop import listening
from sop.answers import LONGEST
from sop.effects import Effect, Reply
from sop.game import Player
from sop.gathering import Listening
from sop.gathering_words import after_keyword
from sop.ports import GatheringFacts


@dataclass(frozen=True, slots=True)
class Call:
    """An open call as a member sees it."""

    id: int
    title: str
    text: str
    lines: tuple[str, ...]
    how: str
    closes_at: datetime
    replied: bool


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        return visit.page("calls.html", seat, calls=calls(seat))

    return await visit.look_agreed(work)


def calls(seat: Seat) -> list[Call]:
    """What can be replied to on the page, newest first."""
    open_now = seat.facts.gatherings(seat.community.id, seat.now)
    return [call for one in open_now if (call := _call(seat, one)) is not None]


def _call(seat: Seat, gathering: GatheringFacts) -> Call | None:
    kind = listening.kind_of(gathering)
    if not isinstance(kind, Listening) or not kind.on_page:
        return None
    if gathering.closed_at is not None or seat.now >= gathering.closes_at:
        return None
    return Call(
        gathering.id,
        f"{kind.title}：{kind.headline}",
        kind.text,
        tuple(kind.page_lines()),
        kind.how(seat.community, gathering.phase),
        gathering.closes_at,
        seat.facts.reply(gathering.id, seat.person) is not None,
    )


async def _reply(visit: Visit) -> tuple[str, str]:
    text, which = visit.form.get("say", "").strip(), visit.form.get("call", "")
    if not text:
        return "/m/calls", "请先写下您的回答。"
    if len(text) > LONGEST:
        raise Trouble(413, "写得太长了", f"请写 {LONGEST} 个字以内。", HOME)

    def work(seat: Seat) -> list[Effect]:
        heard = None
        lately = seat.facts.gatherings(seat.community.id, seat.now - listening.RECENT)
        for one in lately:
            if str(one.id) == which:
                player = Player(seat.person, seat.name)
                said = _with_keyword(one, text)
                heard = listening.heard(seat.facts, seat.community, player, said, seat.now)
        return [Reply("这次收集已经截止，下次早点来。")] if heard is None else heard

    return "/m/calls", await visit.act(visit.desk.chance(8), work)


def _with_keyword(gathering: GatheringFacts, text: str) -> str:
    """Who writes in a call's own field need not say its keyword."""
    kind = listening.kind_of(gathering)
    keywords = kind.keywords(gathering.phase) if isinstance(kind, Listening) else ()
    if not keywords or any(after_keyword(text, one) is not None for one in keywords):
        return text
    return f"{keywords[0]} {text}"


VIEW = View("/m/calls", _show, _reply)
