"""Customers, groups and tags, read and marked through the API (reference D.2–D.4, D.7)."""

import pytest

from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox

CONTACT = "externalcontact/"
GROUP = "wrOneGroup"
NOW = 1795395600


async def test_staff_and_their_customers(api):
    staff = await api.cgi(CONTACT + "get_follow_user_list")
    mine = await api.cgi(CONTACT + "list", userid="ZHOUWEN")
    assert staff["follow_user"] == ["zhouwen", "chenmin"]
    assert mine["external_userid"] == ["wm01", "wm02"]


@pytest.mark.parametrize(
    ("path", "query", "errcode"),
    [
        ("list", {"userid": "chenmin"}, 84061),
        ("list", {"userid": "nobody"}, 60111),
        ("get", {"external_userid": "wm03"}, 84061),
        ("get", {"external_userid": "zhouwen"}, 40096),
    ],
)
async def test_customer_reads_refused(api, path, query, errcode):
    assert await api.code(CONTACT + path, **query) == errcode


async def test_customer_with_remark_and_tag(api, sandbox):
    remark = {"userid": "zhouwen", "external_userid": "wm01", "remark": "老李"}
    tag = next(iter(sandbox.world.tag_groups.values())).tags[0]
    mark = {"userid": "ZhouWen", "external_userid": "wm01", "add_tag": [tag.id]}
    assert await api.code(CONTACT + "remark", remark) == 0
    assert await api.code(CONTACT + "mark_tag", mark) == 0
    assert await api.cgi(CONTACT + "get", external_userid="wm01") == {
        "errcode": 0,
        "errmsg": "ok",
        "external_contact": {
            "external_userid": "wm01",
            "name": "李建国",
            "type": 1,
            "gender": 0,
            "avatar": "",
        },
        "follow_user": [
            {
                "userid": "zhouwen",
                "remark": "老李",
                "description": "",
                "createtime": NOW,
                "tags": [{"group_name": "等级", "tag_name": "金卡", "tag_id": tag.id, "type": 1}],
                "remark_mobiles": [],
                "add_way": 1,
                "oper_userid": "zhouwen",
                "state": "",
            }
        ],
        "next_cursor": "",
    }


async def test_user_simple(api):
    assert await api.cgi("user/get", userid="chenmin") == {
        "errcode": 0,
        "errmsg": "ok",
        "userid": "chenmin",
        "name": "陈敏",
        "department": [1],
        "position": "主管",
        "status": 1,
    }
    assert await api.code("user/get", userid="wm01") == 60111


async def test_group_list_only_customer_groups(api):
    answer = await api.cgi(CONTACT + "groupchat/list", {"limit": 10})
    assert (answer["group_chat_list"], answer["next_cursor"]) == (
        [{"chat_id": GROUP, "status": 0}],
        "",
    )
    assert await api.code(CONTACT + "groupchat/list", {}) == 40058
    assert await api.code(CONTACT + "groupchat/list", {"limit": 1, "cursor": "x"}) == 50100


async def test_group_members(api):
    answer = await api.cgi(CONTACT + "groupchat/get", {"chat_id": GROUP, "need_name": 1})
    group = answer["group_chat"]
    rows = [(row["userid"], row["type"], row["name"]) for row in group["member_list"]]
    assert rows == [
        ("zhouwen", 1, "周文"),
        ("chenmin", 1, "陈敏"),
        ("wm01", 2, "李建国"),
        ("wm02", 2, "王芳"),
    ]
    assert (group["name"], group["owner"], group["notice"]) == ("财富一群", "zhouwen", "欢迎")


@pytest.mark.parametrize(("chat", "errcode"), [("wrInside", 90501), ("wrNone", 40050)])
async def test_group_read_refused(api, chat, errcode):
    assert await api.code(CONTACT + "groupchat/get", {"chat_id": chat}) == errcode


async def test_group_read_stale_for_two_seconds(api, clock):
    async def size():
        answer = await api.cgi(CONTACT + "groupchat/get", {"chat_id": GROUP})
        return len(answer["group_chat"]["member_list"])

    await api.act("faults", stale_group_reads=True)
    await api.act("join", chat=GROUP, name="新人")
    before = await size()
    clock.tick(seconds=2)
    assert (before, await size()) == (4, 5)


