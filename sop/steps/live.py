"""live: an event with reservation, reminders and the link at its start (直播)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator

from sop.answers import LONGEST, normalise
from sop.community import Community
from sop.effects import Effect, Tell
from sop.gathering import Answer, Hearing, Keyword, Line, Listening, Sitting, begins, filled
from sop.step import StepContext
from sop.times import Duration, TimeOfDay, spoken_duration, wrong
from sop.wording import shown

NAMED = 50
"""Members that a message to the RM names; the rest is counted."""
LINK_LASTS = timedelta(hours=1)
"""So long after the start somebody may still want to come in."""
_YES = frozenset({"", "1", "+1", "我", "报名", "一下", "直播", "参加", "成功"})
_NO = frozenset({"取消", "退订", "不去", "不去了", "取消预约"})


def _link(value: str) -> str:
    if not value.startswith(("https://", "http://")) or len(value.split()) != 1:
        raise wrong("value", f"“{value}”不是网址。", "请写完整的网址，以 https:// 开头。")
    return value


class Live(Listening):
    """The step's own time opens the reservation; the event starts `days_later` at `starts`.

    At each reminder the group reads how many come, and the RM who they are and what to write to
    them. Where the bot hears nobody it only reminds. Reply: `{"comes"}`; result: `{"reserved"}`.
    """

    kind: ClassVar[str] = "live"
    title: ClassVar[str] = "直播"
    goes_on_unheard: ClassVar[bool] = True

    subject: Line = Field(description="直播名称，一句话，例如：年终资产配置怎么做")
    starts: TimeOfDay = Field(description='直播几点开始，24 小时制，例如 "20:00"')
    days_later: int = Field(default=0, ge=0, le=60, description="开放预约后第几天直播，0 是当天")
    link: Annotated[str, Field(max_length=500), AfterValidator(_link)] = Field(
        description="直播网址，开始时发到群里"
    )
    reminders: list[Duration] = Field(
        default=[timedelta(minutes=15)],
        max_length=5,
        description="开始前多久各提醒一次，例如 [1d, 15m]",
    )
    keyword: Keyword = Field(default="预约", description="成员 @机器人 说的关键词")

    @model_validator(mode="after")
    def _reminders_differ(self) -> "Live":
        if len(set(self.reminders)) < len(self.reminders):
            raise wrong("duplicate", "有两次提醒在同一时间。", at=("reminders",))
        return self

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def keywords(self, phase: str) -> tuple[str, ...]:
        """To reserve, and to take it back."""
        return (self.keyword, f"取消{self.keyword}")

    def how(self, community: Community, phase: str) -> str:
        """The keyword alone."""
        return f"请发“@{community.heard_as} {self.keyword}”" if community.heard_as else ""

    def ends(self, context: StepContext) -> datetime:
        """When the event starts."""
        day = context.day + timedelta(days=self.days_later)
        return datetime.combine(day, self.starts, tzinfo=context.plan.zone).astimezone(UTC)

    def alarms(self, phase: str, closes_at: datetime) -> Sequence[datetime]:
        """The reminders."""
        return sorted(closes_at - one for one in self.reminders)

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The poster, the time, and how to reserve."""
        starts = begins(closes_at, context.community, context.now)
        head = f"📺 **直播：{self.subject}**\n{filled(self.text, context)}\n\n🕗 {starts} 开始"
        how = self.how(context.community, "")
        return f"{head}\n{how}，开播前我在群里提醒。" if how else head

    def by_hand(self, context: StepContext) -> str:
        """The poster; reservation by the RM is up to the RM."""
        return self.opening(context, self.ends(context))

    def heard(self, hearing: Hearing) -> Answer:
        """Reserves, or takes it back."""
        sitting = hearing.sitting
        words = normalise(hearing.words) if len(hearing.words) <= LONGEST else "?"
        if hearing.keyword != self.keyword or words in _NO:
            if not (hearing.before and hearing.before["comes"]):
                return Answer("您还没有预约过，不用取消。")
            return Answer("已取消预约。改主意可以再约。", {"comes": False})
        if words not in _YES:
            how = self.how(sitting.community, "")
            return Answer(f"想预约{how}；不去了请发“@{sitting.community.heard_as} 取消预约”。")
        starts = begins(sitting.gathering.closes_at, sitting.community, sitting.now)
        if hearing.before and hearing.before["comes"]:
            return Answer(f"您已经预约过了，{starts} 见。")
        return Answer(f"✅ 预约成功，{starts} 见，开播前我在群里提醒。", {"comes": True})

    def rings(self, sitting: Sitting) -> list[Effect]:
        """A reminder."""
        closes_at, community = sitting.gathering.closes_at, sitting.community
        names = self._reserved(sitting)
        minutes = max(round((closes_at - sitting.now).total_seconds() / 60), 1)
        left = spoken_duration(timedelta(minutes=minutes))
        starts = begins(closes_at, community, sitting.now)
        lines = [f"⏰ **{self.subject}**　{starts} 开始，还有 {left}。"]
        lines += [f"已有 {len(names)} 位群友预约。"] if names else []
        how = self.how(community, "")
        lines += [f"> 还没预约的{how}。"] if how else []
        post = sitting.post("\n".join(lines), closes_at)
        if not community.heard_as:
            return [post]
        return [post, self._told(sitting, names, left, starts)]

    def closing(self, sitting: Sitting) -> list[Effect]:
        """It starts: the link."""
        names = self._reserved(sitting)
        text = f"▶️ **{self.subject}** 开始了，点这里进入：{self.link}"
        return [
            sitting.close("直播开始", {"reserved": len(names)}),
            sitting.post(text, sitting.gathering.closes_at + LINK_LASTS),
        ]

    def _told(self, sitting: Sitting, names: Sequence[str], left: str, starts: str) -> Tell:
        more = [f"……共 {len(names)} 位"] if len(names) > NAMED else []
        who = "、".join([*names[:NAMED], *more])
        head = f"📺 “{self.subject}”还有 {left}，"
        if not names:
            return sitting.tell(f"{head}还没有人预约。")
        return sitting.tell(
            f"{head}预约 {len(names)} 人：{who}\n\n"
            f"可以这样私信他们：\n> 您预约的“{self.subject}”{starts} 开始，到时点这里就能看："
            f"{self.link}"
        )

    def _reserved(self, sitting: Sitting) -> list[str]:
        return [shown(one.name) for one in sitting.replies() if one.value["comes"]]


STEP = Live
