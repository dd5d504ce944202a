"""follow_up: a task for the RM about each of the chosen members (跟进)."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.campaign import Name
from sop.choosing import Chosen, ToMembers, listed, step_name, title
from sop.community import Member
from sop.diagnostics import did_you_mean
from sop.effects import Effect, FollowUp, Tell
from sop.model import Strict
from sop.prepared import RISK_NOTICE, WITHHELD
from sop.step import NothingToDo, StepContext
from sop.templates import Text, render, words
from sop.times import Duration
from sop.tracked import made

if TYPE_CHECKING:
    from sop.library import Library


class FollowUpMembers(ToMembers):
    """Each member is handed to the colleague who has them as a contact, else to the community's
    RM; everybody reads one list. Whom this step gave before and who still waits is not given
    again."""

    kind: ClassVar[str] = "follow_up"
    title: ClassVar[str] = "跟进"
    reviewed: ClassVar[bool] = False

    reason: Text = Field(max_length=500, description="为什么跟进、怎么跟进，写给客户经理看")
    from_script: Name | None = Field(
        default=None, alias="script", description="建议的话术，用 scripts/ 里的一段"
    )
    priority: int = Field(default=2, ge=1, le=3, description="优先级，1 最要紧，3 最不急")
    due: Duration = Field(default=timedelta(days=2), description="多久以内跟进完，例如 2d")
    at_most: int = Field(default=20, ge=1, le=200, description="一次最多几人；其余的下次再派")

    def speaks(self) -> bool:
        """What is not the script is for the colleague only."""
        return self.from_script is not None

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The script must be there."""
        if self.from_script is None or self.from_script in library.scripts:
            return super().problems(library)
        near = did_you_mean(self.from_script, library.scripts, "scripts/ 里还没有话术。")
        missing = f"没有名为“{self.from_script}”的话术。{near}"
        return [(("script",), missing), *super().problems(library)]

    def links(self, library: "Library") -> list[Strict]:
        """The script."""
        used = [] if self.from_script is None else [library.scripts[self.from_script]]
        return [*used, *super().links(library)]

    def run(self, context: StepContext) -> list[Effect]:
        """A task each, and a message to each RM. Raises NothingToDo when there is nobody."""
        turn = self._turn(context)
        by_staff: dict[str, list[Member]] = {context.community.owner: []}
        for one in turn.members:
            staff = context.facts.follow_ups.rm_of(context.community.id, one.id)
            by_staff.setdefault(staff, []).append(one)
        effects: list[Effect] = []
        for staff, mine in by_staff.items():
            for one in mine:
                effects += [*self._links_of(context, one), self._task(context, one, staff)]
        return [*effects, *self._messages(context, by_staff, turn.waiting)]

    def script(self, context: StepContext) -> str:
        """What is about to come."""
        return f"到点把要跟进的名单交给您（{self.audience(context)}）。\n{self._reason(context)}"

    def _task(self, context: StepContext, member: Member, staff: str) -> FollowUp:
        script, why = self._suggested(context, member)
        return FollowUp(
            community=context.community.id,
            member=member.id,
            staff=staff,
            reason=f"{self._reason(context)}{why}",
            due_at=context.now + self.due,
            key=f"{context.occurrence}/{member.id}",
            priority=self.priority,
            script=script,
        )

    def _messages(
        self, context: StepContext, by_staff: dict[str, list[Member]], waiting: int
    ) -> list[Effect]:
        by = (context.now + self.due).astimezone(context.community.zone)
        told: list[Effect] = []
        for staff, mine in by_staff.items():
            if not mine:
                continue
            lines = [
                f"📞 **{title(context)}**　{context.community.name}",
                f"{self._reason(context)}\n",
                f"请在 {by.month} 月 {by.day} 日 {by:%H:%M} 前跟进这 {len(mine)} 位"
                f"（{self.audience(context)}）：",
                listed(mine),
            ]
            if waiting and staff == context.community.owner:
                lines.append(f"> 还有 {waiting} 位这次没派，下次再派。")
            lines.append("> 看话术、记结果：跟进")
            told.append(Tell(staff, "\n".join(lines)))
        return told

    def _links_of(self, context: StepContext, member: Member) -> list[Effect]:
        return [] if self.from_script is None else [*made(context, member.id)]

    def _suggested(self, context: StepContext, member: Member) -> tuple[str, str]:
        """The script, and what the colleague is told where there is none for want of a stamp."""
        from sop.review import stamped  # imports the steps

        if self.from_script is None:
            return "", ""
        if context.community.review and not stamped(context):
            return "", WITHHELD
        script = context.library.scripts[self.from_script]
        filled = render(script.text, words(context, script.variables, member.id)).strip()
        return f"{filled}\n\n{RISK_NOTICE}" if script.risk_notice else filled, ""

    def _turn(self, context: StepContext) -> Chosen:
        waiting = context.facts.followed_up(context.community.id, step_name(context))
        free = [one for one in self.chosen(context) if one.id not in waiting]
        if not free:
            raise NothingToDo("符合条件的成员都已在跟进")
        return Chosen(free[: self.at_most], len(free[self.at_most :]))

    def _reason(self, context: StepContext) -> str:
        return render(self.reason, words(context)).strip()


STEP = FollowUpMembers
