"""checkin: calls upon everybody to check in today, and says in the end how many did (签到)."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import Field, model_validator

from sop.community import Community
from sop.effects import Effect
from sop.gathering import Line, LinkedText, Sitting, Timed, filled, until
from sop.member_page import how
from sop.members_words import CHECK_IN, LONGEST_STREAK
from sop.step import StepContext
from sop.times import wrong
from sop.wording import shown

NAMED = 3
"""Members with the longest streak that the group reads by name."""


class CheckIn(Timed):
    """Members say 签到 as on any day; this step opens the day and closes it with the tally.

    Result: `{"members", "longest"}`. The tally is of the local day on which it opened.
    """

    kind: ClassVar[str] = "checkin"
    on_page: ClassVar[bool] = True
    title: ClassVar[str] = "签到"

    subject: Line = Field(default="今日签到", description="签到名称，一句话")
    text: LinkedText = Field(
        default="{{ weekday }}好，{{ community.name }}的各位！今天的签到开始了。",
        description="开场的话，可用变量 community.name、date、weekday、owner、bot",
    )

    @model_validator(mode="after")
    def _one_day(self) -> "CheckIn":
        if self.open_for > timedelta(hours=24):
            raise wrong("value", "签到按天计，不能超过一天。", "请写 24h 以内。", ("open_for",))
        return self

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def how(self, community: Community, phase: str) -> str:
        """The word that always checks in."""
        return f"请{how(community, CHECK_IN)}"

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The call."""
        ends = until(closes_at, context.community, context.now)
        text = filled(self.text, context)
        return f"☀️ {text}\n{self.how(context.community, '')}，每天一次。\n> {ends} 公布人数。"

    def by_hand(self, context: StepContext) -> str:
        """The call, without the bot."""
        return f"☀️ {filled(self.text, context)}\n请大家在群里发一个“{CHECK_IN}”。"

    def closing(self, sitting: Sitting) -> list[Effect]:
        """How many, and who is most steadfast."""
        zone = sitting.community.zone
        today = sitting.gathering.opened_at.astimezone(zone).date()
        here = sitting.facts.check_ins(sitting.community.id, today)
        days, best = _longest(sitting, today, dict(here))
        closed = sitting.close("时间到", {"members": len(here), "longest": days})
        if not here:
            return [closed, sitting.post("☀️ 今天还没有人签到，明天早点来。")]
        lines = [f"☀️ **{self.subject}**：今天 {len(here)} 人签到，谢谢大家！"]
        if days > 1:
            more = f"等 {len(best)} 位" if len(best) > NAMED else ""
            names = "、".join(shown(one) for one in best[:NAMED])
            lines.append(f"连续最长 {days} 天：{names}{more} 👏")
        return [closed, sitting.post("\n".join(lines))]


def _longest(sitting: Sitting, today: date, members: dict[str, str]) -> tuple[int, list[str]]:
    """The most days in a row up to today, and the names of those who have them."""
    left = members
    days = 0
    while left and days < LONGEST_STREAK:
        days += 1
        members = left
        day = today - timedelta(days=days)
        before = {member for member, _ in sitting.facts.check_ins(sitting.community.id, day)}
        left = {member: name for member, name in members.items() if member in before}
    return days, list(members.values())


STEP = CheckIn
