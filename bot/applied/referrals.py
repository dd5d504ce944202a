"""Personal invitations, and who came by them."""

from dataclasses import asdict

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import referrals


def ask_invitation(batch: Batch, effect: does.AskInvitation) -> None:
    reply_to = batch.origin.reply_to
    referrals.want(
        batch.tx,
        effect.code,
        effect.community,
        effect.member,
        None if reply_to is None else asdict(reply_to) | {"order_key": batch.origin.order_key},
        batch.now,
    )


def keep_referral(batch: Batch, effect: does.KeepReferral) -> None:
    zone = batch.runtime.community(effect.community).zone
    referrals.keep(
        batch.tx,
        community=effect.community,
        inviter=effect.inviter,
        invited=effect.invited,
        code=effect.code,
        status=effect.status,
        reason=effect.reason,
        day=effect.joined_at.astimezone(zone).date(),
        joined_at=effect.joined_at,
    )


def hold_referrals(batch: Batch, effect: does.HoldReferrals) -> None:
    referrals.hold(batch.tx, effect.community, effect.inviter, effect.since, effect.reason)


def release_referrals(batch: Batch, effect: does.ReleaseReferrals) -> None:
    referrals.decide(batch.tx, effect.community, effect.inviter, "waiting", "", batch.now)


def dismiss_referrals(batch: Batch, effect: does.DismissReferrals) -> None:
    reason = effect.reason
    referrals.decide(batch.tx, effect.community, effect.inviter, "refused", reason, batch.now)


def credit_referral(batch: Batch, effect: does.CreditReferral) -> None:
    referrals.settle(batch.tx, effect.referral, "credited", "", batch.now)


def refuse_referral(batch: Batch, effect: does.RefuseReferral) -> None:
    referrals.settle(batch.tx, effect.referral, "refused", effect.reason, batch.now)


HANDLERS: Handlers = {
    does.AskInvitation: ask_invitation,
    does.KeepReferral: keep_referral,
    does.HoldReferrals: hold_referrals,
    does.ReleaseReferrals: release_referrals,
    does.DismissReferrals: dismiss_referrals,
    does.CreditReferral: credit_referral,
    does.RefuseReferral: refuse_referral,
}
