"""Delivery mode assist: the owner RM is handed the script and posts it in the customer group.

No interface lets a bot speak in a customer group by itself (wecom-protocol.md C.12, H.1). The
RM gets the script alone in one message, ready to be forwarded, then a card to report back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.channel import Connections, Letter, Limit, Outcome
from bot.channels.app_message import app_limits
from bot.wecom import cards
from bot.wecom.content import kind_and_text, plain_text
from bot.wecom.outcome import outcome
from bot.wecom.text import split_text

_QUESTION = "上面的话术请转发到群里，发完点“已发”。"


class Assist:
    """Target `{"user", "community"}`; body `{"markdown" or "text", "title", "occurrence"}`.

    The buttons' keys are `sent|…`, `skip|…` and `later|<occurrence>`. Without an occurrence
    there is nothing to report, hence no card.
    """

    name: ClassVar[str] = "assist"
    longest: ClassVar[int] = cards.TEXT_LIMIT
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The script in parts of up to 2,048 bytes, then the card."""
        script = plain_text(kind_and_text(body)[1])  # a customer group renders no markdown
        parts: list[Mapping[str, Any]] = [
            {"text": part} for part in split_text(script, self.longest)
        ]
        occurrence = str(body.get("occurrence") or "")
        if occurrence:
            parts += cards.split_card(_card(str(body.get("title") or ""), occurrence))
        return parts

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """Those of application messages: it is the same application and receiver."""
        return app_limits(target["user"])

    async def send(self, letter: Letter) -> Outcome:
        """Hands over one part."""
        user = letter.target["user"]
        if "card" in letter.body:
            # Unique per letter: a postponed script is handed over again with a new card.
            mark = hashlib.sha256(letter.dedup_key.encode()).hexdigest()[:32]
            return await cards.send_card(self._api, user, {**letter.body["card"], "task_id": mark})
        text = kind_and_text(letter.body)[1]
        return await outcome(self._api.send_message(user, "text", {"content": text}))


def _card(title: str, occurrence: str) -> dict[str, Any]:
    return {
        "title": title or "待发送的话术",
        "text": _QUESTION,
        "buttons": [
            {"text": "已发", "key": f"sent|{occurrence}"},
            {"text": "跳过", "key": f"skip|{occurrence}"},
            {"text": "推迟", "key": f"later|{occurrence}"},
        ],
    }


CHANNEL = Assist
