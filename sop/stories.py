"""Members' stories of a topic: collected, chosen by the RM, then voted on.

Nothing that a member wrote is posted unread: only what the RM has taken (采用) is shown. A reply
is `{"n", "story", "taken", "version"}` (taken: true, false, or null while undecided; version: how
often it was sent), and `{"vote": n}`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sop.gathering import lot
from sop.wording import quoted, shown

if TYPE_CHECKING:
    from sop.ports import ReplyFacts

LONGEST_STORY = 500
SHORTEST_STORY = 5
MOST_VERSIONS = 5
"""The RM reads every version of a story; who sends more only wants attention."""
MOST_TAKEN = 20
"""More stories than these nobody reads before voting."""


@dataclass(frozen=True, slots=True)
class Story:
    """One member's story."""

    n: int
    """Its number, by the order of coming in."""
    member: str
    name: str
    text: str
    taken: bool | None
    value: dict[str, Any]
    """The whole reply that it is part of."""

    def titled(self) -> str:
        """With number and name, for everybody."""
        return f"**{self.n} 号　{shown(self.name)}**\n{quoted(self.text)}"


def stories(replies: "Sequence[ReplyFacts]") -> list[Story]:
    """Every story, by number."""
    found = [
        Story(
            one.value["n"],
            one.member,
            one.name,
            one.value["story"],
            one.value["taken"],
            one.value,
        )
        for one in replies
        if "story" in one.value
    ]
    return sorted(found, key=lambda one: one.n)


def taken(replies: "Sequence[ReplyFacts]") -> list[Story]:
    """Those that may be shown."""
    return [one for one in stories(replies) if one.taken]


@dataclass(frozen=True, slots=True)
class Poll:
    """How the group voted."""

    voters: int
    counts: dict[int, int]
    """Votes by number of the story, every story that could be voted for."""
    best: int | None
    """None: nobody voted."""
    tied: tuple[int, ...]
    """Those with equally many votes of which one was drawn by lot; else empty."""


def poll(replies: "Sequence[ReplyFacts]", seed: str) -> Poll:
    """Counts the votes; of equals the one with the smallest lot is best."""
    counts = {one.n: 0 for one in taken(replies)}
    votes = [one.value["vote"] for one in replies if one.value.get("vote") in counts]
    for number in votes:
        counts[number] += 1
    if not votes:
        return Poll(0, counts, None, ())
    most = max(counts.values())
    first = tuple(number for number, count in counts.items() if count == most)
    best = min(first, key=lambda number: lot(seed, str(number)))
    return Poll(len(votes), counts, best, first if len(first) > 1 else ())
