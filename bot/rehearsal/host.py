"""The relationship managers of a rehearsal: they press the first button of every card, in time.

They forward what they are handed and answer what they are asked; they host nothing else. How
late they are is their temperament: chosen for the whole rehearsal, by name.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.rehearsal.chance import Chance


@dataclass(frozen=True, slots=True)
class Host:
    """One way to be an RM."""

    title: str
    low: int
    """Minutes until a card is answered, at least."""
    high: int
    """At most."""
    answers: int
    """Cards that are answered at all, in percent."""

    def lateness(self, chance: Chance, card: str) -> timedelta | None:
        """How long after reading a card the RM presses; None: never."""
        if not chance.percent(f"answers/{card}", self.answers):
            return None
        return timedelta(seconds=chance.between(f"late/{card}", self.low * 60, self.high * 60))


HOSTS = {
    "punctual": Host("守时", 1, 12, 100),
    "busy": Host("忙碌", 10, 90, 85),
    "absent": Host("缺席", 0, 0, 0),
}
