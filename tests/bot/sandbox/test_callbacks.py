"""Callbacks out: verification, retries, faults, passive replies (reference B, D.13)."""

import xmltodict

GROUP = "wrOneGroup"
CORP = "ww5823bf96d3bd56c7"


def inner(receiver):
    return [dict(xmltodict.parse(text)["xml"]) for text in receiver.inner]


async def test_text_to_the_application(api, sandbox, app_receiver):
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日 ]]> <b>"})
    await sandbox.settle()
    (event,) = inner(app_receiver)
    assert event.pop("MsgId").isdecimal()
    assert event == {
        "ToUserName": CORP,
        "FromUserName": "zhouwen",
        "CreateTime": "1795395600",
        "MsgType": "text",
        "Content": "今日 ]]> <b>",
        "AgentID": "1000002",
    }
    assert (app_receiver.verifications, sandbox.app_endpoint.counters.verified) == (1, 1)


async def test_retry_fresh_outside_same_inside(api, sandbox, app_receiver):
    app_receiver.statuses = [500, 0, 503]
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"})
    await sandbox.settle()
    assert len(app_receiver.inner) == 4
    assert len(set(app_receiver.inner)) == 1
    assert len({query["nonce"] for query in app_receiver.queries}) == 4
    assert sandbox.app_endpoint.describe() == {
        "verified": 1,
        "refused": 0,
        "delivered": 1,
        "failed": 3,
        "retried": 3,
        "gave_up": 0,
        "dropped": 0,
        "bad_replies": 0,
    }


async def test_retry_gives_up_after_three(api, sandbox, app_receiver):
    app_receiver.statuses = [500] * 9
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"})
    await sandbox.settle()
    counters = sandbox.app_endpoint.counters
    assert (len(app_receiver.inner), counters.retried, counters.gave_up) == (4, 3, 1)


async def test_address_that_quotes_the_echo_is_not_used(api, sandbox, app_receiver):
    app_receiver.echo = lambda plain: f'"{plain}"'
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"})
    await sandbox.settle()
    counters = sandbox.app_endpoint.counters
    assert (app_receiver.inner, counters.refused, counters.gave_up) == ([], 4, 1)


async def test_order_kept_within_a_chat(api, sandbox, app_receiver):
    for word in "一二三四五六":
        await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": word})
    await sandbox.settle()
    assert [event["Content"] for event in inner(app_receiver)] == list("一二三四五六")


async def test_faults_duplicate_drop_forge(api, sandbox, app_receiver):
    await api.act(
        "faults",
        callback_duplicate=1,
        callback_forged=1,
        callback_wrong_receiver=1,
    )
    say = {"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"}
    await api.act("say", **say)
    await sandbox.settle()
    assert (len(app_receiver.inner), app_receiver.refused) == (2, 2)
    assert app_receiver.inner[0] == app_receiver.inner[1]
    await api.act("faults", callback_drop=1)
    await api.act("say", **say)
    await sandbox.settle()
    assert (len(app_receiver.inner), sandbox.app_endpoint.counters.dropped) == (2, 1)


async def test_passive_text_shown(api, sandbox, app_receiver, shown):
    app_receiver.replies = [
        "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[收到]]></Content></xml>"
    ]
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"})
    await sandbox.settle()
    assert shown("app:zhouwen") == [("staff", "text", "今日"), ("app", "text", "收到")]


async def test_passive_reply_broken_is_counted(api, sandbox, app_receiver, shown):
    app_receiver.replies = ["not xml"]
    await api.act("say", **{"as": "zhouwen", "chat": "app:zhouwen", "text": "今日"})
    await sandbox.settle()
    assert shown("app:zhouwen") == [("staff", "text", "今日")]
    assert sandbox.app_endpoint.counters.bad_replies == 1
    assert sandbox.log.latest(1)[0]["response"] == "回复不是 XML"


async def send_card(api):
    card = {
        "card_type": "vote_interaction",
        "main_title": {"title": "选一个"},
        "task_id": "vote-1",
        "checkbox": {
            "question_key": "q",
            "mode": 1,
            "option_list": [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}],
        },
        "submit_button": {"text": "提交", "key": "submit|1"},
    }
    body = {"touser": "zhouwen", "agentid": 1000002, "msgtype": "template_card"}
    assert await api.code("message/send", {**body, "template_card": card}) == 0


