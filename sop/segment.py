"""Whom members are chosen by (人群): conditions over what they did, all of which must hold.

A *segment* is such a choice under a name; a *tag rule* gives a label to whom it selects, every
night, and takes it off again from those it no longer selects.
"""

from typing import ClassVar

from pydantic import ConfigDict, Field, model_validator

from sop.conditions import Action as Action
from sop.conditions import ActiveDays as ActiveDays
from sop.conditions import Conditions as Conditions
from sop.conditions import Did as Did
from sop.explain import explain as explain
from sop.model import Strict
from sop.names import Name
from sop.times import wrong


class Segment(Strict):
    """Members chosen by conditions, under a name."""

    unspoken: ClassVar[str] = "只说选哪些成员，没有给客户的话。"

    segment: Name = Field(description="人群名，步骤里用 segment: 引用")
    title: str = Field(min_length=1, max_length=20, description="人群叫什么，例如 沉睡成员")
    who: Conditions = Field(description="选哪些成员")


class TagRule(Strict):
    """A label that follows what members do."""

    unspoken: ClassVar[str] = "标签和理由只给同事看。"

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

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Conditions have a name and a file of their own."""
        if key not in Conditions.model_fields:
            return None
        hint = f"请在 segments/ 里建一个人群，把 {key} 写在它的 who: 下面，这里写 segment: 人群名。"
        return f"条件“{key}”不能直接写在这里。", hint

    @model_validator(mode="after")
    def _not_empty(self) -> "Audience":
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写选哪些成员。", "例如 segment: sleeping。")
        return self
