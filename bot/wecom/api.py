"""WeCom's server interfaces that the bot calls (wecom-protocol.md 0.2, A, C.6, D, E)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.http import Answer, Http, NoAnswer
from bot.wecom.errors import Kind, Verdict, WecomError, verdict
from bot.wecom.token import TokenSource

Json = dict[str, Any]
File = tuple[str, bytes]
"""A file's name and its bytes."""

_DUPLICATE_CHECK_SECONDS = 1800
_NOBODY = 84061
"""WeCom's answer for a colleague without contacts."""
_BOUNDARY = "qunyun-media-f2a1c9d0e7"


class WecomApi:
    """Calls WeCom for one self-built application.

    Every call raises `bot.http.NotSent` or `NoAnswer` for what the network did, and `WecomError`
    for what WeCom answered. Nothing is retried, except once with a new token when WeCom says
    that the token is no longer good.
    """

    def __init__(
        self, http: Http, base: str, corp_id: str, agent_id: int, secret: str, clock: Clock
    ) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._tokens = TokenSource(self._get_token, clock)

    async def call(
        self,
        method: str,
        path: str,
        json: Json | None = None,
        params: Mapping[str, str] | None = None,
        file: File | None = None,
    ) -> Json:
        """Calls an interface that needs an access token; `path` is below `/cgi-bin/`."""
        token = await self._tokens.get()
        try:
            return await self._once(method, path, json, params, file, token)
        except WecomError as error:
            if error.verdict.kind is not Kind.REFRESH_TOKEN:
                raise
        return await self._once(method, path, json, params, file, await self._tokens.renew(token))

    async def _once(
        self,
        method: str,
        path: str,
        json: Json | None,
        params: Mapping[str, str] | None,
        file: File | None,
        token: str,
    ) -> Json:
        query = {"access_token": token, **(params or {})}
        return await self._plain(method, path, query, json, file)

    async def _plain(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        json: Json | None = None,
        file: File | None = None,
    ) -> Json:
        url = f"{self._base}/cgi-bin/{path}"
        if file is not None:
            return judged(
                await self._http.request(
                    method,
                    url,
                    params=params,
                    content=_form(*file),
                    headers={"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
                )
            )
        return judged(await self._http.request(method, url, params=params, json=json))

    async def _get_token(self) -> tuple[str, timedelta]:
        answer = await self._plain(
            "GET", "gettoken", {"corpid": self._corp_id, "corpsecret": self._secret}
        )
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(life, int):
            raise NoAnswer("gettoken 的答复里没有 access_token")
        return token, timedelta(seconds=life)

    # messages of the application

    async def send_message(
        self, user: str, msgtype: str, content: Json, *, drop_repetition: bool = False
    ) -> Json:
        """An application message to one member.

        `drop_repetition`: WeCom drops the same content to the same member within 30 minutes.
        The answer has `msgid`, and `response_code` for interactive cards.
        """
        message: Json = {
            "touser": user,
            "agentid": self._agent_id,
            "msgtype": msgtype,
            msgtype: content,
        }
        if drop_repetition:
            message["enable_duplicate_check"] = 1
            message["duplicate_check_interval"] = _DUPLICATE_CHECK_SECONDS
        return await self.call("POST", "message/send", message)

    async def update_template_card(self, user: str, response_code: str, button: str) -> Json:
        """Replaces the buttons of a pressed card by one text; the code is good once, 72 hours."""
        return await self.call(
            "POST",
            "message/update_template_card",
            {
                "userids": [user],
                "agentid": self._agent_id,
                "response_code": response_code,
                "button": {"replace_name": button},
            },
        )

    async def upload_media(self, filename: str, data: bytes, kind: str = "file") -> str:
        """Uploads a file or an image for the application's messages: the media id, good for 3
        days (E.5)."""
        answer = await self.call(
            "POST", "media/upload", params={"type": kind}, file=(filename, data)
        )
        return str(answer.get("media_id", ""))

    # group robots and response urls: no token, the address is the credential

    async def webhook_send(self, key: str, body: Json) -> Json:
        """A message by a group robot; WeCom returns no message id."""
        return await self._plain("POST", "webhook/send", {"key": key}, body)

    async def respond(self, response_url: str, body: Json) -> Json:
        """The one answer to an intelligent-bot callback, within an hour, not encrypted (C.6)."""
        return judged(await self._http.request("POST", response_url, json=body))

    # customers and their groups

    async def who_opened(self, code: str) -> Json:
        """Who opened a page, by the code that WeCom's OAuth gave: `userid` for a colleague,
        `openid` for anybody else, with `external_userid` for the bank's own customers."""
        return await self.call("GET", "auth/getuserinfo", params={"code": code})

    async def group_chat(self, chat_id: str) -> Json:
        """A customer group with its members' names, `member_version` and owner."""
        answer = await self.call(
            "POST", "externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": 1}
        )
        chat: Json = answer.get("group_chat", {})
        return chat

    async def group_list(self, owners: list[str], cursor: str) -> tuple[dict[str, int], str]:
        """The customer groups of up to 100 colleagues with WeCom's status of each (D.4), and the
        cursor of the next page; empty after the last."""
        answer = await self.call(
            "POST",
            "externalcontact/groupchat/list",
            {
                "status_filter": 0,
                "owner_filter": {"userid_list": owners},
                "cursor": cursor,
                "limit": 1000,
            },
        )
        found = answer.get("group_chat_list") or []
        statuses = {str(one["chat_id"]): int(one.get("status") or 0) for one in found}
        return statuses, str(answer.get("next_cursor") or "")

    async def add_join_way(self, chat_id: str, state: str, remark: str) -> str:
        """Makes a way into a customer group: its config id. `state` (≤ 30 characters) comes back
        with everybody who joins by it (D.5). WeCom opens no further group when this one is full."""
        answer = await self.call(
            "POST",
            "externalcontact/groupchat/add_join_way",
            {
                "scene": 2,
                "remark": remark[:30],
                "auto_create_room": 0,
                "chat_id_list": [chat_id],
                "state": state,
            },
        )
        return str(answer["config_id"])

    async def join_way_qr(self, config_id: str) -> str:
        """The address of a join way's QR code."""
        answer = await self.call(
            "POST", "externalcontact/groupchat/get_join_way", {"config_id": config_id}
        )
        return str(answer.get("join_way", {}).get("qr_code", ""))

    async def customers_of(self, user: str) -> list[str]:
        """External ids of everybody whom a colleague has as a contact (D.2)."""
        try:
            answer = await self.call("GET", "externalcontact/list", params={"userid": user})
        except WecomError as error:
            if error.errcode == _NOBODY:
                return []
            raise
        return [str(one) for one in answer.get("external_userid", [])]

    async def customers_page(self, user: str, cursor: str) -> tuple[list[Json], str]:
        """Up to 100 customers of a colleague with what that colleague notes of them
        (`external_contact`, `follow_info`), and the cursor of the next page; empty after the
        last."""
        answer = await self.call(
            "POST",
            "externalcontact/batch/get_by_user",
            {"userid_list": [user], "cursor": cursor, "limit": 100},
        )
        found: list[Json] = answer.get("external_contact_list") or []
        return found, str(answer.get("next_cursor") or "")

    async def customer(self, external_userid: str) -> Json:
        """A customer: `external_contact` and `follow_user` of the first page."""
        return await self.call(
            "GET", "externalcontact/get", params={"external_userid": external_userid}
        )

    async def corp_tags(self) -> list[Json]:
        """Every group of the company's customer tags, with its `tag` list (D.3)."""
        answer = await self.call("POST", "externalcontact/get_corp_tag_list", {})
        groups: list[Json] = answer.get("tag_group", [])
        return groups

    async def add_corp_tags(self, group: str, names: list[str]) -> Json:
        """Makes tags in a group of this name, which is made too if there is none: the group with
        the new tags. Names of at most 30 characters."""
        tags = [{"name": name} for name in names]
        answer = await self.call(
            "POST", "externalcontact/add_corp_tag", {"group_name": group, "tag": tags}
        )
        made: Json = answer.get("tag_group", {})
        return made

    async def remark(
        self, user: str, external_userid: str, remark: str | None, description: str | None
    ) -> None:
        """What a colleague calls a customer (≤ 20 characters) and notes of them (≤ 150); None
        leaves it as it is (D.2)."""
        body = {"userid": user, "external_userid": external_userid}
        if remark is not None:
            body["remark"] = remark
        if description is not None:
            body["description"] = description
        await self.call("POST", "externalcontact/remark", body)

    async def mark_tag(
        self, user: str, external_userid: str, add: list[str], remove: list[str]
    ) -> None:
        """Adds and removes corp tags (by id) of a customer; not in parallel for one customer."""
        await self.call(
            "POST",
            "externalcontact/mark_tag",
            {
                "userid": user,
                "external_userid": external_userid,
                "add_tag": add,
                "remove_tag": remove,
            },
        )


def _form(filename: str, data: bytes) -> bytes:
    """By hand, because the part must name `filelength` too (A.4)."""
    name = filename.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{name}"; '
        f"filelength={len(data)}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()


def judged(answer: Answer) -> Json:
    """The answer's JSON if WeCom says ok.

    Raises WecomError for an error code or a 4xx; NoAnswer for a 5xx or a broken body, because a
    gateway may have failed after the call took effect.
    """
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("errcode", 0), int):
        if answer.status == 429:
            raise WecomError(45009)
        if 400 <= answer.status < 500:
            refused = Verdict(Kind.REFUSED, f"企业微信答复 HTTP {answer.status}")
            raise WecomError(answer.status, meaning=refused)
        raise NoAnswer(f"企业微信的答复不是预期的 JSON（HTTP {answer.status}）")
    errcode = body.get("errcode", 0)
    if errcode != 0:
        raise WecomError(errcode, str(body.get("errmsg", "")), verdict(errcode))
    if answer.status >= 400:
        raise NoAnswer(f"企业微信答复 HTTP {answer.status}")
    return body
