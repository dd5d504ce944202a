"""The rules that find what stands out, one file each: `RULE` is a function of the period.

A rule tells nothing that chance explains: a change must exceed its interval.
"""

from collections.abc import Callable, Iterable
from functools import cache

from sop.summary.finding import Finding
from sop.summary.period import Period

Rule = Callable[[Period], Iterable[Finding]]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by file name."""
    import sop.summary.rules as here
    from sop.discovery import find

    found: dict[str, Rule] = find(here, "RULE", lambda one: one.__module__)
    return tuple(found[name] for name in sorted(found))
