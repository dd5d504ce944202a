"""nps: how likely members are to recommend the community, 0 to 10 (推荐度)."""

import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.community import Community
from sop.effects import Effect, FollowUp, Tell
from sop.gathering import (
    Answer,
    Hearing,
    Keyword,
    Line,
    LinkedText,
    Listening,
    Sitting,
    Timed,
    filled,
    to_rm,
    until,
)
from sop.gathering_words import percent
from sop.member_page import please
from sop.step import StepContext
from sop.wording import shown, told

if TYPE_CHECKING:
    from sop.ports import ReplyFacts

PROMOTERS, DETRACTORS = 9, 6
"""From 9 on, and up to 6: the standard classes of the Net Promoter Score."""
LONGEST_REASON = 100
FEW = 30
"""Below so many scores the figure jumps from week to week."""
NAMED = 30
_SCORE = re.compile(
    r"(10|[0-9]|[零一二两三四五六七八九十])\s*分?(?:\s*/\s*10)?(?![\d.%/十百]|分)(.*)", re.S
)
_CHINESE = {one: number for number, one in enumerate("零一二三四五六七八九十")} | {"两": 2}


class Nps(Listening, Timed):
    """NPS = 推荐者（9–10 分）占比 − 贬损者（0–6 分）占比, in points, never without its n.

    The figure goes to the RM and the managers, reasons and names only to the RM, low scores also
    as follow-ups. Reply: `{"score", "reason"}`; result: `{"n", "promoters", "detractors"}`.
    """

    kind: ClassVar[str] = "nps"
    on_page: ClassVar[bool] = True
    title: ClassVar[str] = "推荐度"

    subject: Line = Field(default="您会推荐我们吗", description="调查名称，一句话")
    text: LinkedText = Field(
        default="您有多大可能把我们的社群推荐给朋友？0 分是完全不会，10 分是一定会。",
        description="问题，可用变量 community.name、date、weekday、owner、bot",
    )
    thanks: Line = Field(default="谢谢您的评分！", description="评分后回复的话")
    keyword: Keyword = Field(default="评分", description="成员 @机器人 说的关键词")

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def keywords(self, phase: str) -> tuple[str, ...]:
        """Its one keyword."""
        return (self.keyword,)

    def how(self, community: Community, phase: str) -> str:
        """A score, and if one likes why. With no number: an example would be a hint."""
        return f"{please(community, f'{self.keyword} 分数')}，后面可以写原因"

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The question."""
        ends = until(closes_at, context.community, context.now)
        return (
            f"{self._sheet(context)}\n\n{self.how(context.community, '')}。\n"
            f"> {ends} 截止；截止前可以改，以最后一次为准。"
        )

    def by_hand(self, context: StepContext) -> str:
        """The same, to be answered to the RM."""
        return f"{self._sheet(context)}\n\n请{to_rm(context)}一个 0 到 10 的分数，也欢迎说说原因。"

    def heard(self, hearing: Hearing) -> Answer:
        """Keeps score and reason."""
        read = score(hearing.words)
        if read is None:
            how = self.how(hearing.sitting.community, "")
            return Answer(f"没看懂您的评分，要 0 到 10 的整数。{how}。")
        points, reason = read
        changed = "改为" if hearing.before else "收到"
        return Answer(
            f"✅ 已{changed} {points} 分。{self.thanks}", {"score": points, "reason": reason}
        )

    def closing(self, sitting: Sitting) -> list[Effect]:
        """Thanks to the group; figures to RM and managers; low scores are followed up."""
        replies = sitting.replies()
        scores = [one.value["score"] for one in replies]
        promoters = sum(1 for one in scores if one >= PROMOTERS)
        low = [one for one in replies if one.value["score"] <= DETRACTORS]
        result = {"n": len(scores), "promoters": promoters, "detractors": len(low)}
        figures = self._figures(len(scores), promoters, len(low))
        effects: list[Effect] = [sitting.close("时间到", result)]
        effects += [self._follow_up(sitting, one) for one in low]
        count = f"一共 {len(replies)} 位群友评分，" if replies else ""
        effects.append(sitting.post(f"💬 “{self.subject}”截止，{count}谢谢大家！"))
        words = [_word(one) for one in replies if one.value["reason"] or one in low]
        more = [f"……共 {len(words)} 位"] if len(words) > NAMED else []
        effects.append(sitting.tell("\n".join([figures, *words[:NAMED], *more])))
        effects += [
            Tell(one.id, f"**{sitting.community.name}**\n{figures}")
            for one in sitting.facts.managers()
            if one.id != sitting.community.owner
        ]
        return effects

    def _figures(self, n: int, promoters: int, detractors: int) -> str:
        if not n:
            return f"💬 {self.subject}：没有人评分，这次没有 NPS。"
        passives = n - promoters - detractors
        return "\n".join(
            [
                f"💬 {self.subject}：**NPS {net(n, promoters, detractors)}**，n = {n}",
                f"推荐者（9～10 分）　{promoters} 人，{percent(promoters, n)}",
                f"中立者（7～8 分）　{passives} 人，{percent(passives, n)}",
                f"贬损者（0～6 分）　{detractors} 人，{percent(detractors, n)}",
                "> NPS = 推荐者占比 − 贬损者占比。"
                + (f"不到 {FEW} 人评分，仅供参考。" if n < FEW else ""),
            ]
        )

    def _follow_up(self, sitting: Sitting, reply: "ReplyFacts") -> FollowUp:
        reason = reply.value["reason"] or "没有写原因"
        return FollowUp(
            community=sitting.community.id,
            member=reply.member,
            staff=sitting.community.owner,
            reason=f"“{self.subject}”评 {reply.value['score']} 分：{reason}",
            due_at=sitting.next_workday(),
            key=f"gathering/{sitting.gathering.id}/{reply.member}",
        )

    def _sheet(self, context: StepContext) -> str:
        return f"💬 **{self.subject}**\n{filled(self.text, context)}"


def score(typed: str) -> tuple[int, str] | None:
    """`9 很方便`, `９分，很方便`, `十`, `10/10` → (points, reason of at most 100 characters);
    None for `11`, `-1`, `9.5` and words."""
    plain = unicodedata.normalize("NFKC", typed[: 4 * LONGEST_REASON]).replace("\ufe0f\u20e3", "")
    found = _SCORE.match(plain.lstrip())
    if found is None:
        return None
    digits, rest = found[1], found[2]
    points = int(digits) if digits.isdecimal() else _CHINESE[digits]
    reason = " ".join(rest.lstrip(" ,，.。:：;；、!！-—~").split())
    visible = "".join(one for one in reason if unicodedata.category(one)[0] != "C")
    return points, visible[:LONGEST_REASON]


def net(n: int, promoters: int, detractors: int) -> str:
    """`+23`, `0`, `-8`: percentage points, rounded half away from zero; `无数据` of nothing."""
    if n == 0:
        return "无数据"
    difference = promoters - detractors
    points = (200 * abs(difference) + n) // (2 * n)
    return f"{points if difference > 0 else -points:+d}" if points else "0"


def _word(reply: "ReplyFacts") -> str:
    reason = told(reply.value["reason"]) or "没有写原因"
    return f"· {shown(reply.name)}　{reply.value['score']} 分：{reason}"


STEP = Nps
