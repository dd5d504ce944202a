"""Effects of the weekly summary: what colleagues ask for, and pictures and files on their way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskSummary:
    """A colleague wants a week of a scope in some form; it is made outside of this transaction and
    sent 1:1."""

    staff: str
    week: str
    """`2026-W47`."""
    scope: str
    """`all`, `rm:lijing`, `label:wealth`, `community:wealth-01`."""
    form: str
    """`card`; `more`: link and picture beside a card that was answered already; or a file:
    `xlsx`, `png` …"""


@dataclass(frozen=True, slots=True)
class SendMedia:
    """Something that WeCom holds for three days goes to a colleague, 1:1."""

    staff: str
    kind: str
    """`image` or `file`."""
    media_id: str
