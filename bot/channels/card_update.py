"""Settles a pressed card: its buttons become one text (wecom-protocol.md E.3)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.channel import Connections, Letter, Limit, Outcome
from bot.wecom import cards
from bot.wecom.outcome import outcome


class CardUpdate:
    """Target `{"response_code", "user"}`; body `{"text"}`, the words that replace the buttons.

    The code works once: a repetition after an unknown outcome is refused at worst.
    """

    name: ClassVar[str] = "card_update"
    longest: ClassVar[int] = cards.TEXT_LIMIT
    resend_unknown: ClassVar[bool] = True

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """One card, one text."""
        return [body]

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """None: every update answers a press."""
        return []

    async def send(self, letter: Letter) -> Outcome:
        """Updates once."""
        user, code = letter.target["user"], letter.target["response_code"]
        return await outcome(self._api.update_template_card(user, code, str(letter.body["text"])))


CHANNEL = CardUpdate
