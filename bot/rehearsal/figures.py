"""Counts of a rehearsal: rounds, temperaments, the RMs' days, quotas."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.rehearsal.messages import Sending
from bot.rehearsal.records import Records
from bot.rehearsal.result import (
    DrawShown,
    Kind,
    Peak,
    Purse,
    Received,
    Round,
    Shown,
    Talk,
    Turnout,
    Workday,
)
from bot.rehearsal.temperament import temperaments
from bot.rehearsal.world import World
from bot.settings import Settings
from sop.games import all_games

POOL = "pool/"
FORWARD_MINUTES = 2
"""To read a script, forward it and press the button."""
READ_MINUTES = 1
"""To read a reminder, a report or a note."""
MONTH = 30
ASSIST = "assist"
"""The channel that hands scripts over."""


def rounds(records: Records, world: World, steps: Mapping[int, str]) -> list[Round]:
    """Every round of a game, in order; `steps` are the ids of the steps that opened them."""
    games = all_games()
    found = []
    for one in records.sessions:
        players = records.players[one.id]
        calls = {key for key, call in world.calls.items() if call.round == f"game/{one.id}"}
        found.append(
            Round(
                community=one.community,
                game=one.game,
                step=steps.get(one.id, ""),
                started_at=one.started_at,
                ended_at=one.finished_at,
                players=len(players),
                winners=tuple(one.winners),
                reward_fen=_rewarded(records, one.community, one.rewards, one.finished_at),
                title=games[one.game].title,
                members=len(world.present(one.community, one.started_at)),
                answers=sum(word.call in calls for word in world.words),
            )
        )
    return found


def turnouts(records: Records, world: World) -> list[Turnout]:
    """Who played each round and who drew from each deck, by temperament."""
    games = all_games()
    found = [
        _turnout(
            world, one.started_at, one.community, games[one.game].title, records.players[one.id]
        )
        for one in records.sessions
    ]
    for deck in records.decks:
        title = records.published[deck.id].title
        draws = records.draws[deck.id]
        for place in dict.fromkeys(
            [deck.community] if deck.community else [one.community for one in draws]
        ):
            if place is not None:
                who = [one.member for one in draws if one.community == place]
                seen_at = deck.opened_at if deck.closes_at is not None else world.span.end
                found.append(_turnout(world, deck.opened_at, place, title, who, seen_at))
    return sorted(found, key=lambda one: (one.at, one.community, one.title))


def _turnout(
    world: World,
    at: datetime,
    community: str,
    title: str,
    who: Sequence[str],
    seen_at: datetime | None = None,
) -> Turnout:
    """`seen_at`: when members are counted, if not at once. A standing deck outlives who is there
    when it opens."""
    kinds = Counter(world.accounts[one].temperament.name for one in who if one in world.accounts)
    members = len(world.present(community, seen_at or at))
    return Turnout(
        at, community, title, len(who), members, {name: kinds[name] for name in by_share()}
    )


def by_share() -> list[str]:
    """Names of the temperaments, the most frequent first."""
    kinds = temperaments()
    return sorted(kinds, key=lambda name: (-kinds[name].share, name))


def _rewarded(
    records: Records, community: str, rewards: Mapping[str, object] | None, at: datetime | None
) -> int:
    """Rewards are booked in the very transaction that ends the round."""
    source = f"{POOL}{rewards['pool']}" if rewards else ""
    return sum(
        one.amount_fen
        for one in records.awards
        if (one.source, one.community, one.won_at) == (source, community, at)
    )


def draws(records: Records) -> list[DrawShown]:
    """Every card that was taken, in order."""
    campaigns = {one.campaign for one in records.decks}
    return [
        DrawShown(one.won_at, one.source, one.member, one.prize, one.amount_fen, one.payable_on)
        for one in records.awards
        if one.source in campaigns
    ]


def talks(world: World) -> list[Talk]:
    """What members said to the bot, in order."""
    answers: dict[int, str] = {}
    for message in world.messages:
        if message.answers:
            answers.setdefault(message.answers, message.text)
    return [
        Talk(
            word.at,
            word.community,
            world.accounts[word.who].name,
            word.text,
            answers.get(word.number, ""),
        )
        for word in sorted(world.words, key=lambda one: (one.at, one.number))
    ]


def purses(records: Records) -> dict[str, Purse]:
    """Money by campaign, and by `pool/…`."""
    return {
        one.source: Purse(one.budget_fen, one.committed_fen, one.settled_fen, one.returned_fen)
        for one in records.budgets
    }


def kinds(records: Records, world: World) -> list[Kind]:
    """The temperaments, by what their members did where the bot hears them."""
    heard = {one.id for one in world.communities if one.heard_as}
    spoken = Counter(word.who for word in world.words)
    played = {who for players in records.players.values() for who in players}
    campaigns = {one.campaign for one in records.decks}
    drew = {one.member for one in records.awards if one.source in campaigns}
    won: Counter[str] = Counter()
    for award in records.awards:
        won[award.member] += award.amount_fen
    found = []
    for name in by_share():
        kind = temperaments()[name]
        mine = [
            one.id
            for one in world.accounts.values()
            if one.temperament.name == name and one.community in heard
        ]
        found.append(
            Kind(
                name=name,
                title=kind.title,
                about=kind.about,
                members=len(mine),
                spoke=sum(one in spoken for one in mine),
                words=sum(spoken[one] for one in mine),
                played=sum(one in played for one in mine),
                drew=sum(one in drew for one in mine),
                won_fen=sum(won[one] for one in mine),
            )
        )
    return found


def workload(
    messages: Sequence[Shown], settings: Settings, records: Records, days: Sequence[date]
) -> list[Workday]:
    """Each RM's days. A script to forward takes two minutes, anything else to read one."""
    zone = settings.zone
    handed: Counter[tuple[str, date]] = Counter()
    reminders: Counter[tuple[str, date]] = Counter()
    others: Counter[tuple[str, date]] = Counter()
    for one in messages:
        if one.to != "rm":
            continue
        key = (one.who, one.at.astimezone(zone).date())
        if one.phase == "remind":
            reminders[key] += 1
        elif one.channel == ASSIST and not one.buttons:
            handed[key] += 1
        elif not one.buttons:
            others[key] += 1
    hosting = _hosting(records, settings)
    owners = sorted({one.owner for one in settings.communities})
    found = []
    for owner in owners:
        name = settings.staff[owner].name if owner in settings.staff else owner
        for day in days:
            key = (owner, day)
            minutes = FORWARD_MINUTES * handed[key]
            minutes += READ_MINUTES * (reminders[key] + others[key])
            found.append(
                Workday(
                    day=day,
                    rm=owner,
                    name=name,
                    handed=handed[key],
                    reminders=reminders[key],
                    others=others[key],
                    hosting=hosting.get(key, 0),
                    minutes=minutes,
                )
            )
    return found


