"""The group robot's webhook: send and upload_media (reference A)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from bot.sandbox.cards import NOTICES, check_card, summary
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.limits import MINUTE, Quota, SlidingLog
from bot.sandbox.media import MEGABYTE, Media, data_address, is_picture
from bot.sandbox.timeline import Message, MessageType, Sender, Timeline
from bot.sandbox.world import Robot, World

TEXT_LIMIT = 2048
MARKDOWN_LIMIT = 4096
UPLOAD_LIMITS = {"file": 20 * MEGABYTE, "voice": 2 * MEGABYTE}


@dataclass(frozen=True, slots=True)
class Content:
    """A message body after its checks."""

    type: MessageType
    text: str
    card: Json | None = None
    image: str = ""


class Webhook:
    """Posts into groups for whoever holds a key."""

    def __init__(self, world: World, timeline: Timeline, media: Media, clock: SandboxClock) -> None:
        self._world = world
        self._timeline = timeline
        self._media = media
        self._clock = clock
        self._quota = Quota(SlidingLog(20, MINUTE))
        self.sent = 0

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/cgi-bin/webhook/send", self._send, token=False, sends=True),
            Route("POST", "/cgi-bin/webhook/upload_media", self._upload, token=False),
        ]

    def _robot(self, call: Call) -> Robot:
        robot = self._world.robots.get(call.query.get("key", ""))
        if robot is None or robot.state == "removed":
            raise ApiError(93000, "invalid webhook url")
        if robot.state == "disabled":
            raise ApiError(93004, "robot disabled")
        return robot

    def _send(self, call: Call) -> Json:
        robot = self._robot(call)
        content = self._content(robot, call.json())
        now = self._clock.now()
        if not self._quota.take(robot.key, now):
            raise ApiError(45009, "api freq out of limit")
        self.sent += 1
        self._timeline.post(
            Message(
                chat=robot.group,
                at=now,
                # The key is a credential; the page identifies robots by group and name.
                sender=Sender(f"robot:{robot.group}", robot.name, "robot"),
                type=content.type,
                text=content.text,
                card=content.card,
                image=content.image,
            )
        )
        return ok()

    def _content(self, robot: Robot, body: Fields) -> Content:
        kind = body.text("msgtype")
        inner = body.object(kind)
        if kind == "text":
            return Content("text", _sized(inner, "text", TEXT_LIMIT) + _mentions(inner))
        if kind in {"markdown", "markdown_v2"}:
            return Content("markdown", _sized(inner, kind, MARKDOWN_LIMIT))
        if kind == "image":
            return _picture(inner)
        if kind == "news":
            return news(inner)
        if kind in {"file", "voice"}:
            medium = self._media.get(robot.key, kind, inner.text("media_id"))
            return Content("file", medium.filename)
        if kind == "template_card":
            card = check_card(inner, NOTICES)
            return Content("card", summary(card), card)
        raise ApiError(40008, "invalid message type")

    def _upload(self, call: Call) -> Json:
        robot = self._robot(call)
        kind = call.query.get("type", "")
        if kind not in UPLOAD_LIMITS:
            raise ApiError(40004, "invalid media type")
        return self._media.store(robot.key, kind, UPLOAD_LIMITS[kind], call)


def _sized(inner: Fields, kind: str, limit: int) -> str:
    content = inner.text("content")
    if not content:
        raise ApiError(44004, "empty content")
    if len(content.encode()) > limit:
        raise too_long(f"{kind}.content", limit)
    return content


def _mentions(inner: Fields) -> str:
    names = inner.texts("mentioned_list") + inner.texts("mentioned_mobile_list")
    shown = ["@所有人" if name == "@all" else f"<@{name}>" for name in names]
    return "".join(f" {name}" for name in shown)


def _picture(inner: Fields) -> Content:
    encoded = inner.text("base64")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ApiError(40058, "image.base64 invalid") from error
    if not data:
        raise ApiError(93017, "image content empty")
    if len(data) > 2 * MEGABYTE:
        raise ApiError(93018, "image size too large")
    if not is_picture(data):
        raise ApiError(40123, "invalid image format")
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != inner.text("md5").lower():
        raise ApiError(301019, "image md5 not match")
    return Content("image", "", image=data_address(data, encoded))


def news(inner: Fields) -> Content:
    """1 to 8 articles; longer titles and descriptions are cut, not refused."""
    articles = inner.objects("articles")
    if not articles:
        raise ApiError(40058, "news.articles empty")
    if len(articles) > 8:
        raise ApiError(45008, "article count out of limit")
    shown = []
    for article in articles:
        title = article.text("title")
        if not title or not article.text("url"):
            raise ApiError(40058, "news.articles title or url missing")
        shown.append(
            {
                "title": cut(title, 128),
                "description": cut(article.text("description"), 512),
                "url": article.text("url"),
                "picurl": article.text("picurl"),
            }
        )
    lines = [f"{article['title']}\n{article['url']}" for article in shown]
    return Content("news", "\n".join(lines), {"articles": shown})


def cut(text: str, limit: int) -> str:
    """The longest beginning that fits into `limit` bytes of UTF-8."""
    return text.encode()[:limit].decode(errors="ignore")
