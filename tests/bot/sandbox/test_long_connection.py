"""The long connection's frames, limits and error codes (reference C.7–C.11)."""

import ssl

import aiohttp
import pytest
import trustme

GROUP = "wrOneGroup"
GOOD = {"bot_id": "aib1", "secret": "bot-secret"}


class Client:
    """Speaks frames and counts nothing."""

    def __init__(self, ws):
        self.ws = ws

    async def send(self, cmd, body=None, req_id="r1"):
        await self.ws.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body or {}})

    async def ask(self, cmd, body=None, req_id="r1"):
        await self.send(cmd, body, req_id)
        return (await self.ws.receive_json(timeout=2))["errcode"]


@pytest.fixture
async def connect(api):
    opened = []

    async def open_one(subscribe=True):
        ws = await api.session.ws_connect(api.base + "/aibot/ws")
        opened.append(ws)
        client = Client(ws)
        if subscribe:
            assert await client.ask("aibot_subscribe", GOOD) == 0
        return client

    yield open_one
    for ws in opened:
        await ws.close()


async def mention(api, client, text="抽奖"):
    await api.act("say", **{"as": "wm01", "chat": GROUP, "text": text, "at_bot": True})
    frame = await client.ws.receive_json(timeout=2)
    return frame["headers"]["req_id"], frame


def markdown(text):
    return {"msgtype": "markdown", "markdown": {"content": text}}


def stream(text, finish, id="s1"):
    return {"msgtype": "stream", "stream": {"id": id, "content": text, "finish": finish}}


async def test_subscribe_ping_and_bad_secret(connect):
    client = await connect(subscribe=False)
    assert await client.ask("ping") == 846609
    assert await client.ask("aibot_subscribe", {**GOOD, "secret": "x"}) == 853000
    assert await client.ask("aibot_subscribe", GOOD) == 0
    await client.send("ping", req_id="ping_1")
    assert await client.ws.receive_json(timeout=2) == {
        "headers": {"req_id": "ping_1"},
        "errcode": 0,
        "errmsg": "ok",
    }
    assert await client.ask("aibot_dance") == 40058


async def test_second_subscriber_kicks_the_first(connect, sandbox):
    first = await connect()
    second = await connect()
    frame = await first.ws.receive_json(timeout=2)
    assert (frame["cmd"], frame["body"]["event"]) == (
        "aibot_event_callback",
        {"eventtype": "disconnected_event"},
    )
    assert (await first.ws.receive(timeout=2)).type == aiohttp.WSMsgType.CLOSE
    assert await second.ask("ping") == 0
    assert sandbox.long_connections.kicked == 1


async def test_mention_comes_plain_and_is_answered_once(api, connect, shown):
    client = await connect()
    req_id, frame = await mention(api, client)
    assert frame["cmd"] == "aibot_msg_callback"
    assert len(frame["body"].pop("msgid")) == 32
    assert frame["body"] == {
        "aibotid": "aib1",
        "chatid": GROUP,
        "chattype": "group",
        "from": {"userid": "wm01"},
        "msgtype": "text",
        "text": {"content": "@群运 抽奖"},
    }
    answers = [await client.ask("aibot_respond_msg", markdown("中了"), req_id) for _ in range(2)]
    assert answers == [0, 846606]
    assert await client.ask("aibot_respond_msg", markdown("中了"), "unknown") == 846605
    assert shown(GROUP)[1:] == [("aibot", "markdown", "中了")]


async def test_stream_pushed_by_the_client(api, connect, clock, shown):
    client = await connect()
    req_id, _ = await mention(api, client)
    answers = [
        await client.ask("aibot_respond_msg", body, req_id)
        for body in (stream("一", False), stream("一二", True), stream("三", True))
    ]
    assert answers == [0, 0, 846606]
    assert shown(GROUP)[1:] == [("aibot", "markdown", "一二")]
    req_id, _ = await mention(api, client)
    assert await client.ask("aibot_respond_msg", stream("一", False), req_id) == 0
    clock.tick(minutes=6)
    assert await client.ask("aibot_respond_msg", stream("二", True), req_id) == 846608


