"""wechatpy's client, which knows nothing of us, drives the sandbox's external-contact area: every
answer is what the reference says (wecom-protocol.md D.2–D.9), whole, as JSON.

Ids that WeCom makes are compared by the names that a row gives them.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    Seed,
    StaffSeed,
    TagGroupSeed,
)
from bot.sandbox.server import Sandbox

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SINCE = int(START.timestamp())
OK = {"errcode": 0, "errmsg": "ok"}


class StandingClock:
    """Stands until a test moves it."""

    running = False

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def run(self, running: bool) -> None:
        self.running = running

    async def look_ahead(self) -> datetime | None:
        return None

    def next_due(self) -> datetime | None:
        return None

    async def advance_to(self, target: datetime) -> None:
        self.instant = target


@dataclass(frozen=True)
class Row:
    """One call: method and arguments, the whole answer, or the code with which it is refused.
    `names` gives ids in the answer a name (by path), which stands in later rows as `<name>`."""

    method: str
    given: Sequence[Any] | Mapping[str, Any]
    answer: Any
    names: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


Play = Callable[[Sequence[Row]], Awaitable[None]]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def sandbox(clock: StandingClock) -> AsyncIterator[Sandbox]:
    seed = Seed(
        corp=CorpSeed("ww1", "示例银行"),
        app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
        aibot=AibotSeed(id="aib1", secret="bot"),
        staff=(StaffSeed("zhouwen", "周文"), StaffSeed("chenmin", "陈敏")),
        customers=(
            CustomerSeed("wm01", "李建国", ("zhouwen",)),
            CustomerSeed("wm02", "王芳", ("zhouwen",)),
            CustomerSeed("wm03", "赵雪梅"),
        ),
        groups=(
            GroupSeed("wrA", "财富一群", "zhouwen", members=("wm01", "wm02"), note="欢迎"),
            GroupSeed("wrB", "财富二群", "chenmin", members=("wm03",)),
            GroupSeed("wrIn", "内部群", "chenmin", kind="internal"),
        ),
        tag_groups=(TagGroupSeed("等级", ("金卡",)),),
    )
    double = Sandbox(clock, seed)
    await double.start()
    yield double
    await double.close()


@pytest.fixture
def play(sandbox: Sandbox) -> Iterator[Play]:
    """Makes the calls of a table in their order and compares each answer."""
    base = sandbox.url + "/cgi-bin/"

    class LocalClient(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = base

        def fetch_access_token(self) -> Any:
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(base + "gettoken", params)

    client = LocalClient("ww1", "s")
    ids: dict[str, str] = {"url": sandbox.url}

    def call(row: Row) -> Any:
        method: Any = client
        for part in row.method.split("."):
            method = getattr(method, part)
        given = _filled(row.given, ids)
        try:
            answer = method(**given) if isinstance(given, dict) else method(*given)
        except WeChatClientException as error:
            return error.errcode
        for name, path in row.names.items():
            found = answer
            for step in path:
                found = found[step]
            ids[name] = found
        return answer

    def run(rows: Sequence[Row]) -> None:
        for row in rows:
            answer = call(row)
            assert (row.method, answer) == (row.method, _filled(row.answer, ids))

    async def in_thread(rows: Sequence[Row]) -> None:
        await asyncio.to_thread(run, rows)

    yield in_thread
    client._http.close()


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    for name, id in ids.items():
        text = text.replace(f"<{name}>", id)
    return json.loads(text)


def person(userid: str, name: str) -> dict[str, Any]:
    return {"external_userid": userid, "name": name, "type": 1, "gender": 0, "avatar": ""}


def follow(**more: Any) -> dict[str, Any]:
    """What one colleague knows of a customer."""
    return {
        "userid": "zhouwen",
        "remark": "",
        "description": "",
        "createtime": SINCE,
        "remark_mobiles": [],
        "add_way": 1,
        "oper_userid": "zhouwen",
        "state": "",
        **more,
    }


CUSTOMERS = [
    Row("external_contact.get_follow_user_list", [], {**OK, "follow_user": ["zhouwen", "chenmin"]}),
    Row("external_contact.list", ["zhouwen"], {**OK, "external_userid": ["wm01", "wm02"]}),
    Row("external_contact.list", ["chenmin"], 84061),
    Row("external_contact.list", ["nobody"], 60111),
    Row(
        "external_contact.get",
        ["wm01"],
        {
            **OK,
            "external_contact": person("wm01", "李建国"),
            "follow_user": [follow(tags=[])],
            "next_cursor": "",
        },
    ),
    Row("external_contact.get", ["wm03"], 84061),
    Row("external_contact.get", ["wmNobody"], 40096),
    Row(
        "external_contact.batch_get_by_user",
        {"userid": "zhouwen", "limit": 1},
        {
            **OK,
            "external_contact_list": [
                {"external_contact": person("wm01", "李建国"), "follow_info": follow(tag_id=[])}
            ],
            "next_cursor": "1",
        },
    ),
    Row(
        "external_contact.batch_get_by_user",
        {"userid": "zhouwen", "cursor": "1", "limit": 1},
        {
            **OK,
            "external_contact_list": [
                {"external_contact": person("wm02", "王芳"), "follow_info": follow(tag_id=[])}
            ],
            "next_cursor": "",
        },
    ),
    Row("external_contact.batch_get_by_user", {"userid": "zhouwen", "cursor": "x"}, 50100),
    Row("external_contact.batch_get_by_user", {"userid": "zhouwen", "limit": 101}, 40058),
]


def present(userid: str, type: int, scene: int, **more: Any) -> dict[str, Any]:
    row = {"userid": userid, "type": type, "join_time": SINCE, "join_scene": scene}
    row["group_nickname"] = ""
    return {**row, **more}


GROUPS = [
    Row(
        "external_contact.get_group_chat_list",
        {"limit": 1},
        {**OK, "group_chat_list": [{"chat_id": "wrA", "status": 0}], "next_cursor": "1"},
    ),
    Row(
        "external_contact_group_chat.list",
        {"limit": 10, "cursor": "1"},
        {**OK, "group_chat_list": [{"chat_id": "wrB", "status": 0}], "next_cursor": ""},
    ),
    Row(
        "external_contact_group_chat.list",
        {"owner_userid_list": ["chenmin"]},
        {**OK, "group_chat_list": [{"chat_id": "wrB", "status": 0}], "next_cursor": ""},
    ),
    Row("external_contact_group_chat.list", {"limit": 1001}, 40058),
    Row(
        "external_contact_group_chat.get",
        ["wrA"],
        {
            **OK,
            "group_chat": {
                "chat_id": "wrA",
                "name": "财富一群",
                "owner": "zhouwen",
                "create_time": SINCE,
                "notice": "欢迎",
                "member_list": [
                    present("zhouwen", 1, 1, invitor={"userid": "zhouwen"}),
                    present("wm01", 2, 1, invitor={"userid": "zhouwen"}),
                    present("wm02", 2, 1, invitor={"userid": "zhouwen"}),
                ],
                "admin_list": [],
                "member_version": "<version>",
            },
        },
        {"version": ("group_chat", "member_version")},
    ),
    Row("external_contact.get_group_chat_info", ["wrNone"], 40050),
    Row("external_contact.get_group_chat_info", ["wrIn"], 90501),
]


def tag(id: str, name: str, order: int = 0) -> dict[str, Any]:
    return {"id": id, "name": name, "create_time": SINCE, "order": order, "deleted": False}


def tag_group(id: str, name: str, *tags: dict[str, Any], order: int = 0) -> dict[str, Any]:
    return {
        "group_id": id,
        "group_name": name,
        "create_time": SINCE,
        "order": order,
        "deleted": False,
        "tag": list(tags),
    }


FUND, GOLD = tag("<fund>", "基金", 2), tag("<gold>", "金卡")
WORN = {"group_name": "兴趣", "tag_name": "基金", "tag_id": "<fund>", "type": 1}
TAGS = [
    Row(
        "external_contact.get_corp_tag_list",
        [],
        {**OK, "tag_group": [tag_group("<grade>", "等级", GOLD)]},
        {"grade": ("tag_group", 0, "group_id"), "gold": ("tag_group", 0, "tag", 0, "id")},
    ),
    Row(
        "external_contact.add_corp_tag",
        [None, "兴趣", 1, [{"name": "基金", "order": 2}]],
        {**OK, "tag_group": tag_group("<interest>", "兴趣", FUND, order=1)},
        {"interest": ("tag_group", "group_id"), "fund": ("tag_group", "tag", 0, "id")},
    ),
    Row(
        "external_contact.add_corp_tag",
        ["<interest>", None, None, [{"name": "保险"}]],
        {**OK, "tag_group": tag_group("<interest>", "兴趣", tag("<cover>", "保险"), order=1)},
        {"cover": ("tag_group", "tag", 0, "id")},
    ),
    Row("external_contact.add_corp_tag", ["<interest>", None, None, [{"name": "基金"}]], 40071),
    Row("external_contact.add_corp_tag", ["etNone", None, None, [{"name": "基金"}]], 40068),
    Row(
        "external_contact.mark_tag",
        {"userid": "zhouwen", "external_userid": "wm01", "add_tag": ["<fund>"]},
        OK,
    ),
    Row(
        "external_contact.get",
        ["wm01"],
        {
            **OK,
            "external_contact": person("wm01", "李建国"),
            "follow_user": [follow(tags=[WORN])],
            "next_cursor": "",
        },
    ),
    Row("external_contact.mark_tag", ["zhouwen", "wm03", ["<fund>"]], 84061),
    Row("external_contact.mark_tag", ["zhouwen", "wm01"], 41017),
    Row("external_contact.mark_tag", ["zhouwen", "wm01", ["etNone"]], 40068),
    Row("external_contact.edit_corp_tag", ["<fund>", "信托"], OK),
    Row("external_contact.edit_corp_tag", ["<fund>", "保险"], 40071),
    Row("external_contact.edit_corp_tag", ["<gold>", "银卡"], 81011),
    Row(
        "external_contact.get_corp_tag_list",
        [["<fund>"]],
        {**OK, "tag_group": [tag_group("<interest>", "兴趣", tag("<fund>", "信托", 2), order=1)]},
    ),
    Row("external_contact.del_corp_tag", {"tag_id": "<gold>"}, 81011),
    Row("external_contact.del_corp_tag", {"group_id": "<interest>"}, OK),
    Row(
        "external_contact.get_corp_tag_list",
        [],
        {**OK, "tag_group": [tag_group("<grade>", "等级", GOLD)]},
    ),
]

WAY = {
    "config_id": "<way>",
    "type": 1,
    "scene": 2,
    "style": 1,
    "remark": "大堂",
    "skip_verify": True,
    "state": "hall",
    "qr_code": "<url>/connect/add/<way>",
    "user": ["zhouwen"],
    "party": [],
    "is_temp": False,
}
WAYS = [
    Row(
        "external_contact.add_contact_way",
        {"type": 1, "scene": 2, "remark": "大堂", "state": "hall", "user": ["zhouwen"]},
        {**OK, "config_id": "<way>", "qr_code": "<url>/connect/add/<way>"},
        {"way": ("config_id",)},
    ),
    Row("external_contact.get_contact_way", ["<way>"], {**OK, "contact_way": WAY}),
    Row(
        "external_contact.update_contact_way",
        {"config_id": "<way>", "remark": "大堂二", "state": "hall2", "user": ["chenmin"]},
        OK,
    ),
    Row(
        "external_contact.get_contact_way",
        ["<way>"],
        {
            **OK,
            "contact_way": {**WAY, "remark": "大堂二", "state": "hall2", "user": ["chenmin"]},
        },
    ),
    Row("external_contact.add_contact_way", {"type": 3, "scene": 2, "user": ["zhouwen"]}, 41039),
    Row("external_contact.add_contact_way", {"type": 1, "scene": 9, "user": ["zhouwen"]}, 41040),
    Row("external_contact.add_contact_way", {"type": 1, "scene": 2, "user": ["nobody"]}, 60111),
    Row("external_contact.del_contact_way", ["<way>"], OK),
    Row("external_contact.get_contact_way", ["<way>"], 41044),
    Row("external_contact.get_contact_way", [""], 41043),
]

TEMPLATES = [
    Row(
        "external_contact.add_group_welcome_template",
        [{"text": {"content": "欢迎 %NICKNAME%"}}],
        {**OK, "template_id": "<template>"},
        {"template": ("template_id",)},
    ),
    Row(
        "external_contact.get_group_welcome_template",
        ["<template>"],
        {**OK, "text": {"content": "欢迎 %NICKNAME%"}},
    ),
    Row(
        "external_contact.update_group_welcome_template",
        [{"text": {"content": "你好"}}, "<template>"],
        OK,
    ),
    Row(
        "external_contact.get_group_welcome_template",
        ["<template>"],
        {**OK, "text": {"content": "你好"}},
    ),
    Row("external_contact.del_group_welcome_template", ["<template>"], OK),
    Row("external_contact.get_group_welcome_template", ["<template>"], 41044),
]

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


@pytest.mark.parametrize(
    "rows",
    [CUSTOMERS, GROUPS, TAGS, WAYS, TEMPLATES],
    ids=["customers", "groups", "tags", "ways", "templates"],
)
async def test_answers_are_those_of_the_reference(play: Play, rows: Sequence[Row]) -> None:
    await play(rows)
    assert len({row.method for row in rows}) >= 3


async def test_group_send_task_from_making_it_to_the_sent_message(
    play: Play, sandbox: Sandbox, clock: StandingClock
) -> None:
    await play(TASKS)
    clock.instant += timedelta(seconds=2)
    await play(OPEN)
    for msgid in [*sandbox.mass_sends.tasks]:
        sandbox.actions.confirm("zhouwen", msgid)
    await play(SENT)
    texts = [one.text for one in sandbox.messages.all() if one.chat == "wrA"]
    assert texts == ["早上好"]


async def test_welcome_goes_out_once_and_within_twenty_seconds(
    play: Play, sandbox: Sandbox, clock: StandingClock
) -> None:
    code = sandbox.contacts.new_welcome("zhouwen", "wm01")
    late = sandbox.contacts.new_welcome("zhouwen", "wm02")
    welcome = {"welcome_code": code, "text": {"content": "您好"}}
    await play(
        [
            Row("external_contact.send_welcome_msg", [welcome], OK),
            Row("external_contact.send_welcome_msg", [welcome], 41051),
        ]
    )
    clock.instant += timedelta(seconds=21)
    await play(
        [Row("external_contact.send_welcome_msg", [{**welcome, "welcome_code": late}], 41050)]
    )
    assert [one.text for one in sandbox.messages.all()] == ["您好"]
