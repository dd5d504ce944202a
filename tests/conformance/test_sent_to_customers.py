"""wechatpy's client drives what the sandbox sends to customers: group-send tasks and welcomes are
as the reference says (wecom-protocol.md D.7, D.9), whole, as JSON."""

from datetime import timedelta
from typing import Any

from bot.sandbox.server import Sandbox
from tests.conformance.rows import OK, SINCE, Play, Row, StandingClock

TO_GROUP = {
    "chat_type": "group",
    "chat_id_list": ["wrA"],
    "sender": "zhouwen",
    "text": {"content": "早上好"},
}
TO_ONE = {"chat_type": "single", "external_userid": ["wm01", "wm03"], "sender": "zhouwen"}
TO_ONE |= {"text": {"content": "您好"}}
SENT_AT = SINCE + 2
TASKS = [
    Row(
        "external_contact.add_msg_template",
        [TO_GROUP],
        {**OK, "fail_list": [], "msgid": "<task>"},
        {"task": ("msgid",)},
    ),
    Row(
        "external_contact.add_msg_template",
        [TO_ONE],
        {**OK, "fail_list": ["wm03"], "msgid": "<single>"},
        {"single": ("msgid",)},
    ),
    Row("external_contact.get_group_msg_result", ["<task>"], 41063),
    Row("external_contact.add_msg_template", [{**TO_ONE, "external_userid": ["wm03"]}], 41048),
    Row("external_contact.add_msg_template", [{**TO_GROUP, "text": {}}], 44004),
]


def task(msgid: str, status: int, at: int) -> Row:
    """What `get_groupmsg_task` says of the one colleague's part."""
    told = {"userid": "zhouwen", "status": status, "send_time": at}
    return Row(
        "external_contact._post",
        {"url": "externalcontact/get_groupmsg_task", "data": {"msgid": msgid}},
        {**OK, "next_cursor": "", "task_list": [told]},
    )


def result(msgid: str, *sent: dict[str, Any]) -> Row:
    """What `get_groupmsg_send_result` says of each receiver."""
    return Row(
        "external_contact._post",
        {
            "url": "externalcontact/get_groupmsg_send_result",
            "data": {"msgid": msgid, "userid": "zhouwen"},
        },
        {**OK, "next_cursor": "", "send_list": list(sent)},
    )


TO_WM01 = {"external_userid": "wm01", "userid": "zhouwen"}
OPEN = [
    task("<task>", 0, 0),
    result("<task>"),
    result("<single>", {**TO_WM01, "status": 0, "send_time": 0}),
    Row(
        "external_contact.get_group_msg_result",
        ["<task>"],
        {**OK, "check_status": 1, "detail_list": []},
    ),
]
TO_WRA = {"chat_id": "wrA", "userid": "zhouwen", "status": 1, "send_time": SENT_AT}
SENT = [
    task("<task>", 2, SENT_AT),
    result("<task>", TO_WRA),
    result("<single>", {**TO_WM01, "status": 1, "send_time": SENT_AT}),
    Row(
        "external_contact.get_group_msg_result",
        ["<task>"],
        {**OK, "check_status": 1, "detail_list": [TO_WRA]},
    ),
]


async def test_group_send_task_from_making_it_to_the_sent_message(
    play: Play, sandbox: Sandbox, clock: StandingClock
) -> None:
    assert await play(TASKS) == []
    clock.instant += timedelta(seconds=2)
    assert await play(OPEN) == []
    for msgid in [*sandbox.mass_sends.tasks]:
        sandbox.actions.confirm("zhouwen", msgid)
    assert await play(SENT) == []
    texts = [one.text for one in sandbox.messages.all() if one.chat == "wrA"]
    assert texts == ["早上好"]


async def test_welcome_goes_out_once_and_within_twenty_seconds(
    play: Play, sandbox: Sandbox, clock: StandingClock
) -> None:
    code = sandbox.contacts.new_welcome("zhouwen", "wm01")
    late = sandbox.contacts.new_welcome("zhouwen", "wm02")
    welcome = {"welcome_code": code, "text": {"content": "您好"}}
    twice = [
        Row("external_contact.send_welcome_msg", [welcome], OK),
        Row("external_contact.send_welcome_msg", [welcome], 41051),
    ]
    assert await play(twice) == []
    clock.instant += timedelta(seconds=21)
    too_late = Row("external_contact.send_welcome_msg", [{**welcome, "welcome_code": late}], 41050)
    assert await play([too_late]) == []
    assert [one.text for one in sandbox.messages.all()] == ["您好"]
