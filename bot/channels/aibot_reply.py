"""Answers a message to the intelligent bot, quoting it (wecom-protocol.md C.6, C.7)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.channel import Busy, Connections, Letter, Limit, Outcome
from bot.wecom import content
from bot.wecom.outcome import outcome

AIBOT_LIMIT = 20480
"""Bytes of an intelligent bot's markdown."""


class AibotReply:
    """Target `{"url"}` (URL mode, good once within an hour) or `{"req_id"}` (long connection).

    Body `{"markdown"}` or `{"text"}`. Because a response url works once, an unknown outcome is
    held for a person: a repetition could only fail or answer twice.
    """

    name: ClassVar[str] = "aibot_reply"
    longest: ClassVar[int] = AIBOT_LIMIT
    resend_unknown: ClassVar[bool] = False
    urgent: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api
        self._long_connection = connections.long_connection

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Up to 20,480 bytes a part. A response url takes only the first part."""
        return content.split(body, self.longest, self.longest)

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """None: every reply answers a message."""
        return []

    async def send(self, letter: Letter) -> Outcome:
        """Answers once."""
        message = content.markdown_message(letter.body)
        url = letter.target.get("url")
        if url is not None:
            return await outcome(self._api.respond(url, message))
        if self._long_connection is None:
            return Busy("长连接没有启动")
        return await outcome(self._long_connection.respond(letter.target["req_id"], message))


CHANNEL = AibotReply