async def test_tags_made_edited_deleted(api):
    made = await api.cgi(
        CONTACT + "add_corp_tag",
        {"group_name": "兴趣", "tag": [{"name": "基金", "order": 1}, {"name": "保险", "order": 5}]},
    )
    group = made["tag_group"]
    assert [tag["name"] for tag in group["tag"]] == ["保险", "基金"]
    first = group["tag"][0]["id"]
    assert await api.code(CONTACT + "edit_corp_tag", {"id": first, "name": "基金"}) == 40071
    assert await api.code(CONTACT + "edit_corp_tag", {"id": first, "name": "信托"}) == 0
    listed = await api.cgi(CONTACT + "get_corp_tag_list", {"tag_id": [first]})
    assert [[tag["name"] for tag in one["tag"]] for one in listed["tag_group"]] == [["信托"]]
    doomed = {"tag_id": [tag["id"] for tag in group["tag"]]}
    assert await api.code(CONTACT + "del_corp_tag", doomed) == 0
    rest = await api.cgi(CONTACT + "get_corp_tag_list", {})
    assert [one["group_name"] for one in rest["tag_group"]] == ["等级"]


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("add_corp_tag", {"group_name": "兴趣", "tag": []}, 40058),
        ("add_corp_tag", {"group_name": "兴趣", "tag": [{"name": "名" * 31}]}, 40058),
        ("add_corp_tag", {"group_name": "等级", "tag": [{"name": "金卡"}]}, 40071),
        ("add_corp_tag", {"group_id": "et0", "tag": [{"name": "a"}]}, 40068),
        ("edit_corp_tag", {"id": "et0", "name": "a"}, 40068),
        ("del_corp_tag", {}, 41017),
        ("mark_tag", {"userid": "zhouwen", "external_userid": "wm01"}, 41017),
        ("mark_tag", {"userid": "zhouwen", "external_userid": "wm03", "add_tag": ["a"]}, 84061),
        ("mark_tag", {"userid": "zhouwen", "external_userid": "wm01", "add_tag": ["a"]}, 40068),
    ],
)
async def test_tags_refused(api, path, body, errcode):
    assert await api.code(CONTACT + path, body) == errcode


async def test_tags_of_the_console_not_the_apps(api, sandbox):
    tag = next(iter(sandbox.world.tag_groups.values())).tags[0]
    assert await api.code(CONTACT + "edit_corp_tag", {"id": tag.id, "name": "钻石"}) == 81011
    assert await api.code(CONTACT + "del_corp_tag", {"tag_id": [tag.id]}) == 81011


async def test_welcome_once_within_20_seconds(api, sandbox, clock, shown):
    codes = [sandbox.contacts.new_welcome("zhouwen", member) for member in ("wm01", "wm02")]
    body = {"text": {"content": "您好，我是周文"}}
    path = CONTACT + "send_welcome_msg"
    first = [await api.code(path, {**body, "welcome_code": codes[0]}) for _ in range(2)]
    clock.tick(seconds=20.5)
    late = await api.code(path, {**body, "welcome_code": codes[1]})
    assert (first, late) == ([0, 41051], 41050)
    assert shown("private:zhouwen:wm01") == [("staff", "text", "您好，我是周文")]


def test_robot_in_a_customer_group_needs_the_liberty(clock):
    seed = Seed(
        CorpSeed("ww1", "示例银行"),
        AppSeed(1, "s", "t", ""),
        AibotSeed("a", "s"),
        (StaffSeed("zhouwen", "周文"),),
        groups=(GroupSeed("wr1", "群", "zhouwen", aibot=True),),
    )
    with pytest.raises(ValueError, match="group wr1: WeCom lets no robot into a customer group"):
        Sandbox(clock, seed)


@pytest.fixture
def few_calls(monkeypatch):
    """WeCom's ten thousand calls a minute, made three."""
    monkeypatch.setattr("bot.sandbox.gate.PER_MINUTE", 3)


async def test_calls_of_one_api_beyond_the_cap_are_refused_for_a_minute(few_calls, api, clock):
    codes = [await api.code(CONTACT + "list", userid="zhouwen") for _ in range(4)]
    other = await api.code(CONTACT + "get_follow_user_list")
    clock.tick(seconds=60)
    assert (codes, other) == ([0, 0, 0, 45009], 0)
    assert await api.code(CONTACT + "list", userid="zhouwen") == 0
