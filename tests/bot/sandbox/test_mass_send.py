"""Group-send tasks: the calls (reference D.9), the colleague who confirms, the caps."""

import base64
from typing import Any

import aiohttp
import pytest

ADD = "externalcontact/add_msg_template"
LIST = "externalcontact/get_groupmsg_list_v2"
TASK = "externalcontact/get_groupmsg_task"
RESULT = "externalcontact/get_groupmsg_send_result"
REMIND = "externalcontact/remind_groupmsg_send"
CANCEL = "externalcontact/cancel_groupmsg_send"
GROUP = "wrOneGroup"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
START = 1795395600
"""09:00 of the tests' Monday, in seconds."""


def to_group(text: str = "早上好", **more: Any) -> dict[str, Any]:
    return {
        "chat_type": "group",
        "chat_id_list": [GROUP],
        "sender": "zhouwen",
        "text": {"content": text},
        **more,
    }


def to_customers(*members: str, **more: Any) -> dict[str, Any]:
    return {
        "chat_type": "single",
        "external_userid": list(members),
        "sender": "zhouwen",
        "text": {"content": "您好"},
        **more,
    }


async def made(api: Any, clock: Any, body: dict[str, Any]) -> str:
    """A task that has been dispatched."""
    answer = await api.cgi(ADD, body)
    assert answer["errcode"] == 0, answer
    clock.tick(seconds=2)
    return str(answer["msgid"])


async def test_task_waits_until_its_owner_confirms(api: Any, clock: Any, shown: Any) -> None:
    answer = await api.cgi(ADD, to_group())
    msgid = answer["msgid"]
    soon = await api.code(TASK, {"msgid": msgid})
    clock.tick(seconds=2)
    waiting = await api.cgi(TASK, {"msgid": msgid})
    nothing = await api.cgi(RESULT, {"msgid": msgid, "userid": "zhouwen"})
    before = shown(GROUP)
    await api.act("confirm", **{"as": "zhouwen", "msgid": msgid})
    sent = await api.cgi(TASK, {"msgid": msgid})
    rows = await api.cgi(RESULT, {"msgid": msgid, "userid": "zhouwen"})
    assert answer["fail_list"] == []
    assert soon == 41063
    assert waiting["task_list"] == [{"userid": "zhouwen", "status": 0, "send_time": 0}]
    assert (nothing["send_list"], before) == ([], [])
    assert sent["task_list"] == [{"userid": "zhouwen", "status": 2, "send_time": START + 2}]
    assert rows["send_list"] == [
        {"chat_id": GROUP, "userid": "zhouwen", "status": 1, "send_time": START + 2}
    ]
    assert shown(GROUP) == [("staff", "text", "早上好")]


async def test_owner_presses_the_notice(api: Any, sandbox: Any, shown: Any) -> None:
    await api.cgi(ADD, to_group())
    (notice,) = sandbox.messages.of("tasks:zhouwen")
    await api.act("press", **{"as": "zhouwen", "message": notice.n, "key": "confirm"})
    twice = await api.act("press", **{"as": "zhouwen", "message": notice.n, "key": "confirm"})
    said = await api.act("say", **{"as": "zhouwen", "chat": "tasks:zhouwen", "text": "好"})
    state = await api.call("GET", "/sandbox/state")
    assert shown(GROUP) == [("staff", "text", "早上好")]
    assert sandbox.messages.get(notice.n).card["replace_name"] == "已发送"
    assert twice == {"error": "这张卡片上没有这个按钮，可能已经处理过了。"}
    assert said == {"error": "这里只看群发任务，不能发消息。"}
    assert [one["id"] for one in state["chats"]][-1] == "tasks:zhouwen"
    (task,) = state["mass_sends"]
    assert (task["staff"], task["receivers"], task["sent_at"]) == (
        "zhouwen",
        ["财富一群"],
        "2026-11-23T01:00:00+00:00",
    )


async def test_private_task_tells_of_each_customer(api: Any, clock: Any, sandbox: Any) -> None:
    answer = await api.cgi(ADD, to_customers("wm01", "wm02", "wm03"))
    clock.tick(seconds=2)
    msgid = answer["msgid"]
    before = await api.cgi(RESULT, {"msgid": msgid, "userid": "zhouwen"})
    await api.act("remove_contact", staff="zhouwen", member="wm02")
    await api.act("confirm", **{"as": "zhouwen", "msgid": msgid})
    first = await api.cgi(RESULT, {"msgid": msgid, "userid": "zhouwen", "limit": 1})
    cursor = first["next_cursor"]
    second = await api.cgi(
        RESULT, {"msgid": msgid, "userid": "zhouwen", "limit": 1, "cursor": cursor}
    )
    assert answer["fail_list"] == ["wm03"]
    assert [(one["external_userid"], one["status"]) for one in before["send_list"]] == [
        ("wm01", 0),
        ("wm02", 0),
    ]
    assert first["send_list"] == [
        {"external_userid": "wm01", "userid": "zhouwen", "status": 1, "send_time": START + 2}
    ]
    assert second["send_list"] == [
        {"external_userid": "wm02", "userid": "zhouwen", "status": 2, "send_time": 0}
    ]
    assert second["next_cursor"] == ""
    assert [one.text for one in sandbox.messages.of("private:zhouwen:wm01")] == ["您好"]


