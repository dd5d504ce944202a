"""Rules that hand members to their RMs (跟进规则): every night, whoever comes under one."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.audience import AppliesTo
from sop.campaign import Name
from sop.conditions import Conditions
from sop.diagnostics import did_you_mean
from sop.model import Strict
from sop.spoken import Spoken
from sop.templates import LINKS, link_names
from sop.times import Duration

if TYPE_CHECKING:
    from sop.library import Library


class FollowRule(Spoken):
    """Who is to be followed up, why, how urgently, and how seldom. Nobody is handed to an RM who
    is already waiting there for something else, or who wants to be left alone (勿扰)."""

    kind: ClassVar[str] = "follow"
    called: ClassVar[str] = "跟进规则"
    held: ClassVar[str] = "跟进照派，不带话术"
    uncovered: ClassVar[frozenset[str]] = frozenset(
        {"who", "reason", "priority", "due", "cool_down", "at_most"}
    )

    follow: Name = Field(description="跟进规则的名字")
    applies_to: AppliesTo = Field(description="哪些社群")
    who: Conditions = Field(description="跟进哪些成员")
    reason: str = Field(
        min_length=1, max_length=80, description="为什么跟进，会和这位成员的数字一起给客户经理看"
    )
    script: Name | None = Field(
        default=None, description="建议的话术：scripts/ 里的名字，里面不能有 links"
    )
    priority: int = Field(default=2, ge=1, le=3, description="优先级，1 最要紧，3 最不急")
    due: int = Field(default=2, ge=1, le=20, description="几个工作日以内跟进，1 是当天")
    cool_down: Duration = Field(
        default=timedelta(days=30), description="跟进过以后，多久内不再因为这条规则跟进"
    )
    at_most: int = Field(
        default=5, ge=1, le=100, description="每个社群每晚最多几位；其余的以后再派"
    )

    def speaks(self) -> bool:
        """What is not the script is for the colleague only."""
        return self.script is not None

    def links(self, library: "Library") -> Sequence[Strict]:
        """The script."""
        return () if self.script is None else (library.scripts[self.script],)

    def problems(self, library: "Library") -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The script must be there, and say everything by itself: no step gives it links."""
        if self.script is None:
            return
        script = library.scripts.get(self.script)
        if script is None:
            near = did_you_mean(self.script, library.scripts, "scripts/ 里还没有话术。")
            yield ("script",), f"没有名为“{self.script}”的话术。{near}"
        elif link_names(script.text):
            yield ("script",), f"话术“{self.script}”里用了 {LINKS}，只能由步骤来用。"
