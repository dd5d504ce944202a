"""The control interface: state, people's hands, clock, faults, wire log, guard, live stream."""

import asyncio
import json

import pytest

GROUP = "wrOneGroup"
KEY = "693a91f6-7c2f-4bc4-97a0-0ec2f1c3d5a1"


async def test_state_whole(api):
    state = await api.call("GET", "/sandbox/state")
    counters = state.pop("counters")
    assert (counters["webhook_sent"], counters["long_connection"]) == (0, False)
    direct = {
        "kind": "direct",
        "note": "与自建应用的单聊",
        "aibot": False,
        "muted_note": "",
    }
    assert state == {
        "now": "2026-11-23T01:00:00+00:00",
        "clock": {"running": False, "moving": False, "next_due": None},
        "corp": {"id": "ww5823bf96d3bd56c7", "name": "示例银行"},
        "aibot": {"name": "群运"},
        "people": [
            {"id": "zhouwen", "name": "周文", "kind": "staff", "title": "客户经理"},
            {"id": "chenmin", "name": "陈敏", "kind": "staff", "title": "主管"},
            {"id": "wm01", "name": "李建国", "kind": "member", "title": ""},
            {"id": "wm02", "name": "王芳", "kind": "member", "title": ""},
            {"id": "wm03", "name": "赵雪梅", "kind": "member", "title": ""},
        ],
        "chats": [
            {
                "id": GROUP,
                "kind": "group",
                "name": "财富一群",
                "people": ["zhouwen", "chenmin", "wm01", "wm02"],
                "owner": "zhouwen",
                "note": "欢迎",
                "aibot": True,
                "muted_note": "沙箱的一处宽限：机器人可以在客户群里发言，真实的企业微信不可以。",
            },
            {
                "id": "wrInside",
                "kind": "group",
                "name": "内部群",
                "people": ["chenmin"],
                "owner": "chenmin",
                "note": "内部群",
                "aibot": False,
                "muted_note": "",
            },
            {
                "id": "app:zhouwen",
                "name": "群运助手 · 周文",
                "people": ["zhouwen"],
                "owner": "zhouwen",
                **direct,
            },
            {
                "id": "app:chenmin",
                "name": "群运助手 · 陈敏",
                "people": ["chenmin"],
                "owner": "chenmin",
                **direct,
            },
        ],
        "mass_sends": [],
        "me_suggested": "zhouwen",
    }


async def test_messages_after_a_number(api):
    for text in ("一", "二"):
        await api.act("say", **{"as": "wm01", "chat": GROUP, "text": text})
    assert await api.call("GET", "/sandbox/messages", chat=GROUP, after="1") == [
        {
            "n": 2,
            "chat": GROUP,
            "at": "2026-11-23T01:00:00+00:00",
            "from": {"id": "wm01", "name": "李建国", "kind": "member"},
            "type": "text",
            "text": "二",
            "bytes": 3,
        }
    ]


@pytest.mark.parametrize(
    ("action", "body", "error"),
    [
        ("say", {"as": "x", "chat": GROUP, "text": "一"}, "没有编号为 x 的人。"),
        ("say", {"as": "wm03", "chat": GROUP, "text": "一"}, "赵雪梅 不在“财富一群”里。"),
        ("say", {"as": "wm01", "chat": "app:zhouwen", "text": "一"}, "李建国 不在这个会话里。"),
        ("say", {"as": "wm01", "chat": "x", "text": "一"}, "没有编号为 x 的会话。"),
        (
            "say",
            {"as": "wm01", "chat": GROUP, "text": " "},
            "消息不能为空，也不能超过 20000 字。",
        ),
        ("press", {"as": "wm01", "message": 9, "key": "k"}, "找不到这张卡片。"),
        ("join", {"chat": GROUP, "member": "wm01"}, "李建国 已经在“财富一群”里。"),
        ("join", {"chat": GROUP}, "新客户要有一个名字。"),
        ("leave", {"chat": GROUP, "member": "wm03"}, "赵雪梅 不在“财富一群”里。"),
        ("leave", {"chat": GROUP, "member": "zhouwen"}, "群主要先转让群聊才能退出。"),
        ("add_contact", {"staff": "zhouwen", "member": "wm01"}, "周文 已经添加过 李建国。"),
        ("clock", {"to": "2026-11-23T08:00:00+08:00"}, "时钟只能往前走。"),
        ("clock", {"to": "x"}, "看不懂时间 x，例如 2026-11-23T09:00:00+08:00。"),
        ("clock", {"advance": "x"}, "时长要填秒数，或写成 90s、10m、2h、1d、1w。"),
        ("clock", {"next": True}, "后面没有安排了。"),
        ("clock", {}, "要填 advance、to、next 或 run。"),
        ("faults", {"nonsense": 1}, "没有名为 nonsense 的故障开关。"),
        ("faults", {"send_busy": True}, "send_busy 要填次数。"),
    ],
)
async def test_action_refused(api, action, body, error):
    assert await api.act(action, **body) == {"error": error}


