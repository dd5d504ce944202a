"""What became of a flow of people: joined, played, drew, was paid, and what each of them cost."""

from collections.abc import Iterable

from bot.rehearsal.flow import CHANNELS, GROUP_LIMIT, Flow
from bot.rehearsal.records import Records
from bot.rehearsal.result import Funnel, Passage
from bot.rehearsal.world import World
from storage.payout_rows import PayoutRow

GIVEN_UP = ("expired", "rejected")
"""Of these the money returned to its budget."""

GIVEN_UP = ("expired", "rejected")
"""Of these the money returned to its budget."""


def funnel(flow: Flow, records: Records, world: World) -> Funnel:
    """Follows everybody who joined by the flow."""
    came = [one for one in world.accounts.values() if one.channel]
    flagged = [one for one in records.awards if one.status == "due" and one.flags]
    groups = {one.community for one in came}
    played = {who for players in records.players.values() for who in players}
    drew = {one.member for draws in records.draws.values() for one in draws}
    won: dict[str, list[PayoutRow]] = {}
    for award in records.awards:
        won.setdefault(award.member, []).append(award)

    def passage(name: str, title: str, who: Iterable[str]) -> Passage:
        mine = set(who)
        awards = [award for one in sorted(mine) for award in won.get(one, ())]
        paid = [award for award in awards if award.status == "paid"]
        committed_fen = sum(one.amount_fen for one in awards if one.status not in GIVEN_UP)
        paid_fen = sum(one.amount_fen for one in paid)
        return Passage(
            name,
            title,
            joined=len(mine),
            played=len(mine & played),
            drew=len(mine & drew),
            claimed=len({award.member for award in paid}),
            committed_fen=committed_fen,
            paid_fen=paid_fen,
            committed_each_fen=_each(committed_fen, len(mine)),
            paid_each_fen=_each(paid_fen, len(mine)),
        )

    end = world.span.end
    return Funnel(
        days=flow.days,
        groups=len(groups),
        group_limit=GROUP_LIMIT,
        largest=max((len(world.present(one, end)) + 1 for one in groups), default=0),
        whole=passage("all", "合计", (one.id for one in came)),
        channels=[
            passage(kind.name, kind.title, (one.id for one in came if one.channel == kind.name))
            for kind in CHANNELS
        ],
        to_look_at=len(flagged),
        to_look_at_fen=sum(one.amount_fen for one in flagged),
    )


def _each(fen: int, people: int) -> int:
    return (2 * fen + people) // (2 * people) if people else 0
