"""Settles a pressed card: its buttons become one text (wecom-protocol.md E.3)."""

from typing import ClassVar

from bot.channel import Connections, Letter, Outcome, Single
from bot.wecom import cards
from bot.wecom.outcome import outcome


class CardUpdate(Single):
    """Target `{"response_code", "user"}`; body `{"text"}`, the words that replace the buttons.

    The code works once: a repetition after an unknown outcome is refused at worst.
    """

    name: ClassVar[str] = "card_update"
    longest: ClassVar[int] = cards.TEXT_LIMIT
    resend_unknown: ClassVar[bool] = True

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api

    async def send(self, letter: Letter) -> Outcome:
        """Updates once."""
        user, code = letter.target["user"], letter.target["response_code"]
        return await outcome(self._api.update_template_card(user, code, str(letter.body["text"])))


CHANNEL = CardUpdate