@pytest.mark.parametrize(
    ("move", "now"),
    [
        ({"advance": "2h"}, "2026-11-23T03:00:00+00:00"),
        ({"advance": 90}, "2026-11-23T01:01:30+00:00"),
        ({"to": "2026-11-24T09:00:00+08:00"}, "2026-11-24T01:00:00+00:00"),
        ({"next": True}, "2026-11-23T01:15:00+00:00"),
    ],
)
async def test_clock_moved(api, clock, move, now):
    clock.due = clock.now().replace(minute=15)
    assert (await api.act("clock", **move))["now"] == now


async def test_clock_run_and_stopped(api):
    running = (await api.act("clock", run=True))["clock"]["running"]
    assert [running, (await api.act("clock", run=False))["clock"]["running"]] == [True, False]


async def test_faults_listed_with_their_values(api):
    await api.act("faults", send_busy=2, untrusted_ip=True)
    knobs = {knob["name"]: knob for knob in await api.call("GET", "/sandbox/faults")}
    assert knobs["send_busy"] == {
        "name": "send_busy",
        "kind": "count",
        "label": "发送：报 -1 系统繁忙",
        "value": 2,
    }
    assert knobs["untrusted_ip"]["value"] is True


async def test_wire_log_masks_secrets(api):
    await api.cgi("getcallbackip")
    await api.hook({"msgtype": "text", "text": {"content": "早"}})
    log = await api.call("GET", "/sandbox/log", limit="3")
    shown = json.dumps(log, ensure_ascii=False)
    assert [entry["path"].split("?")[0] for entry in log] == [
        "/cgi-bin/gettoken",
        "/cgi-bin/getcallbackip",
        "/cgi-bin/webhook/send",
    ]
    assert [secret in shown for secret in (KEY, "app-secret", api.token)] == [False] * 3
    assert log[2]["request"] == {"msgtype": "text", "text": {"content": "早"}}
    assert log[2]["path"] == "/cgi-bin/webhook/send?key=693a…"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost:1"}, 200),
    ],
)
async def test_guard_against_other_sites(api, headers, status):
    assert await api.status("GET", "/sandbox/state", headers=headers) == status


async def test_guard_wants_json(api):
    form = {"data": "x", "headers": {"Content-Type": "text/plain"}}
    assert await api.status("POST", "/sandbox/say", **form) == 403


async def test_page_with_strict_policy(api):
    async with api.session.get(api.base + "/") as response:
        assert (response.status, response.headers["Content-Security-Policy"]) == (
            200,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )


async def read_events(response, count):
    """(id, event, data) of the next `count` events."""
    events = []
    while len(events) < count:
        block = await asyncio.wait_for(response.content.readuntil(b"\n\n"), 2)
        fields = dict(line.split(": ", 1) for line in block.decode().strip().split("\n"))
        if "event" in fields:
            events.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return events


async def test_stream_live_and_replayed(api):
    async with api.session.get(api.base + "/sandbox/events") as response:
        for text in ("一", "二"):
            await api.act("say", **{"as": "wm01", "chat": GROUP, "text": text})
        live = await read_events(response, 2)
    assert [(id, event, data["text"]) for id, event, data in live] == [
        ("1", "message", "一"),
        ("2", "message", "二"),
    ]
    seen = {"Last-Event-ID": "1"}
    async with api.session.get(api.base + "/sandbox/events", headers=seen) as response:
        assert await read_events(response, 1) == live[1:]


async def test_stream_gap_gives_the_state(api):
    seen = {"Last-Event-ID": "99"}
    async with api.session.get(api.base + "/sandbox/events", headers=seen) as response:
        ((_, event, data),) = await read_events(response, 1)
    assert (event, data["me_suggested"]) == ("state", "zhouwen")


async def test_private_chat_appears_after_a_welcome(api, sandbox):
    code = sandbox.contacts.new_welcome("zhouwen", "wm01")
    body = {"welcome_code": code, "text": {"content": "您好"}}
    assert await api.code("externalcontact/send_welcome_msg", body) == 0
    chats = (await api.call("GET", "/sandbox/state"))["chats"]
    assert chats[-1]["id"] == "private:zhouwen:wm01"
    say = {"as": "wm01", "chat": "private:zhouwen:wm01", "text": "您好"}
    assert (await api.act("say", **say))["n"] == 2


async def test_only_loopback_is_served(sandbox):
    with pytest.raises(ValueError, match="loopback addresses only"):
        await sandbox.start(0, "0.0.0.0")
