"""Decrypted callbacks and long-connection frames to events (wecom-protocol.md B.5, C.2, C.3, D.13).

Dedupe keys: WeCom's message id where there is one, else SHA-256 over the decrypted bytes; the
advised pair sender + second collides, because every system event comes from `sys` (B.4).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.wecom import xml
from bot.wecom.events_json import kind_of, to_json
from sop.events import (
    ArchiveAgreed,
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    Pressed,
    ReplyTo,
    RosterChanged,
    Said,
    TagsEdited,
    TransferFailed,
    Wrote,
)

_MENTION = re.compile(r"@\S+\s+")
_BARE_MENTION = re.compile(r"@\S+$")
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z


class Malformed(Exception):
    """An authentic message that lacks what its kind must have."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event on its way into the inbox."""

    dedup_key: str
    order_key: str
    """Chat id, or `app:…`, `aibot:…` of a 1:1 conversation, or the customer's id."""
    kind: str
    event: dict[str, Any]


def received(event: Event, dedup_key: str) -> Received:
    """The inbox form of an event."""
    return Received(dedup_key, _order_key(event), kind_of(event), to_json(event))


def _order_key(event: Event) -> str:
    match event:
        case Said(chat_id=None, sender=sender, reply_to=reply_to):
            prefix = "app" if reply_to.channel == "app_message" else "aibot"
            return f"{prefix}:{sender}"
        case Said(chat_id=str(chat_id)):
            return chat_id
        case Pressed(sender=sender):
            return f"app:{sender}"
        case Joined(chat_id=chat_id) | Left(chat_id=chat_id) | RosterChanged(chat_id=chat_id):
            return chat_id
        case ContactAdded(member=member) | ContactRemoved(member=member):
            return member
        case TagsEdited(member=member) | TransferFailed(member=member):
            return member
        case ArchiveAgreed(member=member) | Wrote(member=member):
            return member
    raise TypeError(f"unknown event {event!r}")


# the self-built application: XML


def app_event(document: bytes, agent: str, now: datetime) -> Received | None:
    """The event in a decrypted application message; None if it concerns nothing we do.

    Raises Malformed (or xml.MalformedXml) for a message that is not what it claims to be.
    """
    message = xml.parse(document)
    event = _app_event(message, _instant(xml.integer(message, "CreateTime"), now))
    if event is None:
        return None
    unique = xml.text(message, "MsgId") or hashlib.sha256(document).hexdigest()
    return received(event, f"app:{agent}:{unique}")


def _app_event(message: dict[str, xml.Node], at: datetime) -> Event | None:
    sender = xml.text(message, "FromUserName")
    match xml.text(message, "MsgType"), xml.text(message, "Event"):
        case "text", _:
            reply_to = ReplyTo("app_message", {"user": _required(sender, "FromUserName")})
            return Said(at, sender, None, xml.text(message, "Content").strip(), reply_to)
        case "event", "template_card_event":
            code = xml.text(message, "ResponseCode")
            return Pressed(
                at,
                _required(sender, "FromUserName"),
                xml.text(message, "TaskId"),
                xml.text(message, "EventKey"),
                ReplyTo("card_update", {"response_code": code, "user": sender}),
            )
        case "event", "change_external_chat":
            return _chat_event(message, at)
        case "event", "change_external_contact":
            return _contact_event(message, at)
    return None


def _chat_event(message: dict[str, xml.Node], at: datetime) -> Event:
    chat_id = _required(xml.text(message, "ChatId"), "ChatId")
    change = xml.text(message, "ChangeType")
    detail = xml.text(message, "UpdateDetail")
    members = xml.texts(message, "MemChangeList", "Item")
    before, version = xml.text(message, "LastMemVer"), xml.text(message, "CurMemVer")
    match change, detail:
        case "update", "add_member":
            scene = xml.integer(message, "JoinScene")
            return Joined(at, chat_id, members, scene, before, version)
        case "update", "del_member":
            removed = xml.integer(message, "QuitScene") == 1
            return Left(at, chat_id, members, removed, before, version)
    return RosterChanged(at, chat_id, detail or change)


def _contact_event(message: dict[str, xml.Node], at: datetime) -> Event | None:
    staff = xml.text(message, "UserID")
    member = xml.text(message, "ExternalUserID")
    match xml.text(message, "ChangeType"):
        case "add_external_contact" | "add_half_external_contact" as change:
            state, code = xml.text(message, "State"), xml.text(message, "WelcomeCode")
            half = change == "add_half_external_contact"
            event: Event = ContactAdded(at, staff, member, state, code, half)
        case "del_external_contact":
            passed_on = xml.text(message, "Source") == "DELETE_BY_TRANSFER"
            event = ContactRemoved(at, staff, member, by_customer=False, passed_on=passed_on)
        case "del_follow_user":
            event = ContactRemoved(at, staff, member, by_customer=True)
        case "edit_external_contact":
            event = TagsEdited(at, staff, member)
        case "transfer_fail":
            event = TransferFailed(at, staff, member, xml.text(message, "FailReason"))
        case "msg_audit_approved":
            event = ArchiveAgreed(at, staff, member)
        case _:
            return None
    _required(staff, "UserID")
    _required(member, "ExternalUserID")
    return event


