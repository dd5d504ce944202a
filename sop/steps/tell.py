"""tell: a private message to a colleague; the group reads nothing (提醒)."""

from typing import ClassVar, Literal

from pydantic import Field

from sop.effects import Effect, Tell
from sop.step import StepContext, StepKind
from sop.templates import Text, render, words


class TellStaff(StepKind):
    """Something that the RM or the managers shall do themselves."""

    kind: ClassVar[str] = "tell"
    title: ClassVar[str] = "提醒"
    reviewed: ClassVar[bool] = False

    text: Text = Field(description="提醒内容，可用变量 community.name、date、weekday、owner")
    to: Literal["rm", "manager"] = Field(default="rm", description="提醒谁：rm 或 manager")

    def run(self, context: StepContext) -> list[Effect]:
        """Tells each of them."""
        text = render(self.text, words(context)).strip()
        return [Tell(one, f"🔔 {context.community.name}\n\n{text}") for one in self._who(context)]

    def script(self, context: StepContext) -> str:
        """The text itself."""
        return render(self.text, words(context)).strip()

    def _who(self, context: StepContext) -> list[str]:
        if self.to == "rm":
            return [context.community.owner]
        return [one.id for one in context.facts.managers()]


STEP = TellStaff
