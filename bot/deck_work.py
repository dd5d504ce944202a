"""Rounds as due work: opened in their season, woken, amended, opened and ended by hand.

Every function runs inside one transaction and is safe to run twice.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.facts_decks import deck_facts
from bot.letters import Origin
from bot.when_posted import when_posted
from sop import amendments, rounds
from sop.campaign import Campaign
from sop.effects import Effect, Record, Tell
from sop.ports import Facts
from sop.seeds import derive
from sop.times import is_quiet
from sop.unplanned import may_say
from storage import deck_requests, decks

if TYPE_CHECKING:
    from bot.due import Due, Moment


def open_standing(tx: Connection, due: "Due", moment: "Moment") -> int:
    """Opens the standing decks of campaigns whose time has come and whose notice may be read.
    Returns how many."""
    if is_quiet(rounds.NIGHT, moment.now.astimezone(due.settings.zone).time()):
        return 0
    facts = due.facts(tx)
    opened = 0
    for campaign in due.library.campaigns.values():
        seed = derive(moment.seed, campaign.campaign)
        effects = rounds.open_standing(facts, campaign, moment.now, seed)
        if effects and _may_open(facts, due, campaign):
            due.runtime.apply(tx, effects, Origin(f"open/{campaign.campaign}", moment.now))
            opened += 1
    return opened


def wake(tx: Connection, due: "Due", deck: int, moment: "Moment") -> None:
    """Lets a deck close, freeze its entrants, or ask for the public value."""
    row = decks.lock(tx, deck)
    if row is None or row.closed_at is not None:
        return
    if row.next_at is None or row.next_at > moment.now:
        return
    effects = rounds.wake(due.facts(tx), deck_facts(row), moment.now)
    origin = Origin(f"deck/{deck}/{row.next_at.isoformat()}", moment.now)
    due.runtime.apply(tx, effects, origin)


def amend(tx: Connection, due: "Due", moment: "Moment") -> None:
    """Compares open decks with the files of their campaigns as they are now."""
    facts = due.facts(tx)
    for deck in facts.decks.unfinished():
        edited = due.library.campaigns.get(deck.campaign)
        if edited is not None:
            effects = amendments.amend(facts, deck, edited, moment.now)
            origin = Origin(f"deck/{deck.id}/amend/{deck.log_length}/{deck.refused}", moment.now)
            due.runtime.apply(tx, effects, origin)


def requested(tx: Connection, due: "Due", moment: "Moment") -> int:
    """Carries out what was asked for at the terminal; whoever asked hears what came of it.
    Returns how many."""
    waiting = deck_requests.waiting(tx)
    for row in waiting:
        facts = due.facts(tx)
        if row.verb == "open":
            effects, outcome = _opened(facts, due, row, moment)
        else:
            effects, outcome = _ended(facts, row, moment)
        deck_requests.done(tx, row.id, outcome, moment.now)
        told = [Tell(row.asked_by, outcome)] if facts.staff(row.asked_by) else []
        due.runtime.apply(tx, [*effects, *told], Origin(f"deck_request/{row.id}", moment.now))
    return len(waiting)


def _opened(
    facts: Facts, due: "Due", row: deck_requests.RequestRow, moment: "Moment"
) -> tuple[list[Effect], str]:
    campaign = due.library.campaigns.get(row.campaign)
    if campaign is None:
        return [], f"没有开启：计划库里没有活动“{row.campaign}”，或它的文件有错误。"
    if not _may_open(facts, due, campaign, row.community):
        return [], (
            f"“{campaign.title}”没有开启：公告还没有审核章。请合规审核发：审核 {campaign.subject}"
        )
    seed = derive(moment.seed, f"deck_request/{row.id}")
    length = timedelta(seconds=row.seconds)
    try:
        effects = rounds.open_by_hand(facts, campaign, row.community, length, moment.now, seed)
    except rounds.CannotOpen as error:
        return [], str(error)
    record = Record(row.asked_by, "开启活动", row.campaign, row.community)
    when = when_posted(facts, effects, "公告", moment.now)
    return [*effects, record], f"“{campaign.title}”已开启，{when}。"


def _may_open(facts: Facts, due: "Due", campaign: Campaign, only: str = "") -> bool:
    """Whether the notice may be read where a round would be opened; `only`: of an event, there."""
    everywhere = campaign.shared or campaign.round == rounds.STANDING
    homes = [
        one
        for one in facts.communities()
        if rounds.reaches(campaign, one) and (everywhere or one.id == only)
    ]
    return may_say(facts, due.library, campaign, *homes)


def _ended(
    facts: Facts, row: deck_requests.RequestRow, moment: "Moment"
) -> tuple[list[Effect], str]:
    deck = None if row.deck is None else facts.decks.get(row.deck)
    if deck is None or deck.closed_at is not None:
        return [], f"{row.deck} 号奖池已经结束了。"
    effects = rounds.close(facts, deck, row.reason, moment.now, early=True)
    record = Record(row.asked_by, "提前结束活动", f"{deck.campaign}/{deck.round}", row.reason)
    when = when_posted(facts, effects, "种子", moment.now)
    return [*effects, record], f"{row.deck} 号奖池已提前结束，{when}。"
