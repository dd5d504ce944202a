"""report: the weekly summary of the community as a chat card."""

from datetime import date, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from sop.effects import Effect, Tell
from sop.step import StepContext, StepKind


class Report(StepKind):
    """The week's numbers, each with its definition behind it."""

    kind: ClassVar[str] = "report"
    title: ClassVar[str] = "周报"
    reviewed: ClassVar[bool] = False

    week: Literal["last", "this"] = Field(description="last：上周；this：本周到目前为止")
    to: Literal["manager", "rm"] = Field(default="manager", description="发给谁：manager 或 rm")

    def monday(self, day: date) -> date:
        """The first day of the week that is reported."""
        monday = day - timedelta(days=day.weekday())
        return monday - timedelta(days=7) if self.week == "last" else monday

    def run(self, context: StepContext) -> list[Effect]:
        """Tells managers or the RM."""
        from sop.summary import weekly_card  # heavy, and needed once a week

        community = context.community
        card = weekly_card(
            context.facts,
            [community],
            self.monday(context.day),
            context.plan.zone,
            community.name,
        )
        return [Tell(one, card) for one in self._who(context)]

    def script(self, context: StepContext) -> str:
        """What is about to be sent to whom."""
        monday = self.monday(context.day)
        sunday = monday + timedelta(days=6)
        to = "主管" if self.to == "manager" else "您"
        return (
            f"系统将把 {monday.month}月{monday.day}日—{sunday.month}月{sunday.day}日 的周报"
            f"发给{to}，无需操作。"
        )

    def _who(self, context: StepContext) -> list[str]:
        if self.to == "rm":
            return [context.community.owner]
        return [one.id for one in context.facts.managers()]


STEP = Report
