"""What the core may ask about questions that were put to communities."""

from collections.abc import Mapping
from typing import Protocol


class QuestionFacts(Protocol):
    """Reached as `Facts.questions`."""

    def uses(self, community: str, bank: str) -> Mapping[str, int]:
        """How often a community was asked each question of a bank, by the question's id; those
        never asked are left out."""
