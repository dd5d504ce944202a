"""The intelligent bot in URL mode: mention, passive reply, stream, response_url (reference C)."""

import json

import pytest

GROUP = "wrOneGroup"


async def mention(api, text="抽奖", **more):
    body = {"as": "wm01", "chat": GROUP, "text": text, "at_bot": True, **more}
    return await api.act("say", **body)


def markdown(content):
    return {"msgtype": "markdown", "markdown": {"content": content}}


async def test_mention_told_with_prefix(api, sandbox, aibot_receiver):
    await mention(api)
    await sandbox.settle()
    (plain,) = aibot_receiver.inner
    body = json.loads(plain)
    url = body.pop("response_url")
    assert len(body.pop("msgid")) == 32
    assert body == {
        "aibotid": "aib1",
        "chatid": GROUP,
        "chattype": "group",
        "from": {"userid": "wm01"},
        "msgtype": "text",
        "text": {"content": "@群运 抽奖"},
    }
    assert url.startswith(f"{sandbox.url}/cgi-bin/aibot/response?response_code=")


async def test_silence_without_mention(api, sandbox, aibot_receiver):
    await api.act("say", **{"as": "wm01", "chat": GROUP, "text": "大家好"})
    await sandbox.settle()
    assert aibot_receiver.inner == []


async def test_typed_mention_not_doubled_and_quote_told(api, sandbox, aibot_receiver):
    first = await api.act("say", **{"as": "wm02", "chat": GROUP, "text": "谁中奖了"})
    await mention(api, "@群运 看看", quote=first["n"])
    await sandbox.settle()
    body = json.loads(aibot_receiver.inner[0])
    assert (body["text"], body["quote"]) == (
        {"content": "@群运 看看"},
        {"msgtype": "text", "text": {"content": "谁中奖了"}},
    )
    assert sandbox.messages.get(2).as_json()["quote"] == {"from": "王芳", "text": "谁中奖了"}


async def respond(api, url, body):
    async with api.session.post(url, json=body) as response:
        return (await response.json(content_type=None))["errcode"]


async def response_url(api, sandbox, receiver):
    await mention(api)
    await sandbox.settle()
    return json.loads(receiver.inner[-1])["response_url"]


async def test_response_url_once(api, sandbox, aibot_receiver):
    url = await response_url(api, sandbox, aibot_receiver)
    assert await respond(api, url, markdown("恭喜")) == 0
    assert await respond(api, url, markdown("恭喜")) == 60140
    shown = sandbox.messages.of(GROUP)[1].as_json()
    assert (shown["type"], shown["text"], shown["bytes"], shown["quote"]) == (
        "markdown",
        "恭喜",
        6,
        {"from": "李建国", "text": "@群运 抽奖"},
    )


async def test_response_url_expires_after_an_hour(api, sandbox, aibot_receiver, clock):
    url = await response_url(api, sandbox, aibot_receiver)
    clock.tick(hours=1)
    assert await respond(api, url, markdown("晚了")) == 60140


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (markdown("中" * 6826 + "ab"), 0),
        (markdown("中" * 6826 + "abc"), 40058),
        (markdown(""), 44004),
        ({"msgtype": "text", "text": {"content": "不行"}}, 40008),
    ],
)
async def test_response_judged_and_refusal_does_not_use_it_up(
    api, sandbox, aibot_receiver, body, errcode
):
    url = await response_url(api, sandbox, aibot_receiver)
    assert await respond(api, url, body) == errcode
    assert await respond(api, url, markdown("再来")) == (0 if errcode else 60140)


def stream(text, finish):
    return json.dumps(
        {"msgtype": "stream", "stream": {"id": "s1", "content": text, "finish": finish}}
    )


async def test_stream_polled_until_finished(api, sandbox, aibot_receiver, shown):
    aibot_receiver.replies = [stream("一", False), stream("一二", False), stream("一二三", True)]
    await mention(api)
    await sandbox.settle()
    kinds = [json.loads(text)["msgtype"] for text in aibot_receiver.inner]
    assert kinds == ["text", "stream", "stream"]
    assert shown(GROUP)[1:] == [("aibot", "markdown", "一二三")]


async def test_passive_markdown_not_accepted(api, sandbox, aibot_receiver, shown):
    aibot_receiver.replies = [json.dumps(markdown("不行"))]
    await mention(api)
    await sandbox.settle()
    assert sandbox.aibot_endpoint.counters.bad_replies == 1
    assert shown(GROUP)[1:] == []


def button_card(title, task_id="task-1"):
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "task_id": task_id,
        "button_list": [{"text": "抽", "key": "draw"}],
    }


async def test_card_pressed_and_updated_passively(api, sandbox, aibot_receiver, shown):
    card = {"msgtype": "template_card", "template_card": button_card("来抽奖")}
    update = {"response_type": "update_template_card", "template_card": button_card("抽过了")}
    aibot_receiver.replies = [json.dumps(card), json.dumps(update)]
    await mention(api)
    await sandbox.settle()
    assert await api.act("press", **{"as": "wm02", "message": 2, "key": "draw"}) == {}
    await sandbox.settle()
    body = json.loads(aibot_receiver.inner[1])
    assert (body["from"], body["event"]) == (
        {"userid": "wm02"},
        {
            "eventtype": "template_card_event",
            "template_card_event": {
                "card_type": "button_interaction",
                "event_key": "draw",
                "task_id": "task-1",
                "selected_items": {"selected_item": []},
            },
        },
    )
    assert shown(GROUP)[1:] == [("aibot", "card", "抽过了")]


async def test_unheard_without_any_connection(api, sandbox):
    await mention(api)
    assert sandbox.aibot.unheard == 1
