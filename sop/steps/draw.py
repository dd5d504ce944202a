"""draw: opens a round of a campaign in the community for a while."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.campaign import Campaign
from sop.diagnostics import did_you_mean
from sop.effects import Effect
from sop.member_page import reachable
from sop.model import Strict
from sop.notice import how_often
from sop.step import CHOOSING, StepContext, StepKind
from sop.times import Duration, spoken_duration

if TYPE_CHECKING:
    from sop.library import Library


class Draw(StepKind):
    """Members say the campaign's keyword and take the next card; every card wins."""

    kind: ClassVar[str] = "draw"
    title: ClassVar[str] = "抽奖"

    campaign: str = Field(min_length=1, description="活动名，见 campaigns/")
    open_for: Duration = Field(description="开放多久，例如 30m")

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """The campaign says who may take part."""
        if key not in CHOOSING:
            return None
        hint = "请在 campaigns/ 里这个活动的 who: 下面写 segment: 人群名。"
        return f"谁能参加写在活动里，这里不能写“{key}”。", hint

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
        """The campaign with its deck, prizes and rules, and who may take part."""
        campaign = library.campaigns[self.campaign]
        return [campaign, *campaign.links(library)]

    def called(self, library: "Library") -> str:
        """The campaign's title."""
        campaign = library.campaigns.get(self.campaign)
        return campaign.title if campaign else self.title

    def run(self, context: StepContext) -> list[Effect]:
        """Fixes the deck, publishes its commitment and opens the round."""
        from sop.rounds import open_round  # imports the loader, which imports this module

        return open_round(context, self.campaign, self.open_for)

    def script(self, context: StepContext) -> str:
        """How the RM accompanies the draw."""
        campaign = context.library.campaigns[self.campaign]
        community = context.community
        if not reachable(community):
            return f"这个群里机器人听不到成员说话，“{campaign.title}”不会开启，您不用做什么。"
        act = f"在群里 @机器人 发送“{campaign.keyword}”"
        hand = ""
        if not community.heard_as:
            act = "点开公告里的链接，在网页上"
            hand = "开启时您会收到一条带链接的公告，请转发到群里。\n"
        return (
            f"“{campaign.title}”即将在群里开启，开放 {spoken_duration(self.open_for)}。\n{hand}"
            f"成员{act}即可参加，{how_often(campaign)}，{_chance(campaign)}；"
            f"奖励在 {campaign.payable_after} 个工作日后发放。\n"
            "请在群里陪大家热闹一下，有人问规则就请他看公告；不要承诺公告以外的任何奖励。"
        )

    def announcement(self, context: StepContext) -> str:
        """What the group reads ahead, where it can be held."""
        community = context.community
        if not reachable(community):
            return ""
        campaign = context.library.campaigns[self.campaign]
        at = context.due_at.astimezone(context.plan.zone)
        act = "点开群里的链接，在网页上"
        if community.heard_as:
            act = f"在群里发送“@{community.heard_as} {campaign.keyword}”"
        return (
            f"⏰ **{at:%H:%M} {campaign.title}**\n"
            f"届时{act}即可参加，{how_often(campaign)}，{_chance(campaign)}，"
            f"开放 {spoken_duration(self.open_for)}。"
        )


def _chance(campaign: Campaign) -> str:
    if campaign.mode == "instant":
        return "张张有奖"
    return f"{campaign.deck_size} 份奖品，截止后用公开值开奖"


STEP = Draw
