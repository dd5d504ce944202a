"""What the pages show of decks: odds, the published rules, and what the member drew."""

from dataclasses import dataclass
from typing import Any

from bot.pages.desk import Seat
from bot.pages.trouble import HOME, Trouble
from bot.pages.view import Visit
from sop import lottery
from sop.campaign import Campaign
from sop.deck_ports import DrawFacts, OpenDeckFacts
from sop.notice import notice
from sop.rounds import published
from storage import member_data

MOST_PROOFS = 30
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Proof:
    """A draw with what it takes to check it."""

    title: str
    deck: int
    commitment: str
    draw: DrawFacts
    size: int


def number_in(visit: Visit) -> int:
    """The deck of this path. Raises Trouble."""
    text = visit.request.match_info["deck"]
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise _no_deck()
    return int(text)


def deck_page(seat: Seat, number: int) -> dict[str, Any]:
    """Everything about one deck that this visitor may see. Raises Trouble for any other."""
    deck = seat.facts.decks.get(number)
    if deck is None:
        raise _no_deck()
    campaign = published(seat.facts, deck)
    mine = deck.community == seat.community.id
    if not mine and (
        deck.community is not None or not campaign.applies_to.includes(seat.community)
    ):
        raise _no_deck()
    offers = lottery.offers(seat.facts, seat.community, seat.person, seat.now)
    return {
        "deck": deck,
        "campaign": campaign,
        "offer": next((one for one in offers if one.deck == number), None),
        "draws": list(reversed(seat.facts.decks.draws(number, seat.person))),
        "entered": seat.facts.decks.entrant_code(number, seat.person),
        "notice": _notice(seat, deck, campaign),
    }


def proofs(seat: Seat) -> list[Proof]:
    """The member's own draws, newest first."""
    found = []
    for number in member_data.decks_drawn(seat.tx, seat.person, MOST_PROOFS):
        deck = seat.facts.decks.get(number)
        if deck is not None:
            found += _proofs(seat, deck)
    return found[:MOST_PROOFS]


def _proofs(seat: Seat, deck: OpenDeckFacts) -> list[Proof]:
    title = published(seat.facts, deck).title
    draws = seat.facts.decks.draws(deck.id, seat.person)
    return [Proof(title, deck.id, deck.commitment, one, deck.size) for one in reversed(draws)]


def _notice(seat: Seat, deck: OpenDeckFacts, campaign: Campaign) -> str:
    """The public notice, word for word as in the group."""
    return notice(
        campaign,
        seat.community,
        commitment=deck.commitment,
        closes_at=deck.closes_at,
        way="",
        now=seat.now,
    )


def _no_deck() -> Trouble:
    return Trouble(404, "没有这个抽奖", "它可能属于别的群，或链接不完整。", HOME)
