"""Effects of a member's wishes for their own data; `sop.effects` names them beside all others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptOut:
    """A member is counted no longer."""

    member: str


@dataclass(frozen=True, slots=True)
class OptIn:
    """A member is counted again."""

    member: str


@dataclass(frozen=True, slots=True)
class Notice:
    """These members are shown the notice on personal data."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskErasure:
    """A member asks to be erased."""

    community: str
    member: str


@dataclass(frozen=True, slots=True)
class TakeBackErasure:
    """A member asks no longer to be erased."""

    member: str
