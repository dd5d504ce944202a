"""How many examples a property is tried on: enough for every day, more in the long run."""

import os


def examples(usual: int, long: int) -> int:
    """`long` is for `make faults`, which sets QUNYUN_FAULTS=long."""
    return long if os.environ.get("QUNYUN_FAULTS") == "long" else usual
