"""The effect of consent; `sop.effects` names it beside all others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SayConsent:
    """A member agrees to the activity terms, or takes that back."""

    member: str
    version: str
    """Of the terms that the member read: `sop.consent.Terms.version`."""
    given: bool
