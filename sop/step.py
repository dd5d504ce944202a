"""What a step kind is: one file per kind in `sop/steps`, with schema, behaviour and help."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from sop.community import Community, Member
from sop.effects import Effect
from sop.model import Strict
from sop.variants import assigned

if TYPE_CHECKING:
    from sop.library import Library
    from sop.plan import Plan, Step
    from sop.ports import Facts


CHOOSING = ("to", "who", "segment", "audience")
"""Keys by which people try to say for which members something is."""


class CannotRun(Exception):
    """The step cannot do its work in this community now; the text tells its RM why, in Chinese."""


class NothingToDo(CannotRun):
    """There is nobody to do it for now: the agenda says so, and the RM is not disturbed."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """Everything a step may know when its occurrence runs."""

    plan: "Plan"
    step: "Step"
    community: Community
    occurrence: str
    """Identity `plan/step/date/community`."""
    day: date
    due_at: datetime
    now: datetime
    seed: bytes
    facts: "Facts"
    library: "Library"
    cohort: tuple[Member, ...] | None = None
    """For a step of `after_join:` those whom it is for; None for every other step."""
    variants: tuple[str, ...] = ()
    """All variants of a step to members, of which this context carries out one."""
    ahead: bool = False
    """Whether a colleague only reads what will be said: links then lead straight where they
    lead, and nobody's curiosity is counted."""

    def takes(self, member: str) -> bool:
        """Whether this variant of a step to members is the member's; True without variants."""
        experiment = f"{self.plan.plan}/{self.step.id}"
        return not self.variants or assigned(experiment, member, self.variants) == self.step.variant

    def addresses(self, member: str = "") -> dict[str, str]:
        """What texts say for the step's links, by name; `member`: whose alone they are."""
        links, community = self.step.links, self.community.id
        if self.ahead:
            return {name: link.url for name, link in links.items()}
        return {
            name: self.facts.links.address(community, self.occurrence, name, link.url, member)
            for name, link in links.items()
        }


class StepKind(Strict, ABC):
    """The options of a kind, with what it does. A module in `sop/steps` exports it as `STEP`.

    The class attribute `kind` is the key in YAML (`content:`), `title` its Chinese name.
    `to_members` kinds address members one by one; the others speak to the whole group.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    to_members: ClassVar[bool] = False
    for_some: ClassVar[bool] = False
    """Whether it can be for some members of the community only, written as `to`."""
    in_person: ClassVar[bool] = False
    """Whether the RM sends it in every community; what goes to a group, only in assist mode."""
    reviewed: ClassVar[bool] = True
    """Whether it is carried out only with a review stamp; not what only colleagues ever see."""

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """What the whole group reads cannot be for some of its members."""
        if key not in CHOOSING:
            return None
        from sop.steps import step_kinds  # imports the kinds, which import this module

        able = [f"{name}（{one.title}）" for name, one in step_kinds().items() if one.for_some]
        return (
            f"“{cls.title}”是对整个群的，企业微信不能让群消息只给其中几位看，这里不能写“{key}”。",
            f"只对一部分成员，请用 {'、'.join(able)}，写 to: {{segment: 人群名}}；"
            "只让一部分成员抽奖，请写在活动的 who: 里。",
        )

    def speaks(self) -> bool:
        """Whether customers read, or are told, anything of it: that needs a stamp."""
        return self.reviewed

    def chooses(self) -> bool:
        """Whether it is for members who are known only when it is due."""
        return self.to_members

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """Broken links to other files: (path below this kind's key, message in Chinese)."""
        return []

    def links(self, library: "Library") -> list[Strict]:
        """The values of other files that this step uses: a review stamp covers them too."""
        return []

    def called(self, library: "Library") -> str:
        """What people call this very step, e.g. the game's title."""
        return self.title

    @abstractmethod
    def run(self, context: StepContext) -> list[Effect]:
        """The occurrence is due: what shall be done. Raises CannotRun."""

    @abstractmethod
    def script(self, context: StepContext) -> str:
        """What the RM is reminded with: the text that will be sent, or how to host."""

    def announcement(self, context: StepContext) -> str:
        """What the group reads ahead when the step says `announce`; empty: nothing."""
        return ""
