"""Conditions on what members are and did (人群条件): what YAML may ask of them.

All conditions that are written must hold. Which members they hold of is `Facts.choose`; why
they hold of one of them is `sop.explain`.
"""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from sop.answers import LETTERS
from sop.model import Strict
from sop.names import Name, StepName
from sop.times import Duration, wrong

Stage = Literal["newcomer", "growing", "established", "drifting", "sleeping"]
"""Where a member is in their life in a community (生命周期)."""
Value = Literal["potential", "active", "valuable", "drifting", "sleeping"]
"""What a member is worth to a community, by how they take part (价值分层)."""
Action = Literal["message", "answer", "checkin", "draw", "click"]
Intent = Literal["high", "medium", "low"]

_QUINTILES = re.compile(r"([1-5])(?:-([1-5]))?", re.ASCII)


def parse_quintiles(value: object) -> tuple[int, int]:
    """`4-5` or `5`: the lowest and the highest score, both included."""
    if isinstance(value, tuple):
        return value
    plain = str(value).strip() if isinstance(value, str | int) else ""
    found = _QUINTILES.fullmatch(plain)
    if found is None or isinstance(value, bool):
        raise wrong("value", f"看不懂分数“{value}”。", "请写 1 到 5，或一段，例如 4-5。")
    low, high = int(found[1]), int(found[2] or found[1])
    if high < low:
        raise wrong("value", f"“{value}”的前一个数比后一个大。", f"请写 {high}-{low}。")
    return low, high


def format_quintiles(value: tuple[int, int]) -> str:
    """The inverse of `parse_quintiles`."""
    low, high = value
    return f"{low}" if low == high else f"{low}-{high}"


Quintiles = Annotated[
    tuple[int, int],
    BeforeValidator(parse_quintiles),
    PlainSerializer(format_quintiles, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "pattern": r"^\s*([1-5]|1-[1-5]|2-[2-5]|3-[3-5]|4-[45]|5-5)\s*$",
            "minimum": 1,
            "maximum": 5,
            "examples": ["4-5"],
        }
    ),
]


class ActiveDays(Strict):
    """On how many different days somebody did something."""

    within: Duration = Field(description="看最近多久，例如 28d")
    at_least: int = Field(default=0, ge=0, le=366, description="至少几天")
    at_most: int | None = Field(default=None, ge=0, le=366, description="至多几天")

    @model_validator(mode="after")
    def _possible(self) -> "ActiveDays":
        if self.at_most is not None and self.at_most < self.at_least:
            raise wrong("value", "at_most 比 at_least 小，谁也选不到。", at=("at_most",))
        return self


class Times(Strict):
    """How often somebody did something lately."""

    within: Duration = Field(description="看最近多久，例如 28d")
    at_least: int = Field(
        default=1, ge=0, le=10_000, description="至少几次；只写 at_most 时从 0 次算起"
    )
    at_most: int | None = Field(default=None, ge=0, le=10_000, description="至多几次，0 是没做过")

    @property
    def least(self) -> int:
        """The lower bound that counts: none where only the upper one is written."""
        alone = self.at_most is not None and "at_least" not in self.model_fields_set
        return 0 if alone else self.at_least

    @model_validator(mode="after")
    def _possible(self) -> "Times":
        if self.at_most is not None and self.at_most < self.least:
            raise wrong("value", "at_most 比 at_least 小，谁也选不到。", at=("at_most",))
        return self


class Did(Times):
    """Something that somebody did, or not."""

    action: Action = Field(
        description="message 发言，answer 作答，checkin 签到，draw 抽奖，click 点链接"
    )


class Played(Times):
    """Rounds in which somebody took part."""

    game: str | None = Field(default=None, description="只算这个游戏，例如 quiz；不写是所有游戏")


class AnsweredRight(Times):
    """Questions that somebody answered rightly."""


