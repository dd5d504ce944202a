"""Members: presence, what they do, labels, follow-ups."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import activity, follow_ups, people, tags


def count(batch: Batch, effect: does.Count) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    community = batch.runtime.community(effect.community)
    day = batch.now.astimezone(community.zone).date()
    batch.did(activity.Action(effect.community, effect.member, effect.kind, batch.now, day))


def arrive(batch: Batch, effect: does.Arrive) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    now = batch.now
    if people.arrive(batch.tx, effect.community, effect.member, effect.name, effect.via, now):
        count(batch, does.Count(effect.community, effect.member, "join"))


def depart(batch: Batch, effect: does.Depart) -> None:
    if people.depart(batch.tx, effect.community, effect.member, batch.now):
        count(batch, does.Count(effect.community, effect.member, "leave"))


def tag(batch: Batch, effect: does.Tag) -> None:
    tags.add(batch.tx, effect.member, effect.tag, effect.by, effect.reason, batch.now)


def untag(batch: Batch, effect: does.Untag) -> None:
    tags.remove(batch.tx, effect.member, effect.tag, effect.by, batch.now)


def follow_up(batch: Batch, effect: does.FollowUp) -> None:
    follow_ups.add(
        batch.tx,
        key=effect.key,
        community=effect.community,
        member=effect.member,
        staff=effect.staff,
        reason=effect.reason,
        due_at=effect.due_at,
        now=batch.now,
    )


HANDLERS: Handlers = {
    does.Count: count,
    does.Arrive: arrive,
    does.Depart: depart,
    does.Tag: tag,
    does.Untag: untag,
    does.FollowUp: follow_up,
}