async def test_reply_window_is_24_hours(api, connect, clock):
    client = await connect()
    req_id, _ = await mention(api, client)
    clock.tick(hours=24)
    assert await client.ask("aibot_respond_msg", markdown("晚了"), req_id) == 846604


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"chatid": GROUP, **markdown("早")}, 0),
        ({"chatid": "wrNone", **markdown("早")}, 93006),
        ({"chatid": "wrInside", **markdown("早")}, 93001),
        ({"chatid": "zhouwen", "chat_type": 1, **markdown("早")}, 846607),
        ({"chatid": GROUP, "msgtype": "text", "text": {"content": "早"}}, 40008),
        ({"chatid": GROUP, **markdown("中" * 6827)}, 40058),
    ],
)
async def test_push_judged(api, connect, body, errcode):
    client = await connect()
    await mention(api, client)
    assert await client.ask("aibot_send_msg", body) == errcode


async def test_push_needs_an_earlier_mention(connect):
    client = await connect()
    assert await client.ask("aibot_send_msg", {"chatid": GROUP, **markdown("早")}) == 846607


async def test_push_30_a_minute(api, connect, clock):
    client = await connect()
    await mention(api, client)
    push = {"chatid": GROUP, **markdown("早")}
    answers = [await client.ask("aibot_send_msg", push) for _ in range(31)]
    clock.tick(minutes=1)
    assert (answers, await client.ask("aibot_send_msg", push)) == ([0] * 30 + [846607], 0)


async def test_card_event_updated_within_5_seconds(api, connect, clock, shown):
    client = await connect()
    await mention(api, client)
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "来抽奖"},
        "task_id": "t1",
        "button_list": [{"text": "抽", "key": "draw"}],
    }
    push = {"chatid": GROUP, "msgtype": "template_card", "template_card": card}
    assert await client.ask("aibot_send_msg", push) == 0
    assert await client.ask("aibot_send_msg", push) == 846625
    await api.act("press", **{"as": "wm02", "message": 2, "key": "draw"})
    frame = await client.ws.receive_json(timeout=2)
    req_id = frame["headers"]["req_id"]
    assert frame["body"]["event"]["template_card_event"]["event_key"] == "draw"
    assert await client.ask("aibot_respond_msg", stream("一", True), req_id) == 846605
    update = {
        "response_type": "update_template_card",
        "template_card": {**card, "main_title": {"title": "抽过了"}},
    }
    assert await client.ask("aibot_respond_update_msg", update, req_id) == 0
    assert shown(GROUP)[1:] == [("aibot", "card", "抽过了")]
    clock.tick(seconds=5)
    assert await client.ask("aibot_respond_update_msg", update, req_id) == 846604


async def test_ack_dropped_and_connection_cut(api, connect):
    client = await connect()
    await api.act("faults", ack_dropped=1)
    await client.send("ping", req_id="lost")
    assert await client.ask("ping", req_id="kept") == 0
    await api.act("faults", connection_cut=1)
    await client.send("ping")
    message = await client.ws.receive(timeout=2)
    assert (message.type, client.ws.close_code) == (aiohttp.WSMsgType.CLOSED, 1006)


async def test_live_connection_taken_instead_of_the_url(api, sandbox, aibot_receiver, connect):
    client = await connect()
    await mention(api, client)
    await client.ws.close()
    assert (await api.call("GET", "/sandbox/state"))["counters"]["long_connection"] is False
    await api.act("say", **{"as": "wm01", "chat": GROUP, "text": "签到", "at_bot": True})
    await sandbox.settle()
    assert len(aibot_receiver.inner) == 1


async def test_tls_beside_plain(sandbox):
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    port = await sandbox.listen_tls(0, server)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"wss://127.0.0.1:{port}/aibot/ws", ssl=client) as ws,
    ):
        assert await Client(ws).ask("aibot_subscribe", GOOD) == 0