async def press(api, **more):
    selected = [{"question_key": "q", "option_ids": ["a", "b"]}]
    body = {"as": "zhouwen", "message": 1, "key": "submit|1", "selected": selected, **more}
    return await api.act("press", **body)


async def test_card_press_and_update(api, sandbox, app_receiver):
    await send_card(api)
    assert await press(api) == {}
    await sandbox.settle()
    (event,) = inner(app_receiver)
    code = event.pop("ResponseCode")
    assert event == {
        "ToUserName": CORP,
        "FromUserName": "zhouwen",
        "CreateTime": "1795395600",
        "MsgType": "event",
        "Event": "template_card_event",
        "EventKey": "submit|1",
        "TaskId": "vote-1",
        "CardType": "vote_interaction",
        "AgentID": "1000002",
        "SelectedItems": {
            "SelectedItem": {"QuestionKey": "q", "OptionIds": {"OptionId": ["a", "b"]}}
        },
    }
    update = {
        "userids": ["zhouwen"],
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已提交"},
    }
    assert await api.code("message/update_template_card", update) == 0
    assert sandbox.messages.get(1).card["replace_name"] == "已提交"
    assert await press(api) == {"error": "这张卡片上没有这个按钮，可能已经处理过了。"}


async def test_card_button_replaced_passively(api, sandbox, app_receiver):
    await send_card(api)
    app_receiver.replies = [
        "<xml><MsgType>update_button</MsgType>"
        "<Button><ReplaceName>已登记</ReplaceName></Button></xml>"
    ]
    await press(api)
    await sandbox.settle()
    assert sandbox.messages.get(1).card["replace_name"] == "已登记"


async def test_join_and_leave_called_back(api, sandbox, app_receiver, shown):
    joined = await api.act("join", chat=GROUP, name="新人")
    await api.act("leave", chat=GROUP, member="wm02")
    await sandbox.settle()
    first, second = inner(app_receiver)
    head = {
        "ToUserName": CORP,
        "FromUserName": "sys",
        "CreateTime": "1795395600",
        "MsgType": "event",
        "Event": "change_external_chat",
        "ChatId": GROUP,
        "ChangeType": "update",
        "MemChangeCnt": "1",
    }
    assert first["CurMemVer"] == second["LastMemVer"]
    versions = [(event.pop("LastMemVer"), event.pop("CurMemVer")) for event in (first, second)]
    assert len({version for pair in versions for version in pair}) == 3
    assert first == {
        **head,
        "UpdateDetail": "add_member",
        "JoinScene": "3",
        "MemChangeList": {"Item": joined["member"]},
    }
    assert second == {
        **head,
        "UpdateDetail": "del_member",
        "QuitScene": "0",
        "MemChangeList": {"Item": "wm02"},
    }
    assert shown(GROUP) == [
        ("system", "system", "新人 扫码加入了群聊"),
        ("system", "system", "王芳 退出了群聊"),
    ]


async def test_contact_and_tags_called_back(api, sandbox, app_receiver):
    await api.act("add_contact", staff="zhouwen", member="wm03", state="qr-7")
    await api.act("edit_tags", staff="zhouwen", member="wm03", add=["金卡"], remove=[])
    await api.act("remove_contact", staff="zhouwen", member="wm03")
    await sandbox.settle()
    events = inner(app_receiver)
    kinds = [event["ChangeType"] for event in events]
    assert kinds == ["add_external_contact", "edit_external_contact", "del_follow_user"]
    assert (events[0]["State"], len(events[0]["WelcomeCode"])) == ("qr-7", 40)


async def test_api_actions_not_called_back(api, sandbox, app_receiver):
    tag = next(iter(sandbox.world.tag_groups.values())).tags[0]
    mark = {"userid": "zhouwen", "external_userid": "wm01", "add_tag": [tag.id]}
    assert await api.code("externalcontact/mark_tag", mark) == 0
    await sandbox.settle()
    assert app_receiver.inner == []
