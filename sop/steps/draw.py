"""draw: opens a round of a campaign in the community for a while."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.diagnostics import did_you_mean
from sop.effects import Effect
from sop.model import Strict
from sop.step import StepContext, StepKind
from sop.times import Duration, spoken_duration

if TYPE_CHECKING:
    from sop.library import Library


class Draw(StepKind):
    """Members say the campaign's keyword and take the next card; every card wins."""

    kind: ClassVar[str] = "draw"
    title: ClassVar[str] = "抽奖"

    campaign: str = Field(min_length=1, description="活动名，见 campaigns/")
    open_for: Duration = Field(description="开放多久，例如 30m")

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The campaign must be there, and one whose rounds a plan opens."""
        campaign = library.campaigns.get(self.campaign)
        if campaign is None:
            near = did_you_mean(self.campaign, library.campaigns, "campaigns/ 里还没有活动。")
            return [(("campaign",), f"没有名为“{self.campaign}”的活动。{near}")]
        if campaign.round != "event":
            text = f"“{self.campaign}”是常设活动（round: standing），不需要由计划开启。"
            return [(("campaign",), text)]
        return []

    def links(self, library: "Library") -> list[Strict]:
        """The campaign with its deck, prizes and rules."""
        return [library.campaigns[self.campaign]]

    def called(self, library: "Library") -> str:
        """The campaign's title."""
        campaign = library.campaigns.get(self.campaign)
        return campaign.title if campaign else self.title

    def run(self, context: StepContext) -> list[Effect]:
        """Fixes the deck, publishes its commitment and opens the round."""
        from sop.lottery import open_round  # imports Library, which imports this module

        return open_round(context, self.campaign, self.open_for)

    def script(self, context: StepContext) -> str:
        """How the RM accompanies the draw."""
        campaign = context.library.campaigns[self.campaign]
        if not context.community.heard_as:
            return f"这个群里机器人听不到成员说话，“{campaign.title}”不会开启，您不用做什么。"
        return (
            f"“{campaign.title}”即将在群里开启，开放 {spoken_duration(self.open_for)}。\n"
            f"成员在群里 @机器人 发送“{campaign.keyword}”即可参加，每人一次，张张有奖；"
            f"奖励在 {campaign.payable_after} 个工作日后发放。\n"
            "请在群里陪大家热闹一下，有人问规则就请他看公告；不要承诺公告以外的任何奖励。"
        )

    def announcement(self, context: StepContext) -> str:
        """What the group reads ahead, where it can be held."""
        if not context.community.heard_as:
            return ""
        campaign = context.library.campaigns[self.campaign]
        at = context.due_at.astimezone(context.plan.zone)
        return (
            f"⏰ **{at:%H:%M} {campaign.title}**\n"
            f"届时在群里发送“@{context.community.heard_as} {campaign.keyword}”即可参加，"
            "每人一次，张张有奖，"
            f"开放 {spoken_duration(self.open_for)}。"
        )


STEP = Draw
