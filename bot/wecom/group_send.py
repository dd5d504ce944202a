"""Group-send tasks (企业群发): what the bot asks of WeCom about them (wecom-protocol.md D.9).

A task goes out only when its sender confirms it; these calls create, watch, remind and cancel.
Every one raises as `WecomApi.call` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.wecom.api import Json, WecomApi
from bot.wecom.errors import WecomError

TEXT_BYTES = 4000
DISPATCHING = 41063
CANCELLED = 41093
SENT, NOT_A_FRIEND, CAPPED = 1, 2, 3
_CONFIRMED = 2
_PREFIX = "externalcontact/"


@dataclass(frozen=True, slots=True)
class Made:
    """A task as WeCom lists it."""

    msgid: str
    text: str


class GroupSend:
    """The calls of one application."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def to_group(self, owner: str, chat_id: str, text: str) -> Json:
        """A task for one group's owner. The answer has `msgid`."""
        return await self._add(owner, text, {"chat_type": "group", "chat_id_list": [chat_id]})

    async def to_customers(self, owner: str, members: Sequence[str], text: str) -> Json:
        """A task to write to customers of one colleague, at most 10,000."""
        return await self._add(
            owner, text, {"chat_type": "single", "external_userid": list(members)}
        )

    async def _add(self, owner: str, text: str, to: Json) -> Json:
        body = {**to, "sender": owner, "text": {"content": text}}
        return await self._api.call("POST", f"{_PREFIX}add_msg_template", body)

    async def made(
        self, owner: str, single: bool, since: datetime, until: datetime
    ) -> Sequence[Made]:
        """Tasks with this sender of a span of at most a month, in WeCom's order."""
        question: Json = {
            "chat_type": "single" if single else "group",
            "start_time": int(since.timestamp()),
            "end_time": int(until.timestamp()),
            "creator": owner,
            "filter_type": 0,
            "limit": 100,
        }
        rows = await self._pages("get_groupmsg_list_v2", question, "group_msg_list")
        return [
            Made(str(one["msgid"]), str((one.get("text") or {}).get("content", ""))) for one in rows
        ]

    async def confirmed_at(self, msgid: str, owner: str) -> datetime | None:
        """When the sender confirmed a task; None while it waits, or is still being dispatched."""
        try:
            rows = await self._pages("get_groupmsg_task", {"msgid": msgid}, "task_list")
        except WecomError as error:
            if error.errcode == DISPATCHING:
                return None
            raise
        for one in rows:
            mine = str(one.get("userid", "")).casefold() == owner.casefold()
            if mine and one.get("status") == _CONFIRMED:
                return datetime.fromtimestamp(int(one.get("send_time", 0)), UTC)
        return None

    async def results(self, msgid: str, owner: str) -> dict[str, int]:
        """What became of each group or customer: 0 not sent, 1 sent, 2 not a friend, 3 capped. Of
        groups only those are named that it was sent to, or would have been."""
        rows = await self._pages(
            "get_groupmsg_send_result", {"msgid": msgid, "userid": owner}, "send_list"
        )
        return {
            str(one.get("chat_id") or one.get("external_userid") or ""): int(one.get("status", 0))
            for one in rows
        }

    async def remind(self, msgid: str) -> None:
        """Notifies the sender again; WeCom allows three times in 24 hours."""
        await self._api.call("POST", f"{_PREFIX}remind_groupmsg_send", {"msgid": msgid})

    async def cancel(self, msgid: str) -> None:
        """Stops a task that has not been sent; one that was cancelled before stays so."""
        try:
            await self._api.call("POST", f"{_PREFIX}cancel_groupmsg_send", {"msgid": msgid})
        except WecomError as error:
            if error.errcode != CANCELLED:
                raise

    async def _pages(self, name: str, question: Json, key: str) -> list[dict[str, Any]]:
        """Every page of a listing."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            body = {**question, "cursor": cursor} if cursor else question
            answer = await self._api.call("POST", _PREFIX + name, body)
            rows += answer.get(key) or []
            following = str(answer.get("next_cursor") or "")
            if not following or following == cursor:
                return rows
            cursor = following
