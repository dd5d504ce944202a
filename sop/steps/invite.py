"""invite: private messages that invite members into a group (邀请进群).

Inviting at once scares people off (playbook A3): first who I am and why I write, then what the
group gives, then “回复进群”; the link goes only to those who replied.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from sop.address import Https
from sop.personal import Personal
from sop.step import StepContext
from sop.templates import Text, render, words

Gift = Annotated[Text, Field(max_length=60)]


class Invite(Personal):
    """Who I am, what the group gives, and which word to reply; the way in comes after that."""

    kind: ClassVar[str] = "invite"
    title: ClassVar[str] = "邀请进群"

    gives: list[Gift] = Field(min_length=1, max_length=6, description="进群有什么，一条一行")
    code: str = Field(
        default="进群", min_length=1, max_length=10, description="请对方回复的词，例如 进群"
    )
    link: Https | None = Field(
        default=None,
        description="入群链接，以 https:// 开头，对方回复后才发；不写：由客户经理拉进群",
    )

    def body(self, context: StepContext, called: str, member: str = "") -> str:
        """Introduction, what the group gives, the word to reply."""
        own = words(context)
        gives = "\n".join(f"· {render(one, own).strip()}" for one in self.gives)
        return (
            f"{super().body(context, called, member)}\n\n群里有：\n{gives}\n\n"
            f"想进群，回复“{self.code}”，我把您请进来；不方便也没关系，不会再打扰您。"
        )

    def afterwards(self, context: StepContext) -> tuple[str, ...]:
        """The link, alone."""
        if self.link is None:
            return ()
        return (f"欢迎！点这里就能进群：\n{self.link}",)

    def advice(self, context: StepContext) -> str:
        """When to send the link."""
        if self.link is None:
            return f"对方回复“{self.code}”后，请您拉进群；先别主动拉人。"
        return f"对方回复“{self.code}”后，再发最后一条里的链接；先别一上来就发。"


STEP = Invite
