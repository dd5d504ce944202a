"""Whom a step to members is for (选人), and in what words its RM reads who that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.community import Member
from sop.diagnostics import did_you_mean
from sop.model import Strict
from sop.segment import Audience, Conditions
from sop.step import CHOOSING, NothingToDo, StepContext, StepKind
from sop.wording import shown

if TYPE_CHECKING:
    from sop.library import Library

UNDISTURBED = "勿扰"
"""The label of members who want no private messages: no step has any written to them."""
NOBODY = "现在没有符合条件的成员"
_EVERYONE = Conditions(tags=[])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those whose turn it is, and how many have to wait for another time."""

    members: Sequence[Member]
    waiting: int = 0


class ForSome(StepKind):
    """A step that may be for some members only: they are chosen when it is due."""

    for_some: ClassVar[bool] = True

    to: Audience | None = Field(
        default=None,
        description="给哪些成员；不写：入群后的步骤就是当天那批成员，其余步骤是全体成员",
    )

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Members are chosen below `to`."""
        if key not in (*CHOOSING, *Audience.model_fields):
            return None
        return f"没有“{key}”这一项。", "选成员请写 to:，例如 to: {segment: 人群名}。"

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The segment must be there."""
        name = self.to.segment if self.to else None
        if name is None or name in library.segments:
            return []
        near = did_you_mean(name, library.segments, "segments/ 里还没有人群。")
        return [(("to", "segment"), f"没有名为“{name}”的人群。{near}")]

    def links(self, library: "Library") -> list[Strict]:
        """The segment: who is written to is part of what is reviewed."""
        name = self.to.segment if self.to else None
        return [] if name is None else [library.segments[name]]

    def chosen(self, context: StepContext, without: Sequence[str] = ()) -> list[Member]:
        """Present members for whom it is, by name, or by joining; `without` these labels.

        Raises NothingToDo when there is nobody.
        """
        community, cohort = context.community.id, context.cohort
        wanted = self._conditions(context.library, without)
        found = context.facts.choose(community, wanted, context.now)
        if cohort is not None:
            ids = {one.id for one in found}
            found = [one for one in cohort if one.id in ids]
        mine = [one for one in found if context.takes(one.id)]
        if not mine:
            raise NothingToDo(NOBODY)
        return mine

    def _conditions(self, library: "Library", without: Sequence[str]) -> Conditions:
        to = self.to or Audience(tags=[])
        who = _EVERYONE if to.segment is None else library.segments[to.segment].who
        more = {
            "tags": [*who.tags, *to.tags],
            "without_tags": [*who.without_tags, *to.without_tags, *without],
        }
        return who.model_copy(update=more)

    def audience(self, context: StepContext) -> str:
        """Who that is, in words: `人群“沉睡成员”，带标签“基金”`."""
        days = context.plan.days_after_join(context.step.id)
        parts = []
        if days is not None:
            parts = [f"入群第 {days} 天的成员" if days else "今天入群的成员"]
        to = self.to or Audience(tags=[])
        if to.segment is not None:
            parts.append(f"人群“{context.library.segments[to.segment].title}”")
        if to.tags:
            parts.append(f"带标签“{'、'.join(to.tags)}”")
        if to.without_tags:
            parts.append(f"不带标签“{'、'.join(to.without_tags)}”")
        return "，".join(parts) or "全体成员"


class ToMembers(ForSome):
    """A step for chosen members one by one; in `after_join:` it chooses among those who joined
    that day."""

    to_members: ClassVar[bool] = True


def step_name(context: StepContext) -> str:
    """`plan/step`."""
    return f"{context.plan.plan}/{context.step.id}"


def title(context: StepContext) -> str:
    """What the step is called, with its variant where several go out side by side."""
    called = context.step.called(context.library)
    return f"{called}（版本 {context.step.variant}）" if context.variants else called


def listed(members: Sequence[Member]) -> str:
    """Names for the members' own RM, one a line."""
    return "\n".join(f"{number}. {shown(one.name)}" for number, one in enumerate(members, start=1))
