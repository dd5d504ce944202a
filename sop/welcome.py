"""What newcomers are told of draws: what they can do today, or how to get there."""

from datetime import datetime

from sop.campaign import Campaign
from sop.community import Community
from sop.library import Library
from sop.notice import how_to
from sop.points_program import program_of, ways_to_earn
from sop.ports import Facts
from sop.rounds import STANDING, published, reaches
from sop.times import spoken_duration


def welcome(facts: Facts, library: Library, community: Community, now: datetime) -> str:
    """What a newcomer can draw from, and what to do first; empty if nothing is open. A draw that
    asks for what nobody has on the first day comes after the others, and says how to get there."""
    later = ""
    for deck in facts.decks.open(community.id, now):
        if deck.campaign not in library.campaigns:
            continue
        campaign = published(facts, deck)  # an edit since then was read by nobody
        if deck.round != STANDING or deck.taken >= deck.size:
            continue
        if not reaches(campaign, community) or campaign.who.chosen:
            continue
        before = _before(campaign, library, community)
        if before is None:
            continue
        line = f"🎁 {campaign.title}等着您：{before}{how_to(campaign, community)}"
        if not before:
            return line
        later = later or line
    return later


def _before(campaign: Campaign, library: Library, community: Community) -> str | None:
    """What a newcomer has yet to become or to collect, as the beginning of a sentence; empty if
    nothing, None where it cannot be had here."""
    parts = ["加客户经理为好友"] if campaign.who.customers_only else []
    if campaign.who.member_for:
        parts.append(f"入群满 {spoken_duration(campaign.who.member_for)}")
    if campaign.price:
        program = program_of(library, community)
        ways = ways_to_earn(program) if program else ""
        if not ways:
            return None
        parts.append(f"攒够 {campaign.price} 积分（{ways}）")
    return f"{'、'.join(parts)}就能参加，" if parts else ""
