"""First words to a new contact (wecom-protocol.md D.7): within 20 seconds, once, by a code."""

from typing import Any, ClassVar

from bot.channel import Connections, Letter, Outcome, Sent, Single
from bot.wecom.content import kind_and_text, plain_text
from bot.wecom.errors import WecomError
from bot.wecom.outcome import outcome

GREETED_ALREADY = "41051"
"""Receipt of a welcome that somebody else was faster with."""
_LONGEST = 4000


class Welcome(Single):
    """Target `{"code"}`; body `{"text"}`.

    WeCom takes a code once, so a repetition after an unknown outcome greets nobody twice: the
    answer that the chat has begun (41051) means that the customer was greeted.
    """

    name: ClassVar[str] = "welcome"
    longest: ClassVar[int] = _LONGEST
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = True
    """A code is good for 20 seconds."""

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api

    async def send(self, letter: Letter) -> Outcome:
        """Greets once."""
        text = plain_text(kind_and_text(letter.body)[1])
        shortened = text.encode()[:_LONGEST].decode(errors="ignore")
        message = {"welcome_code": letter.target["code"], "text": {"content": shortened}}
        try:
            call = self._api.call("POST", "externalcontact/send_welcome_msg", message)
            return await outcome(_unless_greeted(call))
        except _Greeted:
            return Sent(GREETED_ALREADY)


class _Greeted(Exception):
    """Somebody has said hello to the customer."""


async def _unless_greeted(call: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await call
    except WecomError as error:
        if str(error.errcode) == GREETED_ALREADY:
            raise _Greeted from error
        raise
    return answer


CHANNEL = Welcome
