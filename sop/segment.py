"""Whom members are chosen by (人群): conditions over what they did, all of which must hold.

A *segment* is such a choice under a name; a *tag rule* gives a label to whom it selects, every
night, and takes it off again from those it no longer selects.
"""

from pydantic import ConfigDict, Field, model_validator

from sop.campaign import Name
from sop.conditions import Action as Action
from sop.conditions import ActiveDays as ActiveDays
from sop.conditions import Conditions as Conditions
from sop.conditions import Did as Did
from sop.explain import explain as explain
from sop.model import Strict
from sop.times import wrong


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
