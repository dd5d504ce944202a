"""follow_up: a task for the RM about each of the chosen members (跟进)."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from sop.choosing import Chosen, ToMembers, listed, step_name, title
from sop.effects import Effect, FollowUp, Tell
from sop.step import NothingToDo, StepContext
from sop.templates import Text, render, words
from sop.times import Duration


class FollowUpMembers(ToMembers):
    """The RM reads one list. Whom this step gave before and who still waits is not given again."""

    kind: ClassVar[str] = "follow_up"
    title: ClassVar[str] = "跟进"
    reviewed: ClassVar[bool] = False

    reason: Text = Field(max_length=500, description="为什么跟进、怎么跟进，写给客户经理看")
    due: Duration = Field(default=timedelta(days=2), description="多久以内跟进完，例如 2d")
    at_most: int = Field(default=20, ge=1, le=200, description="一次最多几人；其余的下次再派")

    def run(self, context: StepContext) -> list[Effect]:
        """A task each, and one message. Raises NothingToDo when there is nobody."""
        turn, owner = self._turn(context), context.community.owner
        reason, due_at = self._reason(context), context.now + self.due
        tasks = [
            FollowUp(
                community=context.community.id,
                member=one.id,
                staff=owner,
                reason=reason,
                due_at=due_at,
                key=f"{context.occurrence}/{one.id}",
            )
            for one in turn.members
        ]
        by = due_at.astimezone(context.community.zone)
        lines = [
            f"📞 **{title(context)}**　{context.community.name}",
            f"{reason}\n",
            f"请在 {by.month} 月 {by.day} 日 {by:%H:%M} 前跟进这 {len(tasks)} 位"
            f"（{self.audience(context)}）：",
            listed(turn.members),
        ]
        if turn.waiting:
            lines.append(f"> 还有 {turn.waiting} 位这次没派给您，下次再派。")
        return [*tasks, Tell(owner, "\n".join(lines))]

    def script(self, context: StepContext) -> str:
        """What is about to come."""
        return f"到点把要跟进的名单交给您（{self.audience(context)}）。\n{self._reason(context)}"

    def _turn(self, context: StepContext) -> Chosen:
        waiting = context.facts.followed_up(context.community.id, step_name(context))
        free = [one for one in self.chosen(context) if one.id not in waiting]
        if not free:
            raise NothingToDo("符合条件的成员都已在跟进")
        return Chosen(free[: self.at_most], len(free[self.at_most :]))

    def _reason(self, context: StepContext) -> str:
        return render(self.reason, words(context)).strip()


STEP = FollowUpMembers
