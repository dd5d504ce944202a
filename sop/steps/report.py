"""report: the weekly summary of the community as a chat card.

The numbers are not counted here, in the transaction of the calendar: the step only asks for the
card, which is made outside of any and follows within seconds.
"""

from datetime import date, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from sop.effects import AskSummary, Effect
from sop.step import NothingToDo, StepContext, StepKind
from sop.summary.weeks import week_label

SENT_ANYWAY = "配置里写了 summary，主管和客户经理已经统一收到上周的周报"
"""Why the step is silent."""


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
        """Asks for the card of managers or the RM. Raises NothingToDo where all of them are sent
        the same week anyway: nobody gets it twice."""
        if self.week == "last" and context.facts.weeks_are_sent:
            raise NothingToDo(SENT_ANYWAY)
        week = week_label(self.monday(context.day))
        scope = f"community:{context.community.id}"
        return [AskSummary(one, week, scope, "card") for one in self._who(context)]

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