async def test_receiver_over_the_cap_gets_nothing(
    api: Any, clock: Any, sandbox: Any, shown: Any
) -> None:
    sandbox.mass_sends.caps.monthly = 1
    for text in ("第一条", "第二条"):
        msgid = await made(api, clock, to_group(text))
        await api.act("confirm", **{"as": "zhouwen", "msgid": msgid})
    rows = await api.cgi(RESULT, {"msgid": msgid, "userid": "zhouwen"})
    assert [(one["chat_id"], one["status"]) for one in rows["send_list"]] == [(GROUP, 3)]
    assert shown(GROUP) == [("staff", "text", "第一条")]


async def test_cap_is_as_many_as_the_month_has_days(sandbox: Any, clock: Any) -> None:
    caps = sandbox.mass_sends.caps
    taken = sum(caps.take("wm01", clock.now()) for _ in range(40))
    clock.tick(days=8)
    assert (taken, caps.take("wm01", clock.now())) == (30, True)


async def test_reminded_three_times_in_a_day(api: Any, clock: Any, shown: Any) -> None:
    msgid = await made(api, clock, to_group())
    codes = [await api.code(REMIND, {"msgid": msgid}) for _ in range(4)]
    clock.tick(hours=24)
    api.token = ""
    again = await api.code(REMIND, {"msgid": msgid})
    assert (codes, again) == ([0, 0, 0, 41094], 0)
    notices = shown("tasks:zhouwen")
    assert notices[1] == ("system", "text", "提醒：还有一个群发没有发送：早上好")
    assert len(notices) == 5


async def test_cancelled_task_cannot_be_sent(
    api: Any, clock: Any, shown: Any, sandbox: Any
) -> None:
    msgid = await made(api, clock, to_group())
    codes = [await api.code(CANCEL, {"msgid": msgid}) for _ in range(2)]
    reminded = await api.code(REMIND, {"msgid": msgid})
    refused = await api.act("confirm", **{"as": "zhouwen", "msgid": msgid})
    assert (codes, reminded) == ([0, 41093], 41093)
    assert refused == {"error": "这个群发任务已经被撤销。"}
    assert shown(GROUP) == []
    (notice,) = sandbox.messages.of("tasks:zhouwen")
    assert notice.card["replace_name"] == "已被撤销"


async def test_tasks_of_a_creator_are_listed(api: Any, clock: Any) -> None:
    first = await made(api, clock, to_group("一"))
    second = await made(api, clock, to_group("二"))
    await made(api, clock, to_customers("wm01"))
    span = {"chat_type": "group", "start_time": START, "end_time": START + 60}
    page = await api.cgi(LIST, {**span, "creator": "zhouwen", "limit": 1})
    rest = await api.cgi(LIST, {**span, "creator": "zhouwen", "cursor": page["next_cursor"]})
    other = await api.cgi(LIST, {**span, "creator": "chenmin"})
    personal = await api.cgi(LIST, {**span, "filter_type": 1})
    assert page["group_msg_list"] == [
        {
            "msgid": first,
            "creator": "zhouwen",
            "create_time": str(START),
            "create_type": 0,
            "text": {"content": "一"},
            "attachments": [],
        }
    ]
    assert [one["msgid"] for one in rest["group_msg_list"]] == [second]
    assert (rest["next_cursor"], other["group_msg_list"], personal["group_msg_list"]) == (
        "",
        [],
        [],
    )


