"""What a word is that members may say to the bot at any time (签到, 积分 …).

One file per word in `sop/words`, exporting `WORD`, found by scanning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.answers import normalise
from sop.community import Community
from sop.effects import Effect, Reply
from sop.game import Player
from sop.gathering_words import after_keyword
from sop.library import Library
from sop.ports import Facts


@dataclass(frozen=True, slots=True)
class Asking:
    """A member said the word."""

    facts: Facts
    library: Library
    community: Community
    player: Player
    text: str
    """The whole message."""
    rest: str
    """What follows the word; always empty for a word that takes nothing."""
    now: datetime

    @property
    def member(self) -> str:
        """The member's id."""
        return self.player.id


def always(asking: Asking) -> bool:
    """Some words are worth naming to everybody."""
    return True


def everywhere(library: Library, community: Community) -> bool:
    """Most words are known in every community."""
    return True


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its answer: effects, of which a Reply is what the member reads."""

    name: str
    handle: Callable[[Asking], Sequence[Effect]]
    aliases: tuple[str, ...] = ()
    takes: bool = False
    """Whether something may follow, as in “兑换 3”."""
    offered: Callable[[Library, Community], bool] = everywhere
    """Where it is known; elsewhere it is like any other text."""
    helps: Callable[[Asking], bool] | None = None
    """When the bot names it to a member who does not know what to say; None: never."""
    called: str = ""
    """What it is named then; empty: its name."""

    def rest_of(self, text: str) -> str | None:
        """What follows the word; None when the text is something else."""
        for name in (self.name, *self.aliases):
            if normalise(text) == normalise(name):
                return ""
            if self.takes and (rest := after_keyword(text, name)) is not None:
                return rest
        return None


def in_one_reply(effects: Sequence[Effect]) -> list[Effect]:
    """The effects with one reply that says what all of theirs say: a message is answered once."""
    said = [one.text for one in effects if isinstance(one, Reply)]
    kept: list[Effect] = [one for one in effects if not isinstance(one, Reply)]
    return [*kept, Reply("\n".join(said))] if said else kept
