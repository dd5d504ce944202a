"""What a chat command is: one file per family in `bot/commands`, exporting `COMMANDS`.

A command is a pure answer: it reads through `facts`, returns effects, and never sends.
The dispatcher checks the role and the community before the handler is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.settings import Settings
from sop.community import Community, Role, Staff
from sop.effects import Effect
from sop.library import Library
from sop.ports import Facts
from sop.workdays import Workdays


class Usage(Exception):
    """The command was typed wrong; the text says what exactly, in Chinese. The dispatcher adds
    the right usage and an example."""


class Topic(StrEnum):
    """What a command is about: 帮助 shows commands by these, in this order."""

    TODAY = "今天"
    HOSTING = "游戏"
    DRAWS = "抽奖和奖品"
    MEMBERS = "成员"
    FOLLOW_UP = "跟进"
    NEWCOMERS = "新客户"
    POINTS = "积分和邀请"
    MATERIAL = "题库和投稿"
    NUMBERS = "数字"
    MORE = "其他"


class Scope(StrEnum):
    """Which community a command acts on."""

    NONE = "none"
    """None at all (帮助)."""
    OPTIONAL = "optional"
    """All of the sender's unless one is named (今日)."""
    PLAYING = "playing"
    """Like ONE, but where only one of the sender's communities has a game running, that one."""
    ONE = "one"
    """Exactly one: the group it is typed in, the one named, or the sender's only one."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command as typed by a staff member who may use it."""

    sender: Staff
    args: tuple[str, ...]
    """Words after the command, without the community's name."""
    communities: tuple[Community, ...]
    """What it acts on; exactly one for Scope.ONE."""
    now: datetime
    zone: ZoneInfo
    seed: bytes
    facts: Facts
    library: Library
    workdays: Workdays
    tx: Connection
    """For reads that only this command needs (`storage` queries); never written through."""
    settings: Settings
    here: Community | None = None
    """The group it was typed in; None in a 1:1 conversation."""

    @property
    def community(self) -> Community:
        """The one community of a Scope.ONE command."""
        (one,) = self.communities
        return one


def no_more(request: Request) -> None:
    """For commands without further words. Raises Usage, as for a community one may not name."""
    if request.args:
        names = "、".join(one.name for one in request.communities[:8])
        typed = " ".join(request.args)
        if not names:
            raise Usage(f"没有看懂“{typed}”，这条指令后面不用写别的。")
        raise Usage(f"没有看懂“{typed}”。这里可以写的社群：{names}。")


@dataclass(frozen=True, slots=True)
class Command:
    """A chat command with its help."""

    name: str
    """Chinese, as typed: `今日`."""
    aliases: tuple[str, ...]
    """At least one English alias: `today`."""
    roles: frozenset[Role]
    scope: Scope
    usage: str
    example: str
    summary: str
    """One line for 帮助."""
    handle: Callable[[Request], Sequence[Effect]]
    private: bool = False
    """Its answer is about members or figures: typed in a group, it goes to the sender alone."""
    topic: Topic = Topic.MORE
    heavy: bool = False
    """It reads through all communities and changes nothing but what its effects say: where there
    are many, it is answered beside the writers."""
