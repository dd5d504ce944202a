"""What stands out in a week: at most seven sentences, and none that the numbers do not carry.

The sentences are those of `sop/summary/rules`; here they are ranked, alike for equal numbers.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.rules import all_rules

MOST = 7
MOST_OF_A_RULE = 2
"""One rule that finds a lot must not drown the others."""


def findings(period: Period) -> tuple[Finding, ...]:
    """The sentences, most urgent first."""
    found = [one for rule in all_rules() for one in rule(period)]
    found.sort(key=lambda one: (-one.weight, one.rule, one.text))
    return tuple(islice(_varied(found), MOST))


def _varied(found: list[Finding]) -> Iterator[Finding]:
    told: Counter[str] = Counter()
    for one in found:
        told[one.rule] += 1
        if told[one.rule] <= MOST_OF_A_RULE:
            yield one
