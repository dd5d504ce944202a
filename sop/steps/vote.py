"""vote: the group chooses among options by saying their number (投票)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from sop.answers import LETTERS, normalise
from sop.community import Community
from sop.effects import Effect
from sop.gathering import (
    Answer,
    Hearing,
    Keyword,
    Line,
    Listening,
    Sitting,
    Timed,
    filled,
    to_rm,
    until,
)
from sop.gathering_words import chart, chosen
from sop.member_page import please
from sop.step import StepContext
from sop.times import wrong

MOST_OPTIONS = len(LETTERS)


class Vote(Listening, Timed):
    """One vote each, the last one counts. The result is posted as a chart with every count; equal
    counts are equal, since nothing is to be won.

    Reply: `{"options": [indexes]}`; result: `{"voters", "counts"}`.
    """

    kind: ClassVar[str] = "vote"
    on_page: ClassVar[bool] = True
    title: ClassVar[str] = "投票"

    subject: Line = Field(description="投什么票，一句话，例如：下期想听什么")
    options: Annotated[list[Line], Field(min_length=2, max_length=MOST_OPTIONS)] = Field(
        description="选项，2 到 8 个"
    )
    multiple: int = Field(default=1, ge=1, le=MOST_OPTIONS, description="每人最多选几项")
    keyword: Keyword = Field(default="投票", description="成员 @机器人 说的关键词")

    @model_validator(mode="after")
    def _distinct(self) -> "Vote":
        known: dict[str, str] = {}
        for number, option in enumerate(self.options):
            plain = normalise(option)
            if plain in known:
                text = f"“{known[plain]}”和“{option}”分不清。"
                raise wrong("duplicate", text, "请写得不一样。", ("options", number))
            if len(plain) < 2 and plain.isascii():
                hint = "选项会自动编号，请写出内容，例如：亲子理财。"
                raise wrong("value", f"选项不能只写“{option}”。", hint, ("options", number))
            known[plain] = option
        if self.multiple > len(self.options):
            text = f"只有 {len(self.options)} 个选项，不能选 {self.multiple} 项。"
            raise wrong("value", text, at=("multiple",))
        return self

    @property
    def headline(self) -> str:
        """The subject."""
        return self.subject

    def keywords(self, phase: str) -> tuple[str, ...]:
        """Its one keyword."""
        return (self.keyword,)

    def how(self, community: Community, phase: str) -> str:
        """With no number: an example would be a recommendation."""
        return please(community, f"{self.keyword} 编号")

    def page_lines(self) -> Sequence[str]:
        """The options with their numbers."""
        return self._labels()

    def opening(self, context: StepContext, closes_at: datetime) -> str:
        """The options with their numbers, and the rules."""
        ends = until(closes_at, context.community, context.now)
        how = self.how(context.community, "")
        return (
            f"{self._sheet(context)}\n\n{how}，{self._rule()}。\n"
            f"> {ends} 截止，到时公布结果；截止前可以改，以最后一次为准。"
        )

    def by_hand(self, context: StepContext) -> str:
        """The same, to be answered to the RM."""
        return f"{self._sheet(context)}\n\n请{to_rm(context)}选项编号，{self._rule()}。"

    def heard(self, hearing: Hearing) -> Answer:
        """Counts the vote, or says what can be voted for."""
        how = self.how(hearing.sitting.community, "")
        picked = chosen(hearing.words, self.options)
        if picked is None:
            options = "；".join(self._labels())
            return Answer(f"没看懂要投给谁。{how}。可选：{options}。")
        if len(picked) > self.multiple:
            most = self.multiple
            return Answer(f"每人最多选 {most} 项，您选了 {len(picked)} 项，这次没有计票。{how}。")
        labels = "、".join(self._labels()[one] for one in picked)
        changed = "改为" if hearing.before else "投给"
        return Answer(f"✅ 已{changed}：{labels}。截止前可以再改。", {"options": picked})

    def closing(self, sitting: Sitting) -> list[Effect]:
        """The chart for the group."""
        replies = sitting.replies()
        counts = [
            sum(1 for one in replies if number in one.value["options"])
            for number in range(len(self.options))
        ]
        closed = sitting.close("时间到", {"voters": len(replies), "counts": counts})
        if not replies:
            text = f"🗳 投票“{self.subject}”截止，这次没有人投票，下次早点来。"
            return [closed, sitting.post(text)]
        rows = sorted(
            zip(self._labels(), counts, strict=True), key=lambda one: one[1], reverse=True
        )
        best = [
            option
            for option, count in zip(self.options, counts, strict=True)
            if count == max(counts)
        ]
        equal = "（并列）" if len(best) > 1 else ""
        foot = "，可多选，百分比按人数算" if self.multiple > 1 else ""
        text = (
            f"📊 **投票结果：{self.subject}**\n"
            f"{chart(rows, len(replies), '票')}\n"
            f"得票最多：{'、'.join(best)}{equal}\n"
            f"> 共 {len(replies)} 人投票{foot}。"
        )
        return [closed, sitting.post(text)]

    def _sheet(self, context: StepContext) -> str:
        options = "\n".join(self._labels())
        return f"🗳 **投票：{self.subject}**\n{filled(self.text, context)}\n\n{options}"

    def _labels(self) -> list[str]:
        return [f"{number}. {option}" for number, option in enumerate(self.options, start=1)]

    def _rule(self) -> str:
        if self.multiple == 1:
            return "每人一票"
        return f"每人最多选 {self.multiple} 项，编号之间空一格"


STEP = Vote
