"""The colleague who approves payouts in a rehearsal: asks what waits, and presses every card.

What is flagged is left alone: to look at somebody is a person's work, and its share is a figure
of the rehearsal.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.approval import APPROVERS
from bot.rehearsal.messages import Message
from bot.settings import Settings
from sop.events import Event, Pressed, ReplyTo, Said

ASKS = "批准"
_LATE = timedelta(minutes=5)
_BUTTON = "payout|approve|"


class Approver:
    """Every approver of the configuration; concerned ones are refused as always."""

    def __init__(self, settings: Settings) -> None:
        self._who = {one.id for one in settings.staff.values() if one.roles & APPROVERS}

    def says(
        self, message: Message, keys: Sequence[str], body: Mapping[str, Any]
    ) -> Iterator[Event]:
        """What a message makes a colleague do."""
        at, who = message.at + _LATE, message.who
        if who not in self._who:
            return
        if message.text.endswith(f"发：{ASKS}"):
            yield Said(at, who, None, ASKS, ReplyTo("app_message", {"user": who}))
        if self.cares(keys):
            code = {"response_code": f"rehearsal-{keys[0]}", "user": who}
            task = str(body["card"].get("task_id", ""))
            yield Pressed(at, who, task, keys[0], ReplyTo("card_update", code))

    def cares(self, keys: Sequence[str]) -> bool:
        """Whether a card is about payouts."""
        return bool(keys) and keys[0].startswith(_BUTTON)
