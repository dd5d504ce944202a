"""The calls about group-send tasks: creating one and asking what became of it (D.9)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.mass_send import DISPATCH, MassSends, Part, Task
from bot.sandbox.media import Media
from bot.sandbox.world import World

TEXT_BYTES = 4000
ATTACHMENTS = 9
GROUPS = 2000
CUSTOMERS = 10_000
TAGS = 100
LONGEST_SPAN = timedelta(days=31)
_LINK = {"title": 128, "picurl": 2048, "desc": 512, "url": 2048}


class MassSendApi:
    """`add_msg_template` and the calls around it."""

    def __init__(self, world: World, media: Media, clock: SandboxClock, sends: MassSends) -> None:
        self._world = world
        self._media = media
        self._clock = clock
        self._sends = sends

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/"
        asks: dict[str, Callable[[Call], Json]] = {
            "get_groupmsg_list_v2": self._list,
            "get_groupmsg_task": self._task,
            "get_groupmsg_send_result": self._result,
            "get_group_msg_result": self._old_result,
            "remind_groupmsg_send": self._remind,
            "cancel_groupmsg_send": self._cancel,
        }
        return [
            Route("POST", prefix + "add_msg_template", self._add, sends=True),
            *(Route("POST", prefix + name, answer) for name, answer in asks.items()),
        ]

    def _add(self, call: Call) -> Json:
        body = call.json()
        kind = body.text("chat_type", "single")
        if kind not in ("single", "group"):
            raise ApiError(40058, "chat_type invalid")
        text = body.object("text").text("content")
        attachments = body.objects("attachments")
        if not text and not attachments:
            raise ApiError(44004, "empty content")
        if len(text.encode()) > TEXT_BYTES:
            raise too_long("text.content", TEXT_BYTES)
        self._check_attachments(attachments)
        sender = self._sender(body)
        failed: list[str] = []
        if kind == "group":
            receivers = self._groups(body, sender)
        else:
            receivers, failed = self._customers(body, sender)
        if not receivers:
            raise ApiError(41048, "no customer to send")
        task = self._sends.create(
            single=kind == "single",
            creator=sender or next(iter(receivers)),
            text=text,
            attachments=[dict(one.values) for one in attachments],
            receivers=receivers,
        )
        return ok(fail_list=failed, msgid=task.id)

    def _sender(self, body: Fields) -> str:
        name = body.text("sender")
        if not name:
            return ""
        staff = self._world.find_staff(name)
        if staff is None:
            raise ApiError(40003, "invalid userid")
        return staff.id

    def _groups(self, body: Fields, sender: str) -> dict[str, list[str]]:
        if not sender:
            raise ApiError(40058, "sender missing")
        chats = body.texts("chat_id_list")
        if len(chats) > GROUPS:
            raise ApiError(40058, "chat_id_list size out of limit")
        for chat in chats:
            group = self._world.groups.get(chat)
            if group is None:
                raise ApiError(40050, "chatid not exist")
            if group.kind != "customer":
                raise ApiError(90501, "chatid is not external group chat")
        mine = [
            group.id
            for group in self._world.groups.values()
            if group.kind == "customer" and group.owner == sender
        ]
        wanted = [one for one in dict.fromkeys(chats) if one in mine] if chats else mine
        return {sender: wanted} if wanted else {}

    def _customers(self, body: Fields, sender: str) -> tuple[dict[str, list[str]], list[str]]:
        named = list(dict.fromkeys(body.texts("external_userid")))
        if len(named) > CUSTOMERS:
            raise ApiError(40058, "external_userid size out of limit")
        filters = body.object("tag_filter").objects("group_list")
        if not named and not filters and not sender:
            raise ApiError(40058, "external_userid missing")
        known = {member for _, member in self._world.relations}
        pool = named or (self._world.customers_of(sender) if sender else sorted(known))
        found: dict[str, list[str]] = {}
        failed: list[str] = []
        for member in pool:
            followers = self._world.followers(member)
            chosen = sender if sender in followers else ""
            if not sender and followers:  # who last had to do with the customer
                chosen = max(followers, key=lambda staff: followers[staff].since)
            if chosen and self._tagged(chosen, member, filters):
                found.setdefault(chosen, []).append(member)
            elif named and not chosen:
                failed.append(member)
        return found, failed

    def _tagged(self, staff: str, member: str, filters: list[Fields]) -> bool:
        """Any tag of each list."""
        worn = self._world.relations[staff, member].tags
        lists = [one.texts("tag_list") for one in filters]
        if any(len(one) > TAGS for one in lists):
            raise ApiError(40058, "tag_list size out of limit")
        return all(worn & set(one) for one in lists)

    def _check_attachments(self, attachments: list[Fields]) -> None:
        if len(attachments) > ATTACHMENTS:
            raise ApiError(41064, "attachments count out of limit")
        for one in attachments:
            kind = one.text("msgtype")
            inner = one.object(kind)
            if kind == "image" and (inner.text("media_id") or not inner.text("pic_url")):
                self._media.get("", "image", inner.text("media_id"))
            elif kind in ("video", "file"):
                self._media.get("", kind, inner.text("media_id"))
            elif kind == "link":
                self._check_link(inner)
            elif kind == "miniprogram":
                self._check_program(inner)
            elif kind != "image":
                raise ApiError(41065, "invalid attachment msgtype")

    def _check_link(self, inner: Fields) -> None:
        if not inner.text("title") or not inner.text("url"):
            raise ApiError(40058, "attachments.link title or url missing")
        for name, limit in _LINK.items():
            if len(inner.text(name).encode()) > limit:
                raise too_long(f"attachments.link.{name}", limit)

    def _check_program(self, inner: Fields) -> None:
        if not all(inner.text(name) for name in ("title", "pic_media_id", "appid", "page")):
            raise ApiError(40058, "attachments.miniprogram field missing")
        if len(inner.text("title").encode()) > 64:
            raise too_long("attachments.miniprogram.title", 64)
        self._media.get("", "image", inner.text("pic_media_id"))

    def _list(self, call: Call) -> Json:
        body = call.json()
        kind = body.text("chat_type")
        start, end = (_instant(body, name) for name in ("start_time", "end_time"))
        if kind not in ("single", "group"):
            raise ApiError(40058, "chat_type invalid")
        if end < start or end - start > LONGEST_SPAN:
            raise ApiError(40058, "start_time or end_time invalid")
        if body.number("filter_type", 2) not in (0, 1, 2):
            raise ApiError(40058, "filter_type invalid")
        creator = body.text("creator")
        rows = [
            _row(task)
            for task in self._sends.tasks.values()
            if task.single == (kind == "single")
            and start <= task.created_at <= end
            and (not creator or task.creator.casefold() == creator.casefold())
            and body.number("filter_type", 2) != 1  # nobody here makes tasks of his own
        ]
        page, cursor = _page(body, rows, 50, 100)
        return ok(next_cursor=cursor, group_msg_list=page)

    def _task(self, call: Call) -> Json:
        body = call.json()
        rows = [
            {
                "userid": part.staff,
                "status": 0 if part.sent_at is None else 2,
                "send_time": 0 if part.sent_at is None else int(part.sent_at.timestamp()),
            }
            for part in self._dispatched(body).parts.values()
        ]
        page, cursor = _page(body, rows, 500, 1000)
        return ok(next_cursor=cursor, task_list=page)

    def _result(self, call: Call) -> Json:
        body = call.json()
        task = self._dispatched(body)
        part = task.parts.get(body.text("userid"))
        if part is None:
            raise ApiError(40003, "invalid userid")
        page, cursor = _page(body, _sent_rows(task, part), 500, 1000)
        return ok(next_cursor=cursor, send_list=page)

    def _old_result(self, call: Call) -> Json:
        """The call of before 2021, which clients in the field still make (wechatpy does)."""
        task = self._dispatched(call.json())
        rows = [row for part in task.parts.values() for row in _sent_rows(task, part)]
        return ok(check_status=1, detail_list=rows)

    def _remind(self, call: Call) -> Json:
        self._sends.remind(self._dispatched(call.json()))
        return ok()

    def _cancel(self, call: Call) -> Json:
        self._sends.cancel(self._dispatched(call.json()))
        return ok()

    def _dispatched(self, body: Fields) -> Task:
        task = self._sends.tasks.get(body.text("msgid"))
        if task is None:
            raise ApiError(40058, "msgid invalid")
        if self._clock.now() - task.created_at < DISPATCH:
            raise ApiError(41063, "groupmsg is being dispatched")
        return task


def _sent_rows(task: Task, part: Part) -> list[Json]:
    """For groups, what has not been sent is not listed."""
    rows: list[Json] = []
    at = 0 if part.sent_at is None else int(part.sent_at.timestamp())
    for receiver in part.receivers:
        status = part.statuses.get(receiver, 0)
        whom = "external_userid" if task.single else "chat_id"
        if task.single or status:
            rows.append(
                {
                    whom: receiver,
                    "userid": part.staff,
                    "status": status,
                    "send_time": at if status == 1 else 0,
                }
            )
    return rows


def _row(task: Task) -> Json:
    return {
        "msgid": task.id,
        "creator": task.creator,
        "create_time": str(int(task.created_at.timestamp())),
        "create_type": 0,
        "text": {"content": task.text},
        "attachments": task.attachments,
    }


def _page(body: Fields, rows: list[Json], usual: int, most: int) -> tuple[list[Json], str]:
    limit, cursor = body.number("limit", usual), body.text("cursor")
    if not 1 <= limit <= most:
        raise ApiError(40058, "limit out of range")
    if cursor and not cursor.isdecimal():
        raise ApiError(50100, "invalid cursor")
    start = int(cursor or "0")
    return rows[start : start + limit], str(start + limit) if start + limit < len(rows) else ""


def _instant(body: Fields, name: str) -> datetime:
    return datetime.fromtimestamp(body.number(name), UTC)