def _hosting(records: Records, settings: Settings) -> dict[tuple[str, date], int]:
    """Minutes of games and event draws, by the owner of their community and day."""
    owners = {one.id: one.owner for one in settings.communities}
    spans = [(one.community, one.started_at, one.finished_at) for one in records.sessions]
    spans += [
        (one.community or "", one.opened_at, one.closed_at)
        for one in records.decks
        if one.closes_at is not None
    ]
    seconds: dict[tuple[str, date], float] = defaultdict(float)
    for community, start, end in spans:
        if community in owners and end is not None:
            day = start.astimezone(settings.zone).date()
            seconds[owners[community], day] += (end - start).total_seconds()
    return {key: round(value / 60) for key, value in seconds.items()}


def peaks(sendings: Iterable[Sending]) -> list[Peak]:
    """For each limit and each who reads: the most in any of its windows."""
    by_limit: dict[tuple[str, int], list[Sending]] = {}
    for one in sendings:
        by_limit.setdefault((one.key, one.seconds), []).append(one)
    found = []
    for (key, seconds), sent in sorted(by_limit.items()):
        window = timedelta(seconds=seconds)
        most, when, first = 0, sent[0].at, 0
        for last, one in enumerate(sent):
            while sent[first].at <= one.at - window:
                first += 1
            if last - first + 1 > most:
                most, when = last - first + 1, one.at
        whom = "、".join(dict.fromkeys(one.whom for one in sent))
        found.append(Peak(whom, key.partition(":")[0], seconds, sent[0].count, most, when))
    return found


def received(messages: Iterable[Shown], settings: Settings, days: int) -> list[Received]:
    """What each community was given to read; answers to single members are not counted."""
    posts = Counter(one.community for one in messages if one.to == "group")
    return [
        Received(
            one.id,
            one.mode.value,
            posts[one.id],
            round(posts[one.id] * MONTH / days),
            one.monthly_ceiling,
        )
        for one in settings.communities
    ]
