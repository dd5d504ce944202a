"""The first page: what is open to this member now."""

from aiohttp import web

from bot.pages.decks import waiting
from bot.pages.desk import Seat
from bot.pages.rounds import Round, running
from bot.pages.view import View, Visit, streak
from bot.pages.views.calls import calls
from sop import lottery
from sop.points_words import has_program, withheld
from sop.referral import has_referrals


async def _show(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> web.StreamResponse:
        facts, community, now = seat.facts, seat.community, seat.now
        today = now.astimezone(community.zone).date()
        rounds: list[Round] = running(seat)
        return visit.page(
            "home.html",
            seat,
            rounds=rounds,
            offers=lottery.offers(facts, community, seat.person, now),
            waiting=waiting(seat),
            calls=calls(seat),
            checked_in=facts.checked_in(community.id, seat.person, today),
            streak=streak(seat, today),
            prizes=len(facts.payouts.prizes(seat.person)),
            balance=facts.points.balance(seat.person),
            has_points=has_program(seat.library, community)
            and not withheld(seat.facts, seat.library, community),
            has_referrals=has_referrals(seat.library, community),
        )

    return await visit.look(work)


VIEW = View("/m/home", _show)
