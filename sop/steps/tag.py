"""tag: puts a label on chosen members, or takes it off (打标签)."""

from typing import ClassVar

from pydantic import Field

from sop.choosing import ToMembers, step_name
from sop.effects import Effect, Tag, Untag
from sop.step import StepContext
from sop.templates import Text, render, words


class TagMembers(ToMembers):
    """Nobody is written to; the reason stays beside the label."""

    kind: ClassVar[str] = "tag"
    title: ClassVar[str] = "打标签"
    reviewed: ClassVar[bool] = False

    name: str = Field(min_length=1, max_length=30, description="标签名，和企业微信里一致")
    reason: Text = Field(
        max_length=200, description="为什么打这个标签，客户经理看得到；可用变量 date、weekday"
    )
    remove: bool = Field(default=False, description="true：摘掉这个标签；false：打上")

    def run(self, context: StepContext) -> list[Effect]:
        """One effect for each member. Raises NothingToDo when there is nobody."""
        by, reason = step_name(context), render(self.reason, words(context)).strip()
        members = self.chosen(context)
        if self.remove:
            return [Untag(one.id, self.name, by) for one in members]
        return [Tag(one.id, self.name, by, reason) for one in members]

    def script(self, context: StepContext) -> str:
        """What is about to be done."""
        does = "摘掉" if self.remove else "打上"
        return f"系统将给这些成员{does}标签“{self.name}”：{self.audience(context)}。您不用做什么。"


STEP = TagMembers
