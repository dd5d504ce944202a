"""Texts kept beside the plans: scripts used by several steps, and lists that steps go through.

A *script* (话术) is one text under a name. A *list* (内容清单) gives each community the next item
that it has not had yet.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from sop.campaign import Name
from sop.compliance.waiver import Waiver
from sop.model import Strict
from sop.templates import LinkedText, Variables
from sop.times import wrong


class Script(Strict):
    """One text under a name, written once and used in many places."""

    unspoken: ClassVar[str] = "由步骤、跟进规则引用，它们的章包括它。"

    script: Name = Field(description="话术名，步骤里用 script: 引用")
    title: str = Field(min_length=1, max_length=40, description="话术标题")
    variables: Variables = Field(default={}, description="话术里可用的自定变量：名字 → 文字")
    text: LinkedText = Field(description="正文，可用变量")
    risk_notice: bool = Field(default=False, description="true：文末附风险提示")
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")


class Item(Strict):
    """One text of a list."""

    id: Name = Field(description="条目编号，在本清单内唯一；发过的按它记住")
    text: LinkedText = Field(description="正文，可用变量")
    risk_notice: bool = Field(default=False, description="true：文末附风险提示")
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")


def _once(items: list[Item]) -> list[Item]:
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.id in first:
            text = f"条目编号“{item.id}”和第 {first[item.id] + 1} 条重复。"
            raise wrong("duplicate-id", text, "每一条的 id 都不能相同。", (number, "id"))
        first[item.id] = number
    return items


class ContentList(Strict):
    """Texts in the order in which they shall be used."""

    unspoken: ClassVar[str] = "由步骤引用，那一步的章包括它。"

    name: Name = Field(alias="list", description="清单名，步骤里用 list: 引用")
    title: str = Field(min_length=1, max_length=40, description="清单标题")
    variables: Variables = Field(default={}, description="条目里可用的自定变量：名字 → 文字")
    items: Annotated[list[Item], AfterValidator(_once)] = Field(
        min_length=1, max_length=1000, description="条目，按先后顺序使用"
    )

    def next_unused(self, used: Sequence[str]) -> Item | None:
        """The first item not among `used` ids; None when all have been used."""
        seen = set(used)
        return next((item for item in self.items if item.id not in seen), None)
