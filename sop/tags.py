"""Groups of labels (标签组): the labels that the bank uses, as WeCom's customer tags have them."""

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from sop.model import Strict
from sop.times import Duration, wrong

LONGEST = 30
"""Characters of a tag's or group's name (wecom-protocol.md D.3)."""
MOST = 200

TagName = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class TagEntry(Strict):
    """A label."""

    tag: TagName = Field(description="标签名，最多 30 个字")
    about: str = Field(
        default="", max_length=80, description="什么样的成员该有这个标签，写给同事看"
    )
    keeps: Duration | None = Field(
        default=None, description="打上多久后自动摘掉，例如 90d；不写就一直留着"
    )


class TagGroup(Strict):
    """A group of labels; with `sync` they stand on customers in WeCom too."""

    unspoken: ClassVar[str] = "标签和说明只给同事看。"

    tags: TagName = Field(description="标签组名，最多 30 个字，和企业微信里一致")
    sync: bool = Field(
        default=True, description="true：和企业微信的客户标签同步；false：只在群运里用"
    )
    items: list[TagEntry] = Field(min_length=1, max_length=MOST, description="组里的标签")

    @model_validator(mode="after")
    def _each_once(self) -> "TagGroup":
        first: dict[str, int] = {}
        for number, item in enumerate(self.items):
            if item.tag in first:
                text = f"标签“{item.tag}”已是这一组的第 {first[item.tag] + 1} 个。"
                raise wrong("value", text, "删掉其中一个。", ("items", number, "tag"))
            first[item.tag] = number
        return self
