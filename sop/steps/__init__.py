"""Step kinds: one file each, found by scanning this package (`STEP` is the kind's class)."""

from functools import cache

import sop.steps
from sop.discovery import find
from sop.step import StepKind


@cache
def step_kinds() -> dict[str, type[StepKind]]:
    """Kinds by the key that YAML uses for them."""
    found: dict[str, type[StepKind]] = find(sop.steps, "STEP", lambda kind: kind.kind)
    return found