class SurveyAnswer(Strict):
    """What somebody chose in a survey; known until 30 days after its end."""

    step: StepName = Field(description="哪一步的问卷：计划名/步骤编号")
    question: int = Field(default=1, ge=1, le=len(LETTERS), description="第几题")
    answer: str = Field(
        pattern=rf"^[A-{LETTERS[-1]}]+$", description="选了其中任何一项，例如 A 或 AB"
    )


class Clicked(Times):
    """Tracked links that somebody opened."""

    link: str | None = Field(default=None, description="只算这个名字的链接；不写是所有链接")


class Written(Strict):
    """Private messages that somebody got, and what came of the latest: for a second touch."""

    step: StepName | None = Field(
        default=None, description="哪一步的私信：计划名/步骤编号；不写是任何一步"
    )
    before: Duration | None = Field(default=None, description="最近一次至少在多久以前，例如 3d")
    within: Duration = Field(
        default=timedelta(days=90), description="最近一次不超过多久以前，不写是 90d"
    )
    reacted: bool | None = Field(
        default=None, description="true：之后有过活跃行为；false：之后没有；不写都算"
    )

    @model_validator(mode="after")
    def _possible(self) -> "Written":
        if self.before and self.within <= self.before:
            raise wrong("value", "within 不比 before 长，谁也选不到。", at=("within",))
        return self


class Rfm(Strict):
    """Scores from 1 to 5 within the community, 5 the best."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    r: Quintiles | None = Field(default=None, description="最近一次参与（R），5 是最近的五分之一")
    f: Quintiles | None = Field(default=None, description="28 天里参与的天数（F），5 是最多的")
    m: Quintiles | None = Field(default=None, description="28 天里参与的分量（M），5 是最重的")

    @model_validator(mode="after")
    def _not_empty(self) -> "Rfm":
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写分数。", "例如 r: 4-5。")
        return self


class Conditions(Strict):
    """Present members of a community; every condition that is written must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    joined_within: Duration | None = Field(default=None, description="入群不超过多久，例如 7d")
    joined_before: Duration | None = Field(default=None, description="入群至少多久，例如 30d")
    active_within: Duration | None = Field(default=None, description="最近多久内有过活跃行为")
    silent_for: Duration | None = Field(default=None, description="至少多久没有活跃行为")
    active_days: ActiveDays | None = Field(default=None, description="最近一段时间活跃几天")
    did: list[Did] = Field(default=[], description="做过什么、几次")
    played: Played | None = Field(default=None, description="玩过几局游戏")
    answered_right: AnsweredRight | None = Field(default=None, description="答对几道题")
    survey: SurveyAnswer | None = Field(default=None, description="问卷里选了什么")
    clicked: Clicked | None = Field(default=None, description="点过几次带追踪的链接")
    intent: list[Intent] = Field(
        default=[], description="意向：high 高，medium 中，low 低；符合其中之一"
    )
    written: Written | None = Field(default=None, description="收到过私信，之后有没有动静")
    channel: list[str] = Field(default=[], description="从这些渠道之一来的，渠道名见 channels/")
    lifecycle: list[Stage] = Field(
        default=[],
        description="生命周期：newcomer 新成员，growing 成长，established 稳定，"
        "drifting 疏远，sleeping 沉睡；符合其中之一",
    )
    value: list[Value] = Field(
        default=[],
        description="价值分层：potential 潜力，active 活跃，valuable 高价值，"
        "drifting 疏远，sleeping 沉睡；符合其中之一",
    )
    rfm: Rfm | None = Field(default=None, description="群内五分位的分数，1 到 5，5 最好")
    tags: list[str] = Field(default=[], description="带有这里的全部标签")
    without_tags: list[str] = Field(default=[], description="不带这里的任何标签")
    segment: Name | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="也在这个人群里：人群名，见 segments/",
    )

    @model_validator(mode="after")
    def _not_empty(self) -> "Conditions":
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写条件。", "例如 silent_for: 14d。")
        return self
