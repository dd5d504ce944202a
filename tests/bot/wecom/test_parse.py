"""Decrypted messages to events."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.wecom.events_json import from_json
from bot.wecom.parse import AibotSource, Malformed, aibot_event, app_event, without_mention
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
)

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
AT = datetime(2026, 11, 23, 1, 29, 59, tzinfo=UTC)
SECONDS = int(AT.timestamp())


def document(**elements: str) -> bytes:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    return f"<xml><CreateTime>{SECONDS}</CreateTime>{inner}</xml>".encode()


def system(event: str, change: str, **elements: str) -> bytes:
    return document(FromUserName="sys", MsgType="event", Event=event, ChangeType=change, **elements)


def chat(change: str, **elements: str) -> bytes:
    return system("change_external_chat", change, ChatId="wr1", **elements)


def contact(change: str, **elements: str) -> bytes:
    return system("change_external_contact", change, UserID="li", ExternalUserID="wm1", **elements)


@pytest.mark.parametrize(
    ("message", "order_key", "event"),
    [
        pytest.param(
            document(FromUserName="li", MsgType="text", Content=" 今日 ", MsgId="7"),
            "app:li",
            Said(AT, "li", None, "今日", ReplyTo("app_message", {"user": "li"})),
            id="text",
        ),
        pytest.param(
            document(
                FromUserName="li",
                MsgType="event",
                Event="template_card_event",
                EventKey="sent|a/b",
                TaskId="t1",
                ResponseCode="c1",
            ),
            "app:li",
            Pressed(
                AT,
                "li",
                "t1",
                "sent|a/b",
                ReplyTo("card_update", {"response_code": "c1", "user": "li"}),
            ),
            id="card",
        ),
        pytest.param(
            chat(
                "update",
                UpdateDetail="add_member",
                JoinScene="3",
                MemChangeList="<Item>wm1</Item><Item>wm2</Item>",
            ),
            "wr1",
            Joined(AT, "wr1", ("wm1", "wm2"), 3),
            id="joined",
        ),
        pytest.param(
            chat("update", UpdateDetail="add_member", MemChangeCnt="1"),
            "wr1",
            Joined(AT, "wr1", (), None),
            id="joined, nobody named",
        ),
        pytest.param(
            chat(
                "update",
                UpdateDetail="del_member",
                QuitScene="0",
                MemChangeList="<Item>wm1</Item>",
            ),
            "wr1",
            Left(AT, "wr1", ("wm1",), removed=False),
            id="left",
        ),
        pytest.param(
            chat(
                "update",
                UpdateDetail="del_member",
                QuitScene="1",
                MemChangeList="<Item>wm1</Item>",
            ),
            "wr1",
            Left(AT, "wr1", ("wm1",), removed=True),
            id="removed",
        ),
        pytest.param(
            chat("update", UpdateDetail="change_name", JoinScene="0", MemChangeCnt="0"),
            "wr1",
            RosterChanged(AT, "wr1", "change_name"),
            id="renamed",
        ),
        pytest.param(chat("dismiss"), "wr1", RosterChanged(AT, "wr1", "dismiss"), id="dismissed"),
        pytest.param(
            chat(
                "update",
                UpdateDetail="add_member",
                JoinScene="3",
                MemChangeList="<Item>wm1</Item>",
                LastMemVer="v1",
                CurMemVer="v2",
            ),
            "wr1",
            Joined(AT, "wr1", ("wm1",), 3, "v1", "v2"),
            id="joined from one version to the next",
        ),
        pytest.param(
            chat(
                "update",
                UpdateDetail="del_member",
                QuitScene="0",
                MemChangeList="<Item>wm1</Item>",
                LastMemVer="v2",
                CurMemVer="v3",
            ),
            "wr1",
            Left(AT, "wr1", ("wm1",), False, "v2", "v3"),
            id="left from one version to the next",
        ),
        pytest.param(
            contact("del_external_contact", Source="DELETE_BY_TRANSFER"),
            "wm1",
            ContactRemoved(AT, "li", "wm1", by_customer=False, passed_on=True),
            id="passed on",
        ),
        pytest.param(
            contact("transfer_fail", FailReason="customer_refused"),
            "wm1",
            TransferFailed(AT, "li", "wm1", "customer_refused"),
            id="not passed on",
        ),
        pytest.param(
            contact("msg_audit_approved", WelcomeCode="w"),
            "wm1",
            ArchiveAgreed(AT, "li", "wm1"),
            id="agreed to the archive",
        ),
        pytest.param(
            contact("add_external_contact", State="qr7", WelcomeCode="w1"),
            "wm1",
            ContactAdded(AT, "li", "wm1", "qr7", "w1"),
            id="contact added",
        ),
        pytest.param(
            contact("add_half_external_contact"),
            "wm1",
            ContactAdded(AT, "li", "wm1", "", "", half=True),
            id="contact half added",
        ),
        pytest.param(
            contact("del_external_contact"),
            "wm1",
            ContactRemoved(AT, "li", "wm1", by_customer=False),
            id="removed by staff",
        ),
        pytest.param(
            contact("del_follow_user"),
            "wm1",
            ContactRemoved(AT, "li", "wm1", by_customer=True),
            id="removed by customer",
        ),
        pytest.param(
            contact("edit_external_contact"), "wm1", TagsEdited(AT, "li", "wm1"), id="edited"
        ),
    ],
)
def test_app_message_becomes_event(message: bytes, order_key: str, event: Event) -> None:
    received = app_event(message, "1000002", NOW)
    assert received is not None
    assert received.order_key == order_key
    assert from_json(received.kind, json.loads(json.dumps(received.event))) == event


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(document(FromUserName="li", MsgType="event", Event="enter_agent"), id="enter"),
        pytest.param(document(FromUserName="li", MsgType="image", MsgId="8"), id="image"),
        pytest.param(system("change_external_tag", "create", Id="et1"), id="tag"),
    ],
)
def test_app_message_of_no_concern_is_dropped(message: bytes) -> None:
    assert app_event(message, "1000002", NOW) is None


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(document(MsgType="text", Content="x"), id="no sender"),
        pytest.param(system("change_external_chat", "update"), id="no chat"),
        pytest.param(
            system("change_external_contact", "edit_external_contact", UserID="li"), id="no member"
        ),
        pytest.param(
            b"<xml><CreateTime>99999999999999</CreateTime><MsgType>text</MsgType></xml>", id="time"
        ),
    ],
)
def test_app_message_without_its_parts_is_malformed(message: bytes) -> None:
    with pytest.raises(Malformed):
        app_event(message, "1000002", NOW)


def test_dedup_key_is_the_message_id_else_the_bytes() -> None:
    text = document(FromUserName="li", MsgType="text", Content="x", MsgId="7")
    first = chat("update", UpdateDetail="change_name")
    second = chat("update", UpdateDetail="change_owner")
    keys = [
        received.dedup_key
        for message in (text, first, first, second)
        if (received := app_event(message, "1000002", NOW)) is not None
    ]
    assert keys[0] == "app:1000002:7"
    assert keys[1] == keys[2] != keys[3]


def aibot(message: dict[str, Any], source: AibotSource) -> Event | None:
    received = aibot_event(message, source, json.dumps(message).encode(), NOW)
    return None if received is None else from_json(received.kind, received.event)


GROUP = {
    "msgid": "m1",
    "aibotid": "b1",
    "chatid": "wr1",
    "chattype": "group",
    "from": {"userid": "wm1"},
    "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=r1",
}
URL_REPLY = ReplyTo("aibot_reply", {"url": GROUP["response_url"]})
URL_MODE = AibotSource("b1", "群运")
SOCKET_MODE = AibotSource("b1", "群运", "req-1")


@pytest.mark.parametrize(
    ("more", "source", "event"),
    [
        pytest.param(
            {"msgtype": "text", "text": {"content": "@群运 抽奖"}},
            URL_MODE,
            Said(NOW, "wm1", "wr1", "抽奖", URL_REPLY),
            id="text in a group",
        ),
        pytest.param(
            {
                "msgtype": "text",
                "text": {"content": "@群运 B"},
                "create_time": SECONDS,
                "quote": {"msgtype": "text", "text": {"content": "第 3 题"}},
            },
            SOCKET_MODE,
            Said(AT, "wm1", "wr1", "B", ReplyTo("aibot_reply", {"req_id": "req-1"})),
            id="text with a quote on the long connection",
        ),
        pytest.param(
            {"msgtype": "text", "text": {"content": "帮助"}, "chattype": "single", "chatid": ""},
            URL_MODE,
            Said(NOW, "wm1", None, "帮助", URL_REPLY),
            id="single",
        ),
        pytest.param(
            {"msgtype": "voice", "voice": {"content": "抽奖"}, "chattype": "single"},
            URL_MODE,
            Said(NOW, "wm1", None, "抽奖", URL_REPLY),
            id="voice",
        ),
        pytest.param(
            {
                "msgtype": "mixed",
                "mixed": {
                    "msg_item": [
                        {"msgtype": "text", "text": {"content": "@群运 看这里"}},
                        {"msgtype": "image", "image": {"url": "https://example.invalid/1"}},
                        {"msgtype": "text", "text": {"content": "谢谢"}},
                    ]
                },
            },
            URL_MODE,
            Said(NOW, "wm1", "wr1", "看这里\n谢谢", URL_REPLY),
            id="mixed",
        ),
        pytest.param(
            {"msgtype": "text", "text": {"content": "@群运 抽奖"}, "response_url": None},
            URL_MODE,
            Said(NOW, "wm1", "wr1", "抽奖", ReplyTo("aibot_push", {"chat_id": "wr1"})),
            id="without response url",
        ),
        pytest.param(
            {"msgtype": "text", "text": {"content": "@群运 a\u0000b\ud800"}},
            URL_MODE,
            Said(NOW, "wm1", "wr1", "ab?", URL_REPLY),
            id="characters that no database takes",
        ),
        pytest.param(
            {
                "msgtype": "event",
                "event": {
                    "eventtype": "template_card_event",
                    "template_card_event": {"event_key": "k", "task_id": "t"},
                },
            },
            URL_MODE,
            Pressed(NOW, "wm1", "t", "k", URL_REPLY),
            id="card, nested",
        ),
        pytest.param(
            {
                "msgtype": "event",
                "event": {"eventtype": "template_card_event", "event_key": "k", "task_id": "t"},
            },
            SOCKET_MODE,
            Pressed(NOW, "wm1", "t", "k", ReplyTo("aibot_push", {"chat_id": "wr1"})),
            id="card, flat, on the long connection",
        ),
        pytest.param({"msgtype": "image", "image": {"url": "x"}}, URL_MODE, None, id="image"),
        pytest.param({"msgtype": "stream", "stream": {"id": "s"}}, URL_MODE, None, id="stream"),
        pytest.param(
            {"msgtype": "event", "event": {"eventtype": "enter_chat"}}, URL_MODE, None, id="enter"
        ),
        pytest.param({"msgtype": "text", "from": {"userid": "sys"}}, URL_MODE, None, id="sys"),
        pytest.param({"msgtype": "text", "from": None}, URL_MODE, None, id="nobody"),
    ],
)
def test_aibot_message_becomes_event(
    more: dict[str, Any], source: AibotSource, event: Event | None
) -> None:
    assert aibot(GROUP | more, source) == event


@pytest.mark.parametrize(
    "more",
    [
        {"msgtype": "text", "text": "x"},
        {"msgtype": "text", "text": {"content": 7}},
        {"msgtype": "text", "text": {}, "chatid": ""},
        {"msgtype": "text", "text": {}, "create_time": "x"},
        {"msgtype": "mixed", "mixed": {"msg_item": 1}},
        {"msgtype": ["text"]},
        {"from": "wm1"},
    ],
)
def test_aibot_message_of_wrong_types_is_malformed(more: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        aibot(GROUP | {"msgtype": "text"} | more, URL_MODE)


def test_aibot_keys_are_the_same_in_both_modes() -> None:
    message = GROUP | {"msgtype": "text", "text": {"content": "@群运 抽奖"}}
    found = [aibot_event(message, source, b"", NOW) for source in (URL_MODE, SOCKET_MODE)]
    assert [(one.dedup_key, one.order_key) for one in found if one] == [
        ("aibot:b1:m1", "wr1"),
        ("aibot:b1:m1", "wr1"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("@群运 抽奖", "群运", "抽奖"),
        ("@群运\u2005抽奖", "群运", "抽奖"),
        ("@群运抽奖", "群运", "抽奖"),
        ("@群运助手 抽奖", "群运", "抽奖"),
        ("@张三 @群运 抽奖", "群运", "抽奖"),
        ("抽奖 @群运", "群运", "抽奖"),
        ("@群运", "群运", ""),
        ("@My Bot 抽奖", "My Bot", "抽奖"),
        ("@机器人 抽奖", "", "抽奖"),
        ("@机器人", "", ""),
        ("抽奖", "", "抽奖"),
        ("@ 抽奖", "", "@ 抽奖"),
        ("a@b.cn 是我的邮箱", "群运", "a@b.cn 是我的邮箱"),
    ],
)
def test_without_mention(text: str, name: str, rest: str) -> None:
    assert without_mention(text, name) == rest
