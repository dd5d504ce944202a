"""What a file says to customers by itself, without any step: it needs a review stamp of its own.

A kind of file comes under review by being a `Spoken`; every other kind writes into `unspoken` why
none of its words needs a stamp. A stamp covers everything that the file says, except the fields
that `uncovered` names: a field added later is covered unless somebody decides against it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sop.audience import AppliesTo
from sop.community import Community
from sop.model import Strict

if TYPE_CHECKING:
    from sop.deck_ports import DeckFacts
    from sop.library import Library


class Spoken(Strict):
    """A file whose words customers read, or colleagues pass on, besides the plans."""

    kind: ClassVar[str]
    """The file's first key."""
    called: ClassVar[str]
    """What people call such a file."""
    held: ClassVar[str]
    """What happens where a stamp is missing, as a clause in Chinese."""
    uncovered: ClassVar[frozenset[str]] = frozenset()
    """Fields that no customer hears of: changing them keeps the stamp."""

    # Kept out of every dump: it is no part of what is said, nor of a round's published rules.
    author: str | None = Field(
        default=None,
        min_length=1,
        exclude=True,
        description="撰稿人的 userid；写的人不能给自己盖审核章",
    )

    @property
    def name(self) -> str:
        """What other files and people refer to it with."""
        own: str = getattr(self, self.kind)
        return own

    @property
    def subject(self) -> str:
        """`channel:outbound-call`: the name of its stamp. No step is called so: the names of plans
        and steps have no colon."""
        return f"{self.kind}:{self.name}"

    @property
    def heading(self) -> str:
        """`渠道“电话外呼”`."""
        return f"{self.called}“{getattr(self, 'title', '') or self.name}”"

    def speaks(self) -> bool:
        """Whether somebody has written any words into it. The program's own, which stand in for
        them, are reviewed with the program."""
        return True

    def waits(self, community: Community) -> bool:
        """Whether it would speak there by itself, so that a missing stamp is worth a word."""
        audience: AppliesTo | None = getattr(self, "applies_to", None)
        return audience is not None and audience.includes(community)

    def with_steps(self) -> bool:
        """Whether steps say it: their stamps cover it, and it has need of its own only where a
        colleague uses it by hand."""
        return False

    def over(self, decks: "DeckFacts", now: datetime) -> bool:
        """Whether everything that it had to say has been said."""
        return False

    def links(self, library: "Library") -> Sequence[Strict]:
        """The values of other files that are said with it: its stamp covers them too."""
        return ()
