"""What stands out: one sentence with its numbers, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One honest sentence of a rule; the rules are in `sop/summary/rules`, one file each."""

    rule: str
    """The rule's file name."""
    weight: float
    """What decides the order and which seven are told: bigger is more urgent. 100 and above:
    undone work and money at risk; 50–99: people lost or silent; below: chances."""
    text: str
    """What was found, with numbers, without the proposal; ends with a full stop."""
    proposal: str = ""
    """A proposed change for next week; ends with a full stop."""
    opens: str = ""
    """Where the numbers are: as `table.Row.opens`, or the key of a table."""

    @property
    def sentence(self) -> str:
        """Both in one line."""
        return self.text + self.proposal