LONG = "字" * 1334
LINK = {"title": "开户指南", "url": "https://bank.example/a"}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (to_group(LONG), 40058),
        (to_group(LONG[:-1]), 0),
        (to_group(""), 44004),
        (to_group(chat_type="both"), 40058),
        (to_group(sender=""), 40058),
        (to_group(sender="nobody"), 40003),
        (to_group(sender="ZhouWen"), 0),
        (to_group(sender="chenmin"), 41048),
        (to_group(chat_id_list=["wrNone"]), 40050),
        (to_group(chat_id_list=["wrInside"]), 90501),
        (to_group(chat_id_list=[GROUP] * 2001), 40058),
        (to_group(chat_id_list=[]), 0),
        (to_customers("wm03"), 41048),
        (to_customers("wm01", sender=""), 0),
        (to_customers(sender=""), 40058),
        (to_customers(*["wm01"] * 10_001), 0),
        (to_customers(*[f"wm{one}" for one in range(10_001)]), 40058),
        (to_group(attachments=[{"msgtype": "link", "link": LINK}] * 9), 0),
        (to_group(attachments=[{"msgtype": "link", "link": LINK}] * 10), 41064),
        (to_group(attachments=[{"msgtype": "voice", "voice": {}}]), 41065),
        (to_group(attachments=[{"msgtype": "link", "link": {"title": "无址"}}]), 40058),
        (
            to_group(attachments=[{"msgtype": "link", "link": {**LINK, "title": "长" * 43}}]),
            40058,
        ),
        (to_group(attachments=[{"msgtype": "link", "link": {**LINK, "desc": "d" * 513}}]), 40058),
        (to_group(attachments=[{"msgtype": "image", "image": {"media_id": "none"}}]), 40007),
        (
            to_group(attachments=[{"msgtype": "image", "image": {"pic_url": "https://b.example"}}]),
            0,
        ),
        (to_group(attachments=[{"msgtype": "miniprogram", "miniprogram": {}}]), 40058),
    ],
)
async def test_task_checked(api: Any, body: dict[str, Any], errcode: int) -> None:
    assert await api.code(ADD, body) == errcode


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        (TASK, {"msgid": "none"}, 40058),
        (RESULT, {"msgid": "none", "userid": "zhouwen"}, 40058),
        (REMIND, {"msgid": "none"}, 40058),
        (CANCEL, {"msgid": "none"}, 40058),
        (LIST, {"chat_type": "group", "start_time": 10, "end_time": 5}, 40058),
        (LIST, {"chat_type": "group", "start_time": 0, "end_time": 32 * 86400}, 40058),
        (LIST, {"chat_type": "x", "start_time": 0, "end_time": 5}, 40058),
        (LIST, {"chat_type": "group", "start_time": 0, "end_time": 5, "limit": 101}, 40058),
        (LIST, {"chat_type": "group", "start_time": 0, "end_time": 5, "cursor": "x"}, 50100),
        (LIST, {"chat_type": "group", "start_time": 0, "end_time": 5, "filter_type": 3}, 40058),
    ],
)
async def test_question_refused(api: Any, path: str, body: dict[str, Any], errcode: int) -> None:
    assert await api.code(path, body) == errcode


async def test_customers_chosen_by_tags(api: Any, sandbox: Any) -> None:
    tags = await api.cgi("externalcontact/get_corp_tag_list", {})
    gold, platinum = (one["id"] for one in tags["tag_group"][0]["tag"])
    for member, tag in (("wm01", gold), ("wm02", platinum)):
        await api.cgi(
            "externalcontact/mark_tag",
            {"userid": "zhouwen", "external_userid": member, "add_tag": [tag]},
        )

    async def chosen(*lists: list[str]) -> list[str]:
        filters = {"group_list": [{"tag_list": one} for one in lists]}
        answer = await api.cgi(ADD, to_customers(tag_filter=filters))
        task = sandbox.mass_sends.tasks.get(answer.get("msgid", ""))
        return task.parts["zhouwen"].receivers if task else []

    assert await chosen([gold]) == ["wm01"]
    assert await chosen([gold, platinum]) == ["wm01", "wm02"]
    assert await chosen([gold], [platinum]) == []
    assert (
        await api.code(ADD, to_customers(tag_filter={"group_list": [{"tag_list": ["t"] * 101}]}))
        == 40058
    )


async def test_picture_goes_with_the_task(api: Any, sandbox: Any, shown: Any) -> None:
    form = aiohttp.FormData()
    form.add_field("media", PICTURE, filename="a.png", content_type="image/png")
    url = f"{sandbox.url}/cgi-bin/media/upload?type=image&access_token={await _token(api)}"
    async with api.session.post(url, data=form) as response:
        media_id = (await response.json(content_type=None))["media_id"]
    body = to_group(attachments=[{"msgtype": "image", "image": {"media_id": media_id}}])
    answer = await api.cgi(ADD, body)
    await api.act("confirm", **{"as": "zhouwen", "msgid": answer["msgid"]})
    assert shown(GROUP) == [("staff", "text", "早上好"), ("staff", "text", "［图片］")]


async def test_upload_for_moments_is_for_nothing_else(api: Any, sandbox: Any) -> None:
    token = await _token(api)

    async def upload(query: str) -> Any:
        form = aiohttp.FormData()
        form.add_field("media", PICTURE, filename="a.png", content_type="image/png")
        url = f"{sandbox.url}/cgi-bin/media/upload_attachment?{query}&access_token={token}"
        async with api.session.post(url, data=form) as response:
            return await response.json(content_type=None)

    uploaded = await upload("media_type=image&attachment_type=1")
    wrong = [
        (await upload(query))["errcode"]
        for query in ("media_type=voice&attachment_type=1", "media_type=image&attachment_type=3")
    ]
    attachments = [{"msgtype": "image", "image": {"media_id": uploaded["media_id"]}}]
    assert (uploaded["errcode"], wrong) == (0, [40004, 40004])
    assert await api.code(ADD, to_group(attachments=attachments)) == 40007


async def _token(api: Any) -> str:
    await api.cgi("externalcontact/get_follow_user_list")
    return str(api.token)
