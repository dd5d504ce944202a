"""WeCom's calls for what a channel has: contact ways (wecom-protocol.md D.6), ways into groups
(D.5), templates of a group's welcome (D.8)."""

from typing import Any

from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError

_GONE = (41044,)
"""WeCom knows no such way (any more)."""
_CONTACT = "externalcontact/{}_contact_way"
_GROUP = "externalcontact/groupchat/{}_join_way"
_TEMPLATE = "externalcontact/group_welcome_template/{}"
_PATHS = {"contact": _CONTACT, "group": _GROUP, "template": _TEMPLATE}
_EDIT = {"contact": "update", "group": "update", "template": "edit"}
_ID = {"contact": "config_id", "group": "config_id", "template": "template_id"}


class ChannelWays:
    """Makes, changes and takes back. Raises what `WecomApi.call` raises."""

    def __init__(self, api: WecomApi, agent_id: int) -> None:
        self._api = api
        self._agent_id = agent_id

    async def make(self, kind: str, told: dict[str, Any]) -> tuple[str, str]:
        """A new one: its id and the address of its QR code (a template has none)."""
        answer = await self._call(kind, "add", self._body(kind, told))
        id = str(answer[_ID[kind]])
        return id, str(answer.get("qr_code") or await self._qr(kind, id))

    async def change(self, kind: str, id: str, told: dict[str, Any]) -> tuple[str, str]:
        """Tells anew what it is; one that was taken away meanwhile is made again."""
        body = {**self._body(kind, told), _ID[kind]: id}
        try:
            await self._call(kind, _EDIT[kind], body)
        except WecomError as error:
            if error.errcode in _GONE:
                return await self.make(kind, told)
            raise
        return id, await self._qr(kind, id)

    async def remove(self, kind: str, id: str) -> None:
        """Takes it back; what is gone is gone."""
        try:
            await self._call(kind, "del", {_ID[kind]: id})
        except WecomError as error:
            if error.errcode not in _GONE:
                raise

    async def _qr(self, kind: str, id: str) -> str:
        if kind == "template":
            return ""
        answer = await self._call(kind, "get", {"config_id": id})
        inner = answer.get({"contact": "contact_way", "group": "join_way"}[kind])
        return str(inner.get("qr_code", "")) if isinstance(inner, dict) else ""

    def _body(self, kind: str, told: dict[str, Any]) -> dict[str, Any]:
        if kind == "contact":
            return {"scene": 2, "skip_verify": True, **told}
        if kind == "group":
            return {"scene": 2, "auto_create_room": 0, **told}
        return {"text": {"content": told["text"]}, "agentid": self._agent_id, "notify": 1}

    async def _call(self, kind: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._api.call("POST", _PATHS[kind].format(verb), body)
