"""thanks: the group reads who took part most in the week or month (感谢)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from sop.community import Member
from sop.effects import Effect, Post
from sop.seeds import derive
from sop.step import NothingToDo, StepContext, StepKind
from sop.templates import LinkedText, render, words
from sop.wording import shown

_PERIODS = {"week": "本周", "month": "本月"}


class Thanks(StepKind):
    """Names without numbers or places: it is thanks and no contest, and wins nothing.

    Who did as much as the last one named is named too; where that would more than double the
    list, lots decide among those.
    """

    kind: ClassVar[str] = "thanks"
    title: ClassVar[str] = "感谢活跃群友"

    of: Literal["week", "month"] = Field(default="week", description="week：本周；month：本月")
    top: int = Field(default=5, ge=1, le=20, description="感谢几位；并列的一起感谢")
    text: LinkedText | None = Field(
        default=None, description="名单后面的话，可用变量 community.name、date、weekday、owner"
    )

    def since(self, day: date) -> date:
        """The first day of the period that `day` is in."""
        return day.replace(day=1) if self.of == "month" else day - timedelta(days=day.weekday())

    def run(self, context: StepContext) -> list[Effect]:
        """Posts the names. Raises NothingToDo when nobody took part."""
        found = self._named(context)
        if not found:
            raise NothingToDo(f"{_PERIODS[self.of]}还没有人参与，这次不发")
        post = Post(
            context.community.id,
            self._text(context, [shown(one.name) for one in found]),
            quiet_hours=context.plan.quiet_hours,
            expires_at=context.step.expires_at(context.due_at, context.now),
        )
        return [post]

    def script(self, context: StepContext) -> str:
        """The text, before the names are known."""
        return self._text(context, [f"〔到时最活跃的 {self.top} 位〕"])

    def _named(self, context: StepContext) -> Sequence[Member]:
        best = context.facts.most_active(context.community.id, self.since(context.day))
        if len(best) <= self.top:
            return [one.member for one in best]
        last = best[self.top - 1]
        last_score = (last.days, last.actions)
        above = [one.member for one in best if (one.days, one.actions) > last_score]
        tied = [one.member for one in best if (one.days, one.actions) == last_score]
        if len(above) + len(tied) <= 2 * self.top:
            return [*above, *tied]
        tied.sort(key=lambda one: derive(context.seed, one.id))
        return [*above, *tied[: self.top - len(above)]]

    def _text(self, context: StepContext, names: Sequence[str]) -> str:
        head = f"💐 **{_PERIODS[self.of]}感谢这些热心的群友**\n{'、'.join(names)}"
        if self.text is None:
            return f"{head}\n谢谢大家，下次见！"
        return f"{head}\n{render(self.text, words(context)).strip()}"


STEP = Thanks
