"""content: a prepared text into the community."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field, model_validator

from sop.campaign import Name
from sop.diagnostics import did_you_mean
from sop.effects import Effect, Post, Tell, UseItem
from sop.model import Strict, one_of
from sop.prepared import RISK_NOTICE, Prepared
from sop.scripts import Item
from sop.step import CannotRun, StepContext
from sop.templates import render, words
from sop.times import wrong

if TYPE_CHECKING:
    from sop.library import Library

FEW_LEFT = 2
"""So many unused items of a list are worth a word to the operators."""


class Content(Prepared):
    """What the group reads, with the risk notice where products or markets are named."""

    model_config = ConfigDict(json_schema_extra=one_of(("text", "script", "list")))
    kind: ClassVar[str] = "content"
    title: ClassVar[str] = "内容"

    from_list: Name | None = Field(
        default=None, alias="list", description="用 lists/ 里下一条没发过的内容"
    )

    @model_validator(mode="after")
    def _one_source(self) -> "Content":
        sources = {"text": self.text, "script": self.from_script, "list": self.from_list}
        given = [key for key, value in sources.items() if value is not None]
        if len(given) != 1:
            text = "没有写发什么。" if not given else f"这里同时写了 {'、'.join(given)}。"
            raise wrong(
                "kind", text, "请只写一项：text（正文）、script（话术）或 list（内容清单）。"
            )
        return self

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The script or list must be there."""
        if self.from_list is not None and self.from_list not in library.lists:
            near = did_you_mean(self.from_list, library.lists, "lists/ 里还没有内容清单。")
            return [(("list",), f"没有名为“{self.from_list}”的内容清单。{near}")]
        return super().problems(library)

    def links(self, library: "Library") -> list[Strict]:
        """The script or the whole list."""
        if self.from_list is not None:
            return [library.lists[self.from_list]]
        return super().links(library)

    def called(self, library: "Library") -> str:
        """The script's or list's title."""
        chosen = library.lists.get(self.from_list or "")
        return chosen.title if chosen else super().called(library)

    def message(self, context: StepContext) -> str:
        """Exactly the text that will be sent. Raises CannotRun when a list is used up."""
        if self.from_list is None:
            return self.filled(context)
        item = self._next_item(context)
        own = context.library.lists[self.from_list].variables
        filled = render(item.text, words(context, own)).strip()
        return f"{filled}\n\n{RISK_NOTICE}" if self.risk_notice or item.risk_notice else filled

    def _next_item(self, context: StepContext) -> Item:
        chosen = context.library.lists[self.from_list or ""]
        used = context.facts.used_items(context.community.id, chosen.name)
        item = chosen.next_unused(used)
        if item is None:
            raise CannotRun(
                f"内容清单“{chosen.title}”在“{context.community.name}”已经全部发过，"
                f"请运营在 {chosen.name} 里补充新条目。"
            )
        return item

    def run(self, context: StepContext) -> list[Effect]:
        """Posts, not in quiet hours, and not after it has become pointless."""
        post = Post(
            context.community.id,
            self.message(context),
            quiet_hours=context.plan.quiet_hours,
            expires_at=context.step.expires_at(context.due_at, context.now),
        )
        return [post, *self._used(context)]

    def _used(self, context: StepContext) -> list[Effect]:
        if self.from_list is None:
            return []
        chosen = context.library.lists[self.from_list]
        item = self._next_item(context)
        used = context.facts.used_items(context.community.id, chosen.name)
        left = sum(1 for one in chosen.items if one.id not in {*used, item.id})
        effects: list[Effect] = [
            UseItem(context.community.id, chosen.name, item.id, context.occurrence)
        ]
        if left <= FEW_LEFT:
            where = f"内容清单“{chosen.title}”在“{context.community.name}”"
            text = f"{where}只剩 {left} 条没发过，请补充。"
            effects += [Tell(one.id, text) for one in context.facts.operators()]
        return effects

    def script(self, context: StepContext) -> str:
        """The same text, for the RM to read ahead."""
        return self.message(context)


STEP = Content
