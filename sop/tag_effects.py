"""Effects of what WeCom keeps about a customer; `sop.effects` names them beside all others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetRemark:
    """A colleague's customer gets another remark or description at WeCom; None: stays as it is.
    The database takes the last word of several that were not written there yet."""

    member: str
    staff: str
    remark: str | None = None
    """At most `sop.tagging.LONGEST_REMARK` characters."""
    description: str | None = None
    """At most `sop.tagging.LONGEST_DESCRIPTION` characters."""
