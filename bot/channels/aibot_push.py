"""The intelligent bot speaks unasked, over its long connection (wecom-protocol.md C.9)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from bot.channel import Connections, Letter, Limit, Outcome, Refused
from bot.channels.aibot_reply import AIBOT_LIMIT
from bot.wecom import content
from bot.wecom.outcome import outcome


class AibotPush:
    """Target `{"chat_id"}` (a group, or a userid 1:1); body `{"markdown"}` or `{"text"}`."""

    name: ClassVar[str] = "aibot_push"
    longest: ClassVar[int] = AIBOT_LIMIT
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._long_connection = connections.long_connection

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Up to 20,480 bytes a part."""
        return content.split(body, self.longest, self.longest)

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """30 a minute and 1,000 an hour per conversation."""
        key = f"aibot:{target['chat_id']}"
        return [
            Limit(f"{key}:minute", 30, timedelta(seconds=60)),
            Limit(f"{key}:hour", 1000, timedelta(hours=1)),
        ]

    async def send(self, letter: Letter) -> Outcome:
        """Pushes once."""
        if self._long_connection is None:
            return Refused("智能机器人只有在长连接方式下才能主动发消息：把 aibot 改为长连接")
        message = content.markdown_message(letter.body)
        return await outcome(self._long_connection.send(letter.target["chat_id"], message))


CHANNEL = AibotPush
