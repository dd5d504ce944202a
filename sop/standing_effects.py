"""Effects of where members stand; `sop.effects` names them beside all others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeepStanding:
    """Where a member stands from now on (`sop.standing_ports.Kept`); dates are ISO local days. A
    move to another stage or value group is written down."""

    community: str
    member: str
    stage: str
    stage_since: str
    r: int
    f: int
    m: int
    value: str
    joined_on: str
    last_on: str
    """Empty: no action lately."""
    days: int
    weight: int
    day: str
    stage_before: str = ""
    """Empty: none."""
    value_before: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRight:
    """A member answered a question rightly; staff are dropped by the runtime."""

    community: str
    member: str
