"""wechatpy's client drives the sandbox's external-contact area: every answer is what the reference
says (wecom-protocol.md D.2–D.9), whole, as JSON.

Ids that WeCom makes are compared by the names that a row gives them.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.conformance.rows import OK, SINCE, Play, Row


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


@pytest.mark.parametrize(
    "rows",
    [CUSTOMERS, GROUPS, TAGS, WAYS, TEMPLATES],
    ids=["customers", "groups", "tags", "ways", "templates"],
)
async def test_answers_are_those_of_the_reference(play: Play, rows: Sequence[Row]) -> None:
    assert await play(rows) == []
    assert len({row.method for row in rows}) >= 3
