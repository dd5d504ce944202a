"""The week of each RM, each label and each community of the scope.

Managers see every community in this product, so theirs is the whole scope's summary.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from bot.week_details import Asked
from sop.community import Community
from sop.summary.details import GroupFigures
from sop.summary.figures import SILENT_DAYS
from storage.figures.groups import by_group

Group = tuple[str, str, str, Sequence[Community]]
"""Kind, id, name, communities."""


def groups(asked: Asked) -> tuple[GroupFigures, ...]:
    """RMs, labels, communities, in this order."""
    found = [group for kind in _kinds(asked) for group in _telling(kind, asked.communities)]
    heard = {one.id for one in asked.communities if one.heard}
    inside = [[one.id for one in communities] for *_, communities in found]
    numbers = by_group(asked.scope, asked.crowd, inside, heard, SILENT_DAYS)
    return tuple(
        GroupFigures(
            kind,
            id,
            name,
            len(communities),
            sum(not one.heard for one in communities),
            **asdict(counts),
        )
        for (kind, id, name, communities), counts in zip(found, numbers, strict=True)
    )


def _telling(kind: Iterable[Group], everything: Sequence[Community]) -> list[Group]:
    """One group that is the scope itself tells nothing."""
    found = list(kind)
    return [] if len(found) == 1 and len(found[0][3]) == len(everything) else found


def _kinds(asked: Asked) -> Iterator[Iterable[Group]]:
    every = asked.communities
    owners = dict.fromkeys(one.owner for one in every)
    labels = sorted({label for one in every for label in one.labels})
    yield (("rm", id, _name(asked, id), [one for one in every if one.owner == id]) for id in owners)
    yield (("label", id, id, [one for one in every if id in one.labels]) for id in labels)
    yield (("community", one.id, one.name, [one]) for one in every)


def _name(asked: Asked, owner: str) -> str:
    return asked.staff[owner].name if owner in asked.staff else owner


READ = groups
