"""The application's messages: send, update a card, recall (reference E.1–E.3)."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.cards import ALL_KINDS, INTERACTIVE, check_card, replaced, summary
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.limits import HOUR, MINUTE, Quota, SlidingLog
from bot.sandbox.media import Media, data_address
from bot.sandbox.seed import AppSeed
from bot.sandbox.timeline import Message, Sender, Timeline
from bot.sandbox.webhook import Content, cut, news
from bot.sandbox.world import Person, World

TEXT_LIMIT = 2048
CODE_LIFE = timedelta(hours=72)
RECALL_LIFE = timedelta(hours=24)
DUPLICATE_DEFAULT = 1800
DUPLICATE_MOST = 14400


@dataclass(slots=True)
class Code:
    """A response_code: 72 hours, one use."""

    task_id: str
    until: datetime
    used: bool = False


class AppMessages:
    """The 1:1 conversations `app:<userid>` between staff and the application."""

    def __init__(
        self,
        app: AppSeed,
        world: World,
        timeline: Timeline,
        media: Media,
        clock: SandboxClock,
        ids: Ids,
        has_callback: Callable[[], bool],
    ) -> None:
        self._app = app
        self._world = world
        self._timeline = timeline
        self._media = media
        self._clock = clock
        self._ids = ids
        self._has_callback = has_callback
        self._quota = Quota(SlidingLog(30, MINUTE), SlidingLog(1000, HOUR))
        self._codes: dict[str, Code] = {}
        self._task_ids: set[str] = set()
        self._recent: dict[str, datetime] = {}
        self.sender = Sender("app", app.name, "app")
        self.sent = 0
        self.dropped_silently = 0
        self.suppressed_duplicates = 0

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/message/"
        return [
            Route("POST", prefix + "send", self._send, sends=True),
            Route("POST", prefix + "update_template_card", self._update, sends=True),
            Route("POST", prefix + "recall", self._recall),
        ]

    def new_code(self, task_id: str) -> str:
        """A code with which one card may be updated once."""
        code = self._ids.code(length=48)
        self._codes[code] = Code(task_id, self._clock.now() + CODE_LIFE)
        return code

    def _send(self, call: Call) -> Json:
        body = call.json()
        self._check_agent(body)
        receivers, invalid = self._receivers(body.text("touser"))
        content = self._content(body)
        answer = ok(invaliduser="|".join(invalid), msgid=self._ids.code(length=40))
        if self._is_duplicate(body):
            return answer
        card = content.card or {}
        if "task_id" in card:
            self._claim_task_id(card["task_id"])
        if card.get("card_type") in INTERACTIVE:
            answer["response_code"] = self.new_code(card["task_id"])
        for person in receivers:
            self._deliver(person, content, answer["msgid"])
        return answer

    def _deliver(self, person: Person, content: Content, msgid: str) -> None:
        now = self._clock.now()
        if not self._quota.take(person.id, now):
            # Over 30 a minute to one member vanish without an error (reference 0.6).
            self.dropped_silently += 1
            return
        self.sent += 1
        self._timeline.post(
            Message(
                msgid=msgid,
                chat=f"app:{person.id}",
                at=now,
                sender=self.sender,
                type=content.type,
                text=content.text,
                card=dict(content.card) if content.card is not None else None,
                image=content.image,
                agent=True,
            )
        )

    def _check_agent(self, body: Fields) -> None:
        if body.number("agentid", -1) != self._app.agent_id:
            raise ApiError(40056, "invalid agentid")

    def _receivers(self, touser: str) -> tuple[list[Person], list[str]]:
        if touser == "@all":
            staff = [one for one in self._world.people.values() if one.kind == "staff"]
            return staff, []
        names = [name for name in touser.split("|") if name]
        if len(names) > 1000:
            raise ApiError(40058, "touser count out of limit")
        found = {name: self._world.find_staff(name) for name in names}
        valid = {person.id: person for person in found.values() if person is not None}
        invalid = [name.lower() for name, person in found.items() if person is None]
        if not valid:
            raise ApiError(81013, "user & party & tag all invalid")
        return list(valid.values()), invalid

    def _content(self, body: Fields) -> Content:
        kind = body.text("msgtype")
        inner = body.object(kind)
        if kind == "text":
            return Content("text", cut(_wanted(inner, "content"), TEXT_LIMIT))
        if kind == "markdown":
            text = _wanted(inner, "content")
            if len(text.encode()) > TEXT_LIMIT:
                raise too_long("markdown.content", TEXT_LIMIT)
            return Content("markdown", text)
        if kind == "textcard":
            return _text_card(inner)
        if kind == "news":
            return news(inner)
        if kind in {"image", "voice", "video", "file"}:
            medium = self._media.get("", kind, inner.text("media_id"))
            if kind == "image":
                encoded = base64.b64encode(medium.data).decode()
                return Content("image", medium.filename, image=data_address(medium.data, encoded))
            return Content("file", medium.filename)
        if kind == "template_card":
            return self._template_card(inner)
        raise ApiError(40008, "invalid message type")

    def _template_card(self, inner: Fields) -> Content:
        card = check_card(inner, ALL_KINDS)
        if card["card_type"] in INTERACTIVE and not self._has_callback():
            raise ApiError(43012, "require agent callback url")
        return Content("card", summary(card), card)

    def _claim_task_id(self, task_id: str) -> None:
        if task_id in self._task_ids:
            raise ApiError(40058, "template_card.task_id duplicated")
        self._task_ids.add(task_id)

    def _is_duplicate(self, body: Fields) -> bool:
        """What WeCom answers for a suppressed duplicate is unknown (J.14): here errcode 0."""
        if not body.number("enable_duplicate_check"):
            return False
        interval = body.number("duplicate_check_interval", DUPLICATE_DEFAULT)
        print_of_body = json.dumps(dict(body.values), sort_keys=True, ensure_ascii=False)
        now = self._clock.now()
        before = self._recent.get(print_of_body)
        span = timedelta(seconds=min(interval, DUPLICATE_MOST))
        if before is not None and now - before < span:
            self.suppressed_duplicates += 1
            return True
        self._recent[print_of_body] = now
        return False

    def _update(self, call: Call) -> Json:
        body = call.json()
        self._check_agent(body)
        code = self._codes.get(body.text("response_code"))
        if code is None or code.used or self._clock.now() >= code.until:
            raise ApiError(60140, "invalid response_code")
        users = body.texts("userids")
        invalid = [user for user in users if self._world.find_staff(user) is None]
        if not body.number("atall") and len(invalid) == len(users):
            raise ApiError(81013, "user & party & tag all invalid")
        change = self._change(body, code.task_id)
        code.used = True
        known = {user.casefold() for user in users}
        for message in self.cards(code.task_id):
            if body.number("atall") or message.chat.removeprefix("app:").casefold() in known:
                change(message)
        return ok(invaliduser=[user.lower() for user in invalid])

    def cards(self, task_id: str) -> list[Message]:
        """Every copy of one card."""
        return [
            message
            for message in self._timeline.all()
            if message.agent and message.card and message.card.get("task_id") == task_id
        ]

    def _change(self, body: Fields, task_id: str) -> Callable[[Message], None]:
        if "template_card" in body:
            card = check_card(body.object("template_card"), ALL_KINDS)
            return lambda message: self.replace_card(message, {**card, "task_id": task_id})
        name = body.object("button").text("replace_name")
        if not name:
            raise ApiError(40058, "button.replace_name missing")
        return lambda message: self.replace_button(message, name)

    def replace_button(self, message: Message, name: str) -> None:
        """The buttons become one text."""
        message.card = replaced(message.card or {}, name)
        self._timeline.changed(message)

    def replace_card(self, message: Message, card: Json) -> None:
        """The card becomes another."""
        message.card = card
        message.text = summary(card)
        self._timeline.changed(message)

    def _recall(self, call: Call) -> Json:
        copies = self._timeline.by_msgid(_wanted(call.json(), "msgid"))
        if not copies:
            raise ApiError(40058, "msgid invalid")
        if self._clock.now() - copies[0].at >= RECALL_LIFE:
            raise ApiError(42052, "message recall out of time")
        for message in copies:
            message.type, message.text, message.card = "system", "撤回了一条消息", None
            self._timeline.changed(message)
        return ok()


def _wanted(inner: Fields, name: str) -> str:
    value = inner.text(name)
    if not value:
        raise ApiError(44004, f"empty {name}")
    return value


def _text_card(inner: Fields) -> Content:
    title, text, url = (_wanted(inner, name) for name in ("title", "description", "url"))
    for name, value, limit in (("title", title, 128), ("description", text, 512)):
        if len(value.encode()) > limit:
            raise too_long(f"textcard.{name}", limit)
    if len(url.encode()) > 2048:
        raise too_long("textcard.url", 2048)
    card = {
        "card_type": "text_notice",
        "main_title": {"title": title},
        "sub_title_text": text,
        "jump_list": [{"type": 1, "title": inner.text("btntxt") or "详情", "url": url}],
        "card_action": {"type": 1, "url": url},
    }
    return Content("card", f"{title} {text}", card)
