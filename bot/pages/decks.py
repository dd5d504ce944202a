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
_HEADED = "**　"


@dataclass(frozen=True, slots=True)
class Proof:
    """A draw with what it takes to check it."""

    title: str
    deck: int
    commitment: str
    draw: DrawFacts
    size: int
    unit: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A public notice, as a page sets it."""

    opening: list[str]
    rows: list[tuple[str, str]]
    rules: list[str]
    """And what proves it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A round that the member has entered, before it is decided."""

    deck: int
    title: str
    public_value: str


def number_in(visit: Visit) -> int:
    """The deck of this path. Raises Trouble."""
    text = visit.request.match_info["deck"]
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise _no_deck()
    return int(text)


def deck_here(seat: Seat, number: int) -> tuple[OpenDeckFacts, Campaign]:
    """A deck of this community, open or closed, as it was published. Raises Trouble."""
    deck = seat.facts.decks.get(number)
    if deck is None:
        raise _no_deck()
    campaign = published(seat.facts, deck)
    shared = deck.community is None and campaign.applies_to.includes(seat.community)
    if not shared and deck.community != seat.community.id:
        raise _no_deck()
    return deck, campaign


def waiting(seat: Seat) -> list[Waiting]:
    """The rounds that the member has entered and that are not decided yet."""
    frozen = [one for one in seat.facts.decks.unfinished() if one.frozen_at is not None]
    return [
        Waiting(one.id, published(seat.facts, one).title, one.public_value)
        for one in frozen
        if one.community in (None, seat.community.id)
        and seat.facts.decks.entrant_code(one.id, seat.person) is not None
    ]


def deck_page(seat: Seat, number: int) -> dict[str, Any]:
    """Everything about one deck that this visitor may see. Raises Trouble for any other."""
    deck, campaign = deck_here(seat, number)
    offers = lottery.offers(seat.facts, seat.community, seat.person, seat.now)
    return {
        "deck": deck,
        "campaign": campaign,
        "offer": next((one for one in offers if one.deck == number), None),
        "draws": list(reversed(seat.facts.decks.draws(number, seat.person))),
        "entered": seat.facts.decks.entrant_code(number, seat.person),
        "notice": _laid_out(_notice(seat, deck, campaign)),
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
    unit = "份" if deck.mode == "entrants" else "张"
    draws = seat.facts.decks.draws(deck.id, seat.person)
    return [Proof(title, deck.id, deck.commitment, one, deck.size, unit) for one in reversed(draws)]


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


def _laid_out(text: str) -> Notice:
    """A notice whose rows are lines such as `**主办方**　示例银行`; its first line is its title."""
    lines = [line.removeprefix("> ") for line in text.splitlines()[1:] if line.strip()]
    rows = [line for line in lines if _HEADED in line]
    first = lines.index(rows[0])
    cut = [line.removeprefix("**").partition(_HEADED) for line in rows]
    return Notice(
        lines[:first],
        [(head, rest) for head, _, rest in cut],
        [line for line in lines[first:] if _HEADED not in line],
    )


def _no_deck() -> Trouble:
    return Trouble(404, "没有这个抽奖", "它可能属于别的群，或链接不完整。", HOME)
