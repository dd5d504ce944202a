"""The member's personal invitation."""

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.view import View, Visit, word
from sop.effects import Effect
from sop.referral import has_referrals, told
from sop.referral_program import referral_program_of


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        program = referral_program_of(seat.library, seat.community)
        mine = seat.facts.referrals.invitation(seat.community.id, seat.person)
        ready = program is not None and mine is not None and mine.status == "ready"
        text = ""
        if ready and program and mine:
            text = told(seat.facts, seat.library, program, mine)
        return visit.page(
            "invite.html",
            seat,
            offered=has_referrals(seat.library, seat.community),
            text=text,
            code=mine.qr_code if ready and mine else "",
            waiting=mine is not None and not ready,
        )

    return await visit.look_agreed(work)


async def _ask(visit: Visit) -> tuple[str, str]:
    def work(seat: Seat) -> list[Effect]:
        return word(seat, "邀请")

    return "/m/invite", await visit.act(visit.desk.chance(8), work)


VIEW = View("/m/invite", _show, _ask)
