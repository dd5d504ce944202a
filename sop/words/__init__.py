"""Words that members may say to the bot: one file each, found by scanning this package."""

from collections.abc import Sequence
from functools import cache

import sop.words
from sop.community import Community
from sop.discovery import find
from sop.library import Library
from sop.word import Asking, Word


@cache
def all_words() -> dict[str, Word]:
    """Words by their name."""
    found: dict[str, Word] = find(sop.words, "WORD", lambda one: one.name)
    return found


def said(text: str, library: Library, community: Community) -> tuple[Word, str] | None:
    """The word that a message is, with what follows it; of several the longest."""
    found = [
        (one, rest)
        for one in all_words().values()
        if (rest := one.rest_of(text)) is not None and one.offered(library, community)
    ]
    return max(found, key=lambda one: len(one[0].name), default=None)


def offered(asking: Asking) -> Sequence[str]:
    """The words that the bot names to a member who does not know what to say: those that lead to
    something here and now."""
    return [
        one.called or one.name
        for one in all_words().values()
        if one.offered(asking.library, asking.community) and one.helps and one.helps(asking)
    ]
