"""Whom members are chosen by (人群): conditions over what they did, all of which must hold.

A *segment* is such a choice under a name; a *tag rule* gives a label to whom it selects, every
night, and takes it off again from those it no longer selects.
"""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from sop.campaign import Name
from sop.model import Strict
from sop.times import Duration, wrong


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


Action = Literal["message", "answer", "checkin", "draw", "click"]


class Did(Strict):
    """Something that somebody did, or not."""

    action: Action = Field(
        description="message 发言，answer 作答，checkin 签到，draw 抽奖，click 点链接"
    )
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
    def _possible(self) -> "Did":
        if self.at_most is not None and self.at_most < self.least:
            raise wrong("value", "at_most 比 at_least 小，谁也选不到。", at=("at_most",))
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
    tags: list[str] = Field(default=[], description="带有这里的全部标签")
    without_tags: list[str] = Field(default=[], description="不带这里的任何标签")

    @model_validator(mode="after")
    def _not_empty(self) -> "Conditions":
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写条件。", "例如 silent_for: 14d。")
        return self


class Segment(Strict):
    """Members chosen by conditions, under a name."""

    segment: Name = Field(description="人群名，步骤里用 segment: 引用")
    title: str = Field(min_length=1, max_length=20, description="人群叫什么，例如 沉睡成员")
    who: Conditions = Field(description="选哪些成员")


class TagRule(Strict):
    """A label that follows what members do."""

    tag: str = Field(min_length=1, max_length=30, description="标签名，和企业微信里一致")
    reason: str = Field(
        min_length=1, max_length=80, description="为什么打这个标签，会显示给客户经理"
    )
    who: Conditions = Field(description="给哪些成员打标签")
    keep: bool = Field(default=False, description="true：不再符合条件也保留；false：每晚摘掉")


class Audience(Strict):
    """Whom a step to members is for: a named segment, labels, or both; all must hold."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    segment: Name | None = Field(default=None, description="人群名，见 segments/")
    tags: list[str] = Field(default=[], description="带有这里的全部标签")
    without_tags: list[str] = Field(default=[], description="不带这里的任何标签")

    @model_validator(mode="after")
    def _not_empty(self) -> "Audience":
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写选哪些成员。", "例如 segment: sleeping。")
        return self
