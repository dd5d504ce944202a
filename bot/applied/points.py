"""Points."""

from datetime import date

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.points_program import program_of
from storage import money, points


def give_points(batch: Batch, effect: does.GivePoints) -> None:
    community = batch.runtime.community(effect.community)
    program = program_of(batch.runtime.library, community)
    day = batch.now.astimezone(community.zone).date()
    points.give(
        batch.tx,
        effect.member,
        effect.community,
        effect.points,
        effect.kind,
        effect.reason,
        effect.key,
        batch.now,
        day=day,
        expires_on=None if program is None else program.last_day(day),
        given_by=effect.given_by,
    )


def spend_points(batch: Batch, effect: does.SpendPoints) -> None:
    points.spend(
        batch.tx,
        effect.member,
        effect.community,
        effect.points,
        effect.kind,
        effect.reason,
        effect.key,
        batch.now,
        day=_today(batch, effect.community),
        given_by=effect.given_by,
    )


def redeem_points(batch: Batch, effect: does.RedeemPoints) -> None:
    taken = points.redeem(
        batch.tx,
        key=effect.key,
        program=effect.program,
        item=effect.item,
        stock=effect.stock,
        community=effect.community,
        member=effect.member,
        points=effect.points,
        reason=f"兑换{effect.prize}",
        day=_today(batch, effect.community),
        now=batch.now,
    )
    if not taken:
        return
    money.award(
        batch.tx,
        key=effect.key,
        source=f"points/{effect.program}",
        budget_fen=effect.budget_fen,
        community=effect.community,
        member=effect.member,
        prize=effect.prize,
        amount_fen=effect.value_fen,
        payable_on=date.fromisoformat(effect.payable_on),
        now=batch.now,
        kind=effect.kind,
        claim_by=date.fromisoformat(effect.claim_by),
    )


def hide_from_ranking(batch: Batch, effect: does.HideFromRanking) -> None:
    points.hide(batch.tx, effect.member, effect.hidden)


def _today(batch: Batch, community: str) -> date:
    return batch.now.astimezone(batch.runtime.community(community).zone).date()


HANDLERS: Handlers = {
    does.GivePoints: give_points,
    does.SpendPoints: spend_points,
    does.RedeemPoints: redeem_points,
    does.HideFromRanking: hide_from_ranking,
}
