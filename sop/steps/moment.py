"""moment: a text for the RM's customer moments (客户朋友圈), handed over to be published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.choosing import ForSome, listed, title
from sop.community import Member
from sop.effects import Effect, HandOver
from sop.prepared import Prepared
from sop.segment import Audience
from sop.step import StepContext

if TYPE_CHECKING:
    from sop.library import Library

LONGEST = 2000
"""Characters of a moment (wecom-protocol.md D.10)."""
NAMED = 50
"""So many members the RM reads by name: who picks more of them by hand picks by a label."""


class Moment(Prepared, ForSome):
    """The RM publishes it and says when it is done. WeCom lets who publishes choose who sees it, by
    customers or by labels: for some members the RM is handed their names."""

    kind: ClassVar[str] = "moment"
    title: ClassVar[str] = "朋友圈"
    in_person: ClassVar[bool] = True

    to: Audience | None = Field(
        default=None, description="给哪些成员看，客户经理发布时按名单选；不写就是全部客户"
    )

    def chooses(self) -> bool:
        """Some members, or everybody."""
        return self.to is not None

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """What is wrong with the links, and whether the text fits."""
        found = super().problems(library)
        script = library.scripts.get(self.from_script or "")
        key, text = ("text", self.text or "") if script is None else ("script", script.text)
        if len(text) > LONGEST:
            found.append(((key,), f"朋友圈最多 {LONGEST} 字，这里有 {len(text)} 字。"))
        return found

    def run(self, context: StepContext) -> list[Effect]:
        """Hands it over to the RM. Raises NothingToDo when nobody is to see it."""
        lines = [
            f"📷 **{title(context)}**　{context.community.name}",
            "请在客户朋友圈发布，文字在下面，可以配一张图：",
        ]
        if self.to is not None:
            lines[1:] = self._for(context, self.chosen(context))
        return [
            HandOver(
                community=context.community.id,
                title=title(context),
                note="\n".join(lines),
                texts=(self.filled(context),),
                occurrence=context.occurrence,
                expires_at=context.step.expires_at(context.due_at, context.now),
            )
        ]

    def script(self, context: StepContext) -> str:
        """The text, and who is to see it."""
        whom = "" if self.to is None else f"只给部分客户看（{self.audience(context)}），"
        return f"到点请您发客户朋友圈，{whom}文字是：\n\n{self.filled(context)}"

    def _for(self, context: StepContext, members: Sequence[Member]) -> list[str]:
        count, who = len(members), self.audience(context)
        lines = [
            f"请在客户朋友圈发布，只给这 {count} 位看（{who}），文字在下面，可以配一张图。"
            "发布时点“谁可以看”，选：",
            listed(members[:NAMED]),
        ]
        if count > NAMED:
            lines.append(f"……共 {count} 位，人多时按标签选更快。")
        return lines


STEP = Moment
