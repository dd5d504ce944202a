"""content: a prepared text into the community."""

from typing import ClassVar

from pydantic import Field

from sop.effects import Effect, Post
from sop.step import StepContext, StepKind
from sop.templates import Text, render, words

RISK_NOTICE = (
    "> 风险提示：投资有风险，选择须谨慎。以上内容仅供交流学习，不构成投资建议或收益承诺；"
    "产品的过往业绩不代表其未来表现。请根据自身风险承受能力审慎决定。"
)


class Content(StepKind):
    """What the group reads, with the risk notice where products or markets are named."""

    kind: ClassVar[str] = "content"
    title: ClassVar[str] = "内容"

    text: Text = Field(description="正文，可用变量 community.name、date、weekday、owner、bot")
    risk_notice: bool = Field(default=False, description="true：文末附风险提示")

    def message(self, context: StepContext) -> str:
        """Exactly the text that will be sent."""
        text = render(self.text, words(context)).strip()
        return f"{text}\n\n{RISK_NOTICE}" if self.risk_notice else text

    def run(self, context: StepContext) -> list[Effect]:
        """Posts, not in quiet hours, and not after it has become pointless."""
        return [
            Post(
                context.community.id,
                self.message(context),
                quiet_hours=context.plan.quiet_hours,
                expires_at=context.step.expires_at(context.due_at, context.now),
            )
        ]

    def script(self, context: StepContext) -> str:
        """The same text, for the RM to read ahead."""
        return self.message(context)


STEP = Content
