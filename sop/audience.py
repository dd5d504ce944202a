"""Which communities a plan or a campaign is for."""

from pydantic import ConfigDict, Field, model_validator

from sop.community import Community
from sop.model import Strict
from sop.times import wrong


class AppliesTo(Strict):
    """Communities chosen by their labels, or named one by one; both written: both must hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [key], "properties": {key: {"minItems": 1}}}
                for key in ("labels", "communities")
            ]
        }
    )

    labels: list[str] = Field(default=[], description="社群须带有这里的全部标签")
    communities: list[str] = Field(default=[], description="只限这些社群：社群编号")

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Communities are chosen here, and members elsewhere."""
        if key not in ("segment", "who", "to", "tags", "without_tags"):
            return None
        hint = "选成员：步骤写 to:，活动、标签规则、跟进规则写 who:，例如 {segment: 人群名}。"
        return f"applies_to 选的是社群，不能用“{key}”选成员。", hint

    def includes(self, community: Community) -> bool:
        """All labels must be there, and the community among those named."""
        if self.communities and community.id not in self.communities:
            return False
        return community.labels.issuperset(self.labels)

    @model_validator(mode="after")
    def _not_empty(self) -> "AppliesTo":
        if not self.labels and not self.communities:
            hint = "请写 labels: [标签] 或 communities: [社群编号]。"
            raise wrong("empty", "没有写面向哪些社群。", hint)
        return self
