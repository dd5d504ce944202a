"""What colleagues and customers do to groups and relations: what the interfaces say afterwards, and
which callbacks go out."""

import base64
import hashlib
import json
from typing import Any

import pytest
import xmltodict
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.sandbox.errors import Mistake

CONTACT = "externalcontact/"
GROUP = "wrOneGroup"
NOW = 1795395600


_COMMON = ("ToUserName", "FromUserName", "CreateTime", "MsgType")


async def told(sandbox: Any, receiver: Any) -> list[dict[str, str]]:
    """What was delivered; about one group or one customer in its order."""
    await sandbox.settle()
    found = [xmltodict.parse(one)["xml"] for one in receiver.inner]
    found.sort(key=lambda one: one.get("ExternalUserID") or one["ChatId"])
    return [{k: v or "" for k, v in one.items() if k not in _COMMON} for one in found]


async def test_group_is_renamed_passed_on_and_dismissed(
    api: Any, sandbox: Any, app_receiver: Any
) -> None:
    mine = sandbox.group_actions
    mine.rename(GROUP, "财富二群")
    mine.pass_on(GROUP, "chenmin")
    group = (await api.cgi(CONTACT + "groupchat/get", {"chat_id": GROUP}))["group_chat"]
    assert (group["name"], group["owner"]) == ("财富二群", "chenmin")
    mine.owner_leaves(GROUP)
    listed = await api.cgi(CONTACT + "groupchat/list", {"limit": 10})
    assert listed["group_chat_list"] == [{"chat_id": GROUP, "status": 1}]
    mine.dismiss(GROUP)
    assert await api.code(CONTACT + "groupchat/get", {"chat_id": GROUP}) == 49008
    assert (await api.cgi(CONTACT + "groupchat/list", {"limit": 10}))["group_chat_list"] == []
    event = {"Event": "change_external_chat", "ChatId": GROUP, "ChangeType": "update"}
    extra = {"JoinScene": "0", "MemChangeCnt": "0"}
    assert await told(sandbox, app_receiver) == [
        {**event, "UpdateDetail": "change_name", **extra},
        {**event, "UpdateDetail": "change_owner", **extra},
        {**event, "ChangeType": "dismiss"},
    ]


async def test_half_relation_is_told_by_callback_only(
    api: Any, sandbox: Any, app_receiver: Any
) -> None:
    sandbox.group_actions.add_half("chenmin", "wm03", "qr7")
    batch = {"userid_list": ["chenmin"], "limit": 10}
    assert await api.code(CONTACT + "batch/get_by_user", batch) == 84061
    assert await api.code(CONTACT + "get", external_userid="wm03") == 84061
    sandbox.group_actions.add_back("chenmin", "wm03")
    answer = await api.cgi(CONTACT + "batch/get_by_user", batch)
    (row,) = answer["external_contact_list"]
    assert (row["external_contact"]["name"], row["follow_info"]) == (
        "赵雪梅",
        {
            "userid": "chenmin",
            "remark": "",
            "description": "",
            "createtime": NOW,
            "tag_id": [],
            "remark_mobiles": [],
            "add_way": 1,
            "oper_userid": "chenmin",
            "state": "qr7",
        },
    )
    assert [one["ChangeType"] for one in await told(sandbox, app_receiver)] == [
        "add_half_external_contact",
        "add_external_contact",
    ]


async def test_relation_ends_is_passed_on_or_stays(sandbox: Any, app_receiver: Any) -> None:
    mine = sandbox.group_actions
    mine.refuse_transfer("zhouwen", "wm01")
    mine.remark("zhouwen", "wm01", "老李")
    mine.delete_customer("zhouwen", "wm01")
    mine.delete_customer("zhouwen", "wm02", passed_on=True)
    event = {"Event": "change_external_contact", "UserID": "zhouwen", "ExternalUserID": "wm01"}
    assert await told(sandbox, app_receiver) == [
        {**event, "ChangeType": "transfer_fail", "FailReason": "customer_refused"},
        {**event, "ChangeType": "edit_external_contact"},
        {**event, "ChangeType": "del_external_contact"},
        {
            **event,
            "ChangeType": "del_external_contact",
            "ExternalUserID": "wm02",
            "Source": "DELETE_BY_TRANSFER",
        },
    ]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"userid_list": []}, 40058),
        ({"userid_list": ["zhouwen"], "limit": 101}, 40058),
        ({"userid_list": ["nobody"]}, 60111),
        ({"userid_list": ["zhouwen"], "cursor": "x"}, 50100),
    ],
)
async def test_batches_refused(api: Any, body: dict[str, Any], errcode: int) -> None:
    assert await api.code(CONTACT + "batch/get_by_user", body) == errcode


def test_what_cannot_be_done_is_said(sandbox: Any) -> None:
    mine = sandbox.group_actions
    for act in (
        lambda: mine.rename("wrInside", "x"),
        lambda: mine.pass_on(GROUP, "wm01"),
        lambda: mine.add_half("zhouwen", "wm01"),
        lambda: mine.add_half("zhouwen", "nobody"),
        lambda: mine.add_back("chenmin", "wm01"),
        lambda: sandbox.archive.consent("zhouwen", "wm01"),
        lambda: sandbox.archive.say(GROUP, "wm01", "image", {}),
    ):
        with pytest.raises(Mistake):
            act()
    assert sandbox.world.groups["wrInside"].name == "内部群"


async def test_archive_seals_what_those_who_agreed_wrote(
    api: Any, sandbox: Any, app_receiver: Any
) -> None:
    assert await api.code("msgaudit/getchatdata", {"seq": 0, "limit": 10}) == 301053
    key = generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sandbox.archive.install_key(3, public)
    sandbox.archive.consent("zhouwen", "wm01")
    sandbox.actions.say("wm01", GROUP, "大家早")
    sandbox.actions.say("wm02", GROUP, "没同意")
    sandbox.actions.say("zhouwen", GROUP, "早上好")
    rows = (await api.cgi("msgaudit/getchatdata", {"seq": 1, "limit": 10}))["chatdata"]
    opened = []
    for row in rows:
        random_key = key.decrypt(base64.b64decode(row["encrypt_random_key"]), PKCS1v15())
        data = base64.b64decode(row["encrypt_chat_msg"])
        plain = AESGCM(hashlib.sha256(random_key).digest()).decrypt(data[:12], data[12:], None)
        opened.append((row["seq"], row["publickey_ver"], json.loads(plain)))
    assert [
        (seq, version, one["from"], one["text"]["content"]) for seq, version, one in opened
    ] == [
        (2, 3, "wm01", "大家早"),
        (3, 3, "zhouwen", "早上好"),
    ]
    assert opened[0][2]["msgtime"] == NOW * 1000
    words = await api.cgi("msgaudit/check_room_agree", {"roomid": GROUP})
    assert words["agreeinfo"] == [
        {"status_change_time": NOW, "exteranalopenid": "wm01", "agree_status": "Agree"}
    ]
    assert await api.code("msgaudit/check_room_agree", {"roomid": "wrNo"}) == 40050
    assert await api.code("msgaudit/getchatdata", {"seq": 0, "limit": 1001}) == 10000
    assert [one["ChangeType"] for one in await told(sandbox, app_receiver)] == [
        "msg_audit_approved"
    ]