# the intelligent bot: JSON


@dataclass(frozen=True, slots=True)
class AibotSource:
    """Which intelligent bot a message came to, and how."""

    bot: str
    name: str = ""
    """As members @ it; empty when unknown."""
    req_id: str | None = None
    """Of a long-connection frame; None for a URL callback."""


def aibot_event(
    message: Mapping[str, Any], source: AibotSource, document: bytes, now: datetime
) -> Received | None:
    """The event in an intelligent-bot message; None if it concerns nothing we do.

    `document` are the bytes that `message` was read from, for the dedupe key of a message
    without id. Raises Malformed for wrong types.
    """
    sender = _text(_object(message, "from"), "userid")
    if sender in ("", "sys"):
        return None
    at = _instant(message.get("create_time"), now)
    kind = _text(message, "msgtype")
    if kind == "event":
        event = _aibot_pressed(message, sender, source, at)
    else:
        event = _aibot_said(message, kind, sender, source, at)
    if event is None:
        return None
    unique = _text(message, "msgid") or hashlib.sha256(document).hexdigest()
    return received(event, f"aibot:{source.bot}:{unique}")


def _aibot_said(
    message: Mapping[str, Any], kind: str, sender: str, source: AibotSource, at: datetime
) -> Event | None:
    match kind:
        case "text" | "voice":
            text = _text(_object(message, kind), "content")
        case "mixed":
            text = _mixed(_object(message, "mixed"))
        case _:
            return None
    chat_id = _chat_id(message)
    if chat_id is not None:
        text = without_mention(text, source.name)
    return Said(at, sender, chat_id, text.strip(), _reply_to(message, sender, source))


def _aibot_pressed(
    message: Mapping[str, Any], sender: str, source: AibotSource, at: datetime
) -> Event | None:
    event = _object(message, "event")
    if _text(event, "eventtype") != "template_card_event":
        return None
    # The page nests the card's data, the vendor's own SDK types show it flat (C.3).
    card = _object(event, "template_card_event") or event
    reply_to = _reply_to(message, sender, source)
    if source.req_id is not None:
        # A stream cannot answer an event frame (846605): push instead (C.7).
        reply_to = ReplyTo("aibot_push", {"chat_id": _chat_id(message) or sender})
    return Pressed(at, sender, _text(card, "task_id"), _text(card, "event_key"), reply_to)


def _reply_to(message: Mapping[str, Any], sender: str, source: AibotSource) -> ReplyTo:
    if source.req_id is not None:
        return ReplyTo("aibot_reply", {"req_id": source.req_id})
    url = _text(message, "response_url")
    if url:
        return ReplyTo("aibot_reply", {"url": url})
    return ReplyTo("aibot_push", {"chat_id": _chat_id(message) or sender})


def _chat_id(message: Mapping[str, Any]) -> str | None:
    if _text(message, "chattype") != "group":
        return None
    return _required(_text(message, "chatid"), "chatid")


def _mixed(mixed: Mapping[str, Any]) -> str:
    items = mixed.get("msg_item", [])
    if not isinstance(items, list):
        raise Malformed("msg_item 不是列表")
    texts = [_object({"item": item}, "item") for item in items]
    return "\n".join(
        _text(_object(one, "text"), "content") for one in texts if _text(one, "msgtype") == "text"
    )


def without_mention(text: str, name: str) -> str:
    """The text without the @mentions it starts with, and without the bot's own at its end."""
    own = f"@{name}" if name else ""
    text = text.strip()
    while text.startswith("@"):
        if own and re.match(re.escape(own) + r"(\s|$)", text):
            text = text[len(own) :].lstrip()
        elif other := _MENTION.match(text):
            text = text[other.end() :]
        else:
            # `@群运抽奖` typed by hand, or nothing but a mention.
            return text.removeprefix(own).lstrip() if own else _BARE_MENTION.sub("", text)
    return text.removesuffix(own).rstrip() if own else text


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"{name} 不是对象")
    return value


def _text(parent: Mapping[str, Any], name: str) -> str:
    value = parent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{name} 不是文本")
    # JSON can spell NUL and lone surrogates, which no database column takes.
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _required(value: str, name: str) -> str:
    if not value:
        raise Malformed(f"缺少 {name}")
    return value


def _instant(seconds: object, now: datetime) -> datetime:
    if seconds is None:
        return now
    if not isinstance(seconds, int) or not 0 <= seconds <= _LATEST:
        raise Malformed("时间不对")
    return datetime.fromtimestamp(seconds, UTC)
