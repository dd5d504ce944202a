"""Members: presence and what they do."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import activity, follow_ups, people


def count(batch: Batch, effect: does.Count) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    community = batch.runtime.community(effect.community)
    at = effect.at or batch.now
    day = at.astimezone(community.zone).date()
    batch.did(activity.Action(effect.community, effect.member, effect.kind, at, day))


def arrive(batch: Batch, effect: does.Arrive) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    at = effect.at or batch.now
    if people.arrive(batch.tx, effect.community, effect.member, effect.name, effect.via, at):
        count(batch, does.Count(effect.community, effect.member, "join", at))


def depart(batch: Batch, effect: does.Depart) -> None:
    at = effect.at or batch.now
    if people.depart(batch.tx, effect.community, effect.member, at):
        follow_ups.end_of_stay(batch.tx, effect.community, effect.member, batch.now)
        count(batch, does.Count(effect.community, effect.member, "leave", at))


HANDLERS: Handlers = {
    does.Count: count,
    does.Arrive: arrive,
    does.Depart: depart,
}
