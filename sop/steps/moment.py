"""moment: a text for the RM's customer moments (客户朋友圈), handed over to be published."""

from typing import TYPE_CHECKING, ClassVar

from sop.choosing import title
from sop.effects import Effect, HandOver
from sop.prepared import Prepared
from sop.step import StepContext

if TYPE_CHECKING:
    from sop.library import Library

LONGEST = 2000
"""Characters of a moment (wecom-protocol.md D.10)."""


class Moment(Prepared):
    """The RM publishes it and says when it is done."""

    kind: ClassVar[str] = "moment"
    title: ClassVar[str] = "朋友圈"
    in_person: ClassVar[bool] = True

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """What is wrong with the links, and whether the text fits."""
        found = super().problems(library)
        script = library.scripts.get(self.from_script or "")
        key, text = ("text", self.text or "") if script is None else ("script", script.text)
        if len(text) > LONGEST:
            found.append(((key,), f"朋友圈最多 {LONGEST} 字，这里有 {len(text)} 字。"))
        return found

    def run(self, context: StepContext) -> list[Effect]:
        """Hands it over to the RM."""
        return [
            HandOver(
                community=context.community.id,
                title=title(context),
                note=f"📷 **{title(context)}**　{context.community.name}\n"
                "请在客户朋友圈发布，文字在下面，可以配一张图：",
                texts=(self.filled(context),),
                occurrence=context.occurrence,
                expires_at=context.step.expires_at(context.due_at, context.now),
            )
        ]

    def script(self, context: StepContext) -> str:
        """The text."""
        return f"到点请您发客户朋友圈，文字是：\n\n{self.filled(context)}"


STEP = Moment
