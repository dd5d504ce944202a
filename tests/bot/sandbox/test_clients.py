"""Independent clients against the sandbox: wechatpy 2 and pywgb."""

import asyncio

import pytest
from pywgb.bot import FileBot, MarkdownBot, NewsBot, TextBot, TextCardBot
from pywgb.bot._abstract import _Basic
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

GROUP = "wrOneGroup"
KEY = "693a91f6-7c2f-4bc4-97a0-0ec2f1c3d5a1"


@pytest.fixture
def wechatpy(sandbox):
    base = sandbox.url + "/cgi-bin/"

    class LocalClient(WeChatClient):
        API_BASE_URL = base

        def fetch_access_token(self):
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(base + "gettoken", params)

    client = LocalClient("ww5823bf96d3bd56c7", "app-secret")
    yield client
    client._http.close()


async def test_wechatpy_messages(wechatpy, shown):
    def work():
        wechatpy.message.send_text(1000002, ["zhouwen", "chenmin"], "今日三件事")
        return wechatpy.message.send_markdown(1000002, "zhouwen", "**周报**")

    answer = await asyncio.to_thread(work)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert shown("app:zhouwen") == [("app", "text", "今日三件事"), ("app", "markdown", "**周报**")]
    assert shown("app:chenmin") == [("app", "text", "今日三件事")]


async def test_wechatpy_refreshes_a_revoked_token(wechatpy, sandbox):
    await asyncio.to_thread(wechatpy.external_contact.get_follow_user_list)
    sandbox.tokens.revoke()
    answer = await asyncio.to_thread(wechatpy.external_contact.get_follow_user_list)
    assert (answer["follow_user"], sandbox.tokens.issued) == (["zhouwen", "chenmin"], 2)


async def test_wechatpy_error_typed(wechatpy):
    with pytest.raises(WeChatClientException) as caught:
        await asyncio.to_thread(wechatpy.external_contact.list, "chenmin")
    assert caught.value.errcode == 84061


async def test_wechatpy_contacts_groups_and_tags(wechatpy):
    contact, groups = wechatpy.external_contact, wechatpy.external_contact_group_chat

    def work():
        group = contact.add_corp_tag(None, "兴趣", None, [{"name": "基金"}])["tag_group"]
        tag = group["tag"][0]["id"]
        contact.mark_tag("zhouwen", "wm01", add_tag=[tag])
        marked = contact.get("wm01")["follow_user"][0]["tags"]
        contact.edit_corp_tag(tag, name="信托")
        listed = contact.get_corp_tag_list([tag])["tag_group"][0]["tag"][0]["name"]
        contact.del_corp_tag(tag)
        return (
            contact.list("zhouwen")["external_userid"],
            [one["tag_name"] for one in marked],
            listed,
            contact.get("wm01")["follow_user"][0]["tags"],
            [chat["chat_id"] for chat in groups.list(limit=10)["group_chat_list"]],
            groups.get(GROUP)["group_chat"]["owner"],
        )

    assert await asyncio.to_thread(work) == (
        ["wm01", "wm02"],
        ["基金"],
        "信托",
        [],
        [GROUP],
        "zhouwen",
    )


async def test_wechatpy_reads_customers_in_batches(wechatpy):
    def work():
        read = wechatpy.external_contact.batch_get_by_user
        first = read("zhouwen", limit=1)
        second = read("zhouwen", cursor=first["next_cursor"], limit=1)
        return [
            (one["external_contact"]["name"], one["follow_info"]["userid"])
            for page in (first, second)
            for one in page["external_contact_list"]
        ], second["next_cursor"]

    assert await asyncio.to_thread(work) == ([("李建国", "zhouwen"), ("王芳", "zhouwen")], "")


async def test_wechatpy_group_send_tasks(wechatpy, sandbox, clock, shown):
    contact = wechatpy.external_contact
    template = {
        "chat_type": "group",
        "chat_id_list": [GROUP],
        "sender": "zhouwen",
        "text": {"content": "早上好"},
    }
    made = await asyncio.to_thread(contact.add_msg_template, template)
    clock.tick(seconds=2)

    def ask():
        msgid = made["msgid"]
        old = contact.get_group_msg_result(msgid)
        tasks = contact._post("externalcontact/get_groupmsg_task", data={"msgid": msgid})
        return old["check_status"], old["detail_list"], tasks["task_list"]

    before = await asyncio.to_thread(ask)
    sandbox.actions.confirm("zhouwen", made["msgid"])
    after = await asyncio.to_thread(ask)
    sent_at = int(clock.now().timestamp())
    assert made["fail_list"] == []
    assert before == (1, [], [{"userid": "zhouwen", "status": 0, "send_time": 0}])
    assert after == (
        1,
        [{"chat_id": GROUP, "userid": "zhouwen", "status": 1, "send_time": sent_at}],
        [{"userid": "zhouwen", "status": 2, "send_time": sent_at}],
    )
    assert shown(GROUP) == [("staff", "text", "早上好")]


async def test_wechatpy_group_send_refused(wechatpy):
    template = {"chat_type": "single", "external_userid": ["wm03"], "text": {"content": "您好"}}
    with pytest.raises(WeChatClientException) as caught:
        await asyncio.to_thread(wechatpy.external_contact.add_msg_template, template)
    assert caught.value.errcode == 41048


async def test_pywgb_posts_into_the_group(sandbox, shown, monkeypatch, tmp_path):
    monkeypatch.setattr(_Basic, "_API_BASE_URL", sandbox.url)
    plan = tmp_path / "plan.txt"
    plan.write_text("周一早上九点")
    article = {"title": "开户指南", "url": "https://example.com/a"}

    def work():
        bots = [kind(KEY) for kind in (TextBot, MarkdownBot, NewsBot, FileBot, TextCardBot)]
        text, markdown, news, file, card = bots
        answers = [
            text.send("早上好"),
            markdown.send("**今日看点**"),
            news.send(articles=[article]),
            file.send(file_path=plan),
            card.send(
                main_title={"title": "周报"},
                card_action={"type": 1, "url": "https://example.com"},
            ),
        ]
        for bot in bots:
            bot._session.close()
            bot._uploader._session.close()
        return [answer["errcode"] for answer in answers]

    assert await asyncio.to_thread(work) == [0] * 5
    assert shown(GROUP) == [
        ("robot", "text", "早上好"),
        ("robot", "markdown", "**今日看点**"),
        ("robot", "news", "开户指南\nhttps://example.com/a"),
        ("robot", "file", "plan.txt"),
        ("robot", "card", "周报"),
    ]
