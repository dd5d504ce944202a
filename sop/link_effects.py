"""What shall be done about tracked links. Part of `sop.effects`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MakeLink:
    """An address is given out from now on, for 90 days; making it again changes nothing."""

    token: str
    url: str
    community: str
    member: str | None
    """Whose it is; None: the whole community's."""
    occurrence: str
    name: str
    """What the step calls it."""
    intent: str = ""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link was opened. Where the member is known, and it counts, it is an action of theirs."""

    token: str
    community: str
    member: str | None
    why_not: str = ""
    """Why it does not count, in Chinese; empty: it counts."""
