"""1:1 messages and button cards from the self-built application to staff (wecom-protocol.md E)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from bot.channel import Connections, Letter, Limit, Outcome
from bot.wecom import cards, content
from bot.wecom.outcome import outcome


class AppMessage:
    """Target `{"user"}`; body `{"text"}`, `{"markdown"}`, `{"card"}`, `{"file"}` (a table: `name`,
    `head`, `rows`) or `{"media"}` (uploaded already: `kind`, `id`).

    WeCom drops a repeated card, and a doubled text to a colleague is harmless beside a lost
    one: unknown outcomes are sent again.
    """

    name: ClassVar[str] = "app_message"
    longest: ClassVar[int] = cards.TEXT_LIMIT
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._api = connections.api

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Up to 2,048 bytes a part; what is longer WeCom would cut."""
        if "card" in body:
            return cards.split_card(body["card"])
        if "file" in body or "media" in body:
            return [body]
        return content.split(body, self.longest, self.longest)

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """30 a minute and 1,000 an hour per receiver: WeCom drops the rest silently."""
        return app_limits(target["user"])

    async def send(self, letter: Letter) -> Outcome:
        """Sends once."""
        user = letter.target["user"]
        if "card" in letter.body:
            return await cards.send_card(self._api, user, letter.body["card"])
        if "file" in letter.body:
            return await outcome(self._send_file(user, letter.body["file"]))
        if "media" in letter.body:
            medium = letter.body["media"]
            sending = self._api.send_message(user, medium["kind"], {"media_id": medium["id"]})
            return await outcome(sending)
        kind, text = content.kind_and_text(letter.body)
        return await outcome(self._api.send_message(user, kind, {"content": text}))

    async def _send_file(self, user: str, table: Mapping[str, Any]) -> dict[str, Any]:
        from bot.workbook import workbook  # heavy, and wanted rarely

        data = workbook(table["head"], table["rows"])
        media_id = await self._api.upload_media(f"{table['name']}.xlsx", data)
        return await self._api.send_message(user, "file", {"media_id": media_id})


def app_limits(user: str) -> Sequence[Limit]:
    """The windows of one member as receiver of application messages."""
    key = f"app:{user.casefold()}"
    return [
        Limit(f"{key}:minute", 30, timedelta(seconds=60)),
        Limit(f"{key}:hour", 1000, timedelta(hours=1)),
    ]


CHANNEL = AppMessage
