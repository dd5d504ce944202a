"""The group robot's limits at the byte, its rate and its refusals (reference A)."""

import base64
import hashlib
import io
import json

import aiohttp
import pytest

KEY = "693a91f6-7c2f-4bc4-97a0-0ec2f1c3d5a1"
GROUP = "wrOneGroup"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def text(content):
    return {"msgtype": "text", "text": {"content": content}}


def markdown(content, kind="markdown"):
    return {"msgtype": kind, kind: {"content": content}}


def image(data, md5=None):
    digest = hashlib.md5(data).hexdigest() if md5 is None else md5
    encoded = base64.b64encode(data).decode()
    return {"msgtype": "image", "image": {"base64": encoded, "md5": digest}}


def articles(count, title="标题"):
    row = {"title": title, "description": "说明", "url": "https://example.com/a"}
    return {"msgtype": "news", "news": {"articles": [row] * count}}


def card(**changes):
    fields = {
        "card_type": "text_notice",
        "main_title": {"title": "周报", "desc": "第 47 周"},
        "card_action": {"type": 1, "url": "https://example.com"},
    }
    return {"msgtype": "template_card", "template_card": {**fields, **changes}}


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (text("中" * 682 + "ab"), 0),
        (text("中" * 682 + "abc"), 40058),
        (markdown("😀" * 1024), 0),
        (markdown("😀" * 1024 + "a"), 40058),
        (markdown("中" * 1365 + "a", "markdown_v2"), 0),
        (markdown("中" * 1365 + "ab", "markdown_v2"), 40058),
        (text(""), 44004),
        ({"msgtype": "video", "video": {}}, 40008),
        (image(PNG), 0),
        (image(PNG, "0" * 32), 301019),
        (image(b"GIF89a" + bytes(20)), 40123),
        (articles(8), 0),
        (articles(9), 45008),
        (articles(0), 40058),
        ({"msgtype": "file", "file": {"media_id": "x"}}, 40007),
        (card(), 0),
        (card(card_action={}), 40058),
        (card(card_type="button_interaction"), 40058),
        (card(main_title={}, sub_title_text="说明"), 0),
        (card(main_title={}), 40058),
        (card(jump_list=[{"title": "a"}] * 4), 40058),
    ],
)
async def test_webhook_content_judged(api, body, errcode):
    assert await api.hook(body) == errcode


async def test_webhook_shown_in_the_group(api, shown):
    await api.hook({"msgtype": "text", "text": {"content": "早上好", "mentioned_list": ["@all"]}})
    await api.hook(markdown("**大家好**"))
    await api.hook(card())
    assert shown(GROUP) == [
        ("robot", "text", "早上好 @所有人"),
        ("robot", "markdown", "**大家好**"),
        ("robot", "card", "周报 第 47 周"),
    ]


async def test_webhook_too_long_text_of_error(api):
    answer = await api.call("POST", "/cgi-bin/webhook/send", markdown("a" * 4097), key=KEY)
    expected = "markdown.content exceed max length 4096. invalid Request Parameter, hint: ["
    assert answer["errmsg"].startswith(expected)


async def test_webhook_news_title_cut_not_refused(api, sandbox):
    assert await api.hook(articles(1, "中" * 50)) == 0
    (message,) = sandbox.messages.of(GROUP)
    assert message.card["articles"][0]["title"] == "中" * 42


async def test_webhook_21st_in_a_minute_refused(api, clock):
    assert [await api.hook(text("一")) for _ in range(20)] == [0] * 20
    assert await api.hook(text("一")) == 45009
    clock.tick(seconds=59.999)
    assert await api.hook(text("一")) == 45009
    clock.tick(seconds=0.001)
    assert await api.hook(text("一")) == 0


@pytest.mark.parametrize(("state", "errcode"), [("removed", 93000), ("disabled", 93004)])
async def test_webhook_key_not_usable(api, sandbox, state, errcode):
    sandbox.world.robots[KEY].state = state
    assert await api.hook(text("一")) == errcode


async def test_webhook_unknown_key(api):
    assert await api.hook(text("一"), key="nobody") == 93000


async def upload(api, path, data, filename="a.txt", **query):
    form = aiohttp.FormData()
    form.add_field(
        "media", io.BytesIO(data), filename=filename, content_type="application/octet-stream"
    )
    async with api.session.post(api.base + path, params=query, data=form) as response:
        return await response.json(content_type=None)


async def test_webhook_file_belongs_to_its_key_for_three_days(api, clock, shown):
    path = "/cgi-bin/webhook/upload_media"
    answer = await upload(api, path, b"123456", "plan.txt", key=KEY, type="file")
    assert (answer["type"], answer["created_at"]) == ("file", "1795395600")
    body = {"msgtype": "file", "file": {"media_id": answer["media_id"]}}
    assert await api.hook(body) == 0
    assert shown(GROUP) == [("robot", "file", "plan.txt")]
    clock.tick(days=3)
    assert await api.hook(body) == 40007


@pytest.mark.parametrize(
    ("data", "kind", "errcode"),
    [
        (b"12345", "file", 40006),
        (b"123456", "image", 40004),
        (b"123456", "voice", 40005),
        (b"#!AMR\n123", "voice", 0),
    ],
)
async def test_webhook_upload_judged(api, data, kind, errcode):
    answer = await upload(api, "/cgi-bin/webhook/upload_media", data, key=KEY, type=kind)
    assert answer["errcode"] == errcode


async def test_webhook_two_megabytes_at_the_byte(api):
    path = "/cgi-bin/webhook/upload_media"
    answers = []
    for size in (2 * 1024 * 1024, 2 * 1024 * 1024 + 1):
        voice = await upload(api, path, b"#!AMR" + bytes(size - 5), key=KEY, type="voice")
        picture = json.dumps(image(PNG + bytes(size - len(PNG)))).encode()
        async with api.session.post(
            f"{api.base}/cgi-bin/webhook/send?key={KEY}", data=io.BytesIO(picture)
        ) as response:
            shown = await response.json(content_type=None)
        answers.append((voice["errcode"], shown["errcode"]))
    assert answers == [(0, 0), (45001, 93018)]


@pytest.mark.parametrize(
    ("fault", "errcode"),
    [("send_limited", 45009), ("send_busy", -1), ("send_removed", 93000)],
)
async def test_webhook_fault_strikes_once(api, shown, fault, errcode):
    await api.act("faults", **{fault: 1})
    assert [await api.hook(text("一")), await api.hook(text("二"))] == [errcode, 0]
    assert shown(GROUP) == [("robot", "text", "二")]


async def test_webhook_down_and_garbage_do_nothing(api, shown):
    await api.act("faults", send_down=1, send_garbage=1)
    path = f"{api.base}/cgi-bin/webhook/send?key={KEY}"
    async with api.session.post(path, json=text("一")) as response:
        assert response.status == 503
    async with api.session.post(path, json=text("一")) as response:
        assert (response.status, await response.text()) == (200, '{"errcode":0,"errm')
    assert shown(GROUP) == []


async def test_webhook_cut_after_doing(api, shown):
    await api.act("faults", send_cut=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.hook(text("一"))
    assert shown(GROUP) == [("robot", "text", "一")]


async def test_webhook_silent_after_doing(api, shown):
    await api.act("faults", send_silent=1)
    limit = aiohttp.ClientTimeout(total=0.2)
    path = f"{api.base}/cgi-bin/webhook/send?key={KEY}"
    with pytest.raises(TimeoutError):
        await api.session.post(path, json=text("一"), timeout=limit)
    assert shown(GROUP) == [("robot", "text", "一")]
