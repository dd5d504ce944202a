"""Those who come by channels: met, greeted, invited, gone again."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import leads, onboarding, outbox, welcomes
from storage.welcomes import letter_key


def meet_customer(batch: Batch, effect: does.MeetCustomer) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    verdict, since = "none", None
    gate = batch.runtime.gate
    if gate is not None:
        known = welcomes.check_of(batch.tx, effect.member)
        verdict = known.settled(batch.now, gate.cache) if known else ""
        since = known.answered_at if known and verdict else None
        if not verdict:
            welcomes.ask(batch.tx, effect.member, batch.now)
    onboarding.meet(
        batch.tx,
        effect.member,
        effect.staff,
        effect.channel,
        effect.at,
        verdict or "waiting",
        since,
    )
    greeted = welcomes.sent_at(batch.tx, effect.member, effect.staff)
    if greeted is not None and greeted >= effect.at:
        onboarding.welcomed(batch.tx, effect.member, effect.staff, greeted)


def part_customer(batch: Batch, effect: does.PartCustomer) -> None:
    onboarding.part(batch.tx, effect.member, effect.staff, effect.at)


def greet_customer(batch: Batch, effect: does.GreetCustomer) -> None:
    """A lane of its own: nothing stands before first words."""
    key = letter_key(effect.code)
    letter = outbox.NewLetter(
        dedup_key=key,
        channel="welcome",
        target={"code": effect.code},
        body={"text": effect.text},
        order_key=key,
        not_before=batch.now,
        created_at=batch.now,
        expires_at=effect.expires_at,
    )
    batch.letters.owed.append(letter)


def hear_keyword(batch: Batch, effect: does.HearKeyword) -> None:
    onboarding.asked_in(batch.tx, effect.member, effect.staff, batch.now)


def invite_customer(batch: Batch, effect: does.InviteCustomer) -> None:
    onboarding.invited(batch.tx, effect.member, effect.staff, batch.now)


def nudge_customer(batch: Batch, effect: does.NudgeCustomer) -> None:
    onboarding.nudged(batch.tx, effect.member, effect.staff, batch.now)


def told_of_customer(batch: Batch, effect: does.ToldOfCustomer) -> None:
    onboarding.told(batch.tx, effect.arrival, batch.now)


def settle_lead(batch: Batch, effect: does.SettleLead) -> None:
    done_at = batch.now if effect.status in leads.DONE else None
    leads.settle(batch.tx, effect.lead, effect.status, effect.note, done_at, effect.member)


HANDLERS: Handlers = {
    does.SettleLead: settle_lead,
    does.MeetCustomer: meet_customer,
    does.PartCustomer: part_customer,
    does.GreetCustomer: greet_customer,
    does.HearKeyword: hear_keyword,
    does.InviteCustomer: invite_customer,
    does.NudgeCustomer: nudge_customer,
    does.ToldOfCustomer: told_of_customer,
}
