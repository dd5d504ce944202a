"""Application messages: receivers, limits, silent drop, cards, recall (reference E.1–E.3)."""

import base64

import aiohttp
import pytest

AGENT = 1000002
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(16)


def message(kind, fields, touser="zhouwen", **more):
    return {"touser": touser, "msgtype": kind, "agentid": AGENT, kind: fields, **more}


def text(content, **more):
    return message("text", {"content": content}, **more)


def buttons(task_id="t1", **changes):
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "09:30 本周看点"},
        "task_id": task_id,
        "button_list": [{"text": "已发", "key": "sent|1"}, {"text": "跳过", "key": "skip|1"}],
    }
    return message("template_card", {**card, **changes})


async def test_send_receivers_told_apart(api, shown):
    answer = await api.cgi("message/send", text("你好", touser="ZhouWen|NoBody|chenmin"))
    assert {name: answer[name] for name in ("errcode", "errmsg", "invaliduser")} == {
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": "nobody",
    }
    assert shown("app:zhouwen") == shown("app:chenmin") == [("app", "text", "你好")]


async def test_send_to_all_staff(api, shown):
    assert await api.code("message/send", text("全体", touser="@all")) == 0
    assert shown("app:chenmin") == [("app", "text", "全体")]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (text("你好", touser="nobody"), 81013),
        ({**text("你好"), "agentid": 7}, 40056),
        (text(""), 44004),
        (message("markdown", {"content": "中" * 682 + "ab"}), 0),
        (message("markdown", {"content": "中" * 682 + "abc"}), 40058),
        (message("voice", {"media_id": "no"}), 40007),
        (message("sticker", {}), 40008),
        (message("textcard", {"title": "题", "description": "文", "url": "https://a.cn"}), 0),
        (message("textcard", {"title": "a" * 129, "description": "文", "url": "u"}), 40058),
        (buttons(), 43012),
    ],
)
async def test_send_judged(api, body, errcode):
    assert await api.code("message/send", body) == errcode


async def test_send_long_text_cut_at_a_character(api, shown):
    assert await api.code("message/send", text("中" * 700)) == 0
    assert shown("app:zhouwen") == [("app", "text", "中" * 682)]


async def test_send_31st_in_a_minute_silently_dropped(api, sandbox, shown):
    assert [await api.code("message/send", text(str(n))) for n in range(32)] == [0] * 32
    assert [text for _, _, text in shown("app:zhouwen")] == [str(n) for n in range(30)]
    assert sandbox.app_messages.dropped_silently == 2


async def test_send_duplicate_check(api, clock, shown):
    body = text("提醒", enable_duplicate_check=1, duplicate_check_interval=600)
    assert [await api.code("message/send", body) for _ in range(2)] == [0, 0]
    assert len(shown("app:zhouwen")) == 1
    clock.tick(seconds=600)
    await api.code("message/send", body)
    assert len(shown("app:zhouwen")) == 2


async def test_card_sent_again_with_duplicate_check(api, app_receiver, shown):
    body = {**buttons(), "enable_duplicate_check": 1}
    assert [await api.code("message/send", body) for _ in range(2)] == [0, 0]
    assert shown("app:zhouwen") == [("app", "card", "09:30 本周看点")]


async def test_card_buttons_judged(api, app_receiver):
    assert await api.code("message/send", buttons()) == 0
    twice = [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}]
    bad = [
        buttons(),
        buttons("has space"),
        buttons("x" * 129),
        buttons("t2", button_list=[]),
        buttons("t3", button_list=twice),
        buttons("t4", button_list=[{"text": "a", "key": "k" * 1025}]),
        buttons("t5", button_list=[{"text": "a", "key": str(n)} for n in range(7)]),
    ]
    assert [await api.code("message/send", body) for body in bad] == [40058] * 7


async def test_card_updated_once_within_72_hours(api, app_receiver, sandbox, clock):
    codes = [(await api.cgi("message/send", buttons(task)))["response_code"] for task in ("a", "b")]
    update = {"userids": ["zhouwen"], "agentid": AGENT, "button": {"replace_name": "已登记"}}
    path = "message/update_template_card"
    first = [await api.code(path, {**update, "response_code": codes[0]}) for _ in range(2)]
    clock.tick(hours=72)
    api.token = ""
    late = await api.code(path, {**update, "response_code": codes[1]})
    assert (first, late) == ([0, 60140], 60140)
    card, other = (message.card for message in sandbox.messages.of("app:zhouwen"))
    assert (card["replace_name"], card["button_list"]) == ("已登记", [])
    assert "replace_name" not in other


async def test_card_replaced_by_another(api, app_receiver, sandbox):
    code = (await api.cgi("message/send", buttons()))["response_code"]
    card = {
        "card_type": "text_notice",
        "main_title": {"title": "已处理"},
        "card_action": {"type": 1, "url": "https://example.com"},
    }
    update = {
        "userids": ["zhouwen"],
        "agentid": AGENT,
        "response_code": code,
        "template_card": card,
    }
    assert await api.code("message/update_template_card", update) == 0
    (message,) = sandbox.messages.of("app:zhouwen")
    assert (message.text, message.card) == ("已处理", {**card, "task_id": "t1"})


async def test_recall_within_24_hours(api, clock, shown):
    sent = [(await api.cgi("message/send", text(word)))["msgid"] for word in ("一", "二")]
    assert await api.code("message/recall", {"msgid": sent[0]}) == 0
    clock.tick(hours=24)
    api.token = ""
    assert await api.code("message/recall", {"msgid": sent[1]}) == 42052
    assert await api.code("message/recall", {"msgid": "x"}) == 40058
    assert shown("app:zhouwen") == [("app", "system", "撤回了一条消息"), ("app", "text", "二")]


async def test_picture_is_shown_as_a_picture(api, sandbox):
    form = aiohttp.FormData()
    form.add_field("media", PICTURE, filename="week.png", content_type="image/png")
    await api.cgi("message/send", text("图来了"))
    url = f"{sandbox.url}/cgi-bin/media/upload?type=image&access_token={api.token}"
    async with api.session.post(url, data=form) as answer:
        media = (await answer.json(content_type=None))["media_id"]
    await api.cgi("message/send", message("image", {"media_id": media}))
    _, sent = sandbox.messages.of("app:zhouwen")
    encoded = base64.b64encode(PICTURE).decode()
    assert (sent.type, sent.text) == ("image", "week.png")
    assert sent.image == f"data:image/png;base64,{encoded}"
