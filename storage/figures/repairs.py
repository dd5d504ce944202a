"""What a reading of WeCom mended in the week: each stands for a callback that was lost."""

from sqlalchemy import func, or_, select

from storage.figures.scope import Scope
from storage.tables.customers import GroupState, Repair
from storage.tables.people import Community
from storage.types import table

_COMMUNITY = table(Community)
_GROUP = table(GroupState)
_REPAIR = table(Repair)


def repairs(week: Scope) -> int:
    """How many, in the groups of these communities and among the contacts of their owners."""
    groups = select(_GROUP.c.chat_id).where(week.here(GroupState))
    owners = select(_COMMUNITY.c.owner).where(_COMMUNITY.c.id.in_(week.communities))
    subject = _REPAIR.c.subject
    query = select(func.count()).where(
        week.during(Repair, "at"), or_(subject.in_(groups), subject.in_(owners))
    )
    return int(week.tx.execute(query).scalar_one())
