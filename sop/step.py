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
    in_person: ClassVar[bool] = False
    """Whether the RM sends it in every community; what goes to a group, only in assist mode."""
    reviewed: ClassVar[bool] = True
    """Whether it needs a review stamp; not what only colleagues ever see."""

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
