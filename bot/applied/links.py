"""Tracked links: given out, and opened."""

from datetime import timedelta

from bot.applied.people import count
from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import links, people, privacy

LINK_LIFE = timedelta(days=90)


def make_link(batch: Batch, effect: does.MakeLink) -> None:
    row = links.LinkRow(
        token=effect.token,
        url=effect.url,
        community=effect.community,
        member=effect.member,
        occurrence=effect.occurrence,
        name=effect.name,
        intent=effect.intent,
        made_at=batch.now,
        expires_at=batch.now + LINK_LIFE,
    )
    links.make(batch.tx, [row])


def open_link(batch: Batch, effect: does.OpenLink) -> None:
    member = effect.member
    if member is not None and not _follows(batch, effect.community, member):
        member = None
    links.click(
        batch.tx,
        links.NewClick(
            link=effect.token,
            community=effect.community,
            member=member,
            at=batch.now,
            day=batch.now.astimezone(batch.runtime.community(effect.community).zone).date(),
            counted=not effect.why_not,
            why=effect.why_not,
        ),
    )
    if member is not None and not effect.why_not:
        count(batch, does.Count(effect.community, member, "click"))


def _follows(batch: Batch, community: str, member: str) -> bool:
    """Whether a click is written down as this member's: no colleague's, nor that of who has left
    or wants to be counted no longer."""
    if batch.runtime.is_staff(member):
        return False
    stay = people.membership(batch.tx, community, member)
    if stay is None or stay.left_at is not None:
        return False
    return privacy.opted_out_at(batch.tx, member) is None


HANDLERS: Handlers = {does.MakeLink: make_link, does.OpenLink: open_link}
