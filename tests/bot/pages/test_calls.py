"""Votes, surveys and scores in a group that the bot cannot hear: members reply on the page."""

import re


async def said(bank) -> list[str]:
    """What the RM was handed for the group, links aside."""
    return [
        re.sub(r"http://[^\s]+/m/\S+", "（链接）", one)
        for one in await bank.house.owed()
        if one.startswith("guided: ") and "［已发" not in one
    ]


async def test_vote_opens_with_the_link_and_closes_with_the_count(bank) -> None:
    await bank.house.jump("11-24 10:00")
    opening = [one for one in await said(bank) if "投票" in one]
    assert opening == [
        "guided: 🗳 投票：下期想听什么\n"
        "下期讲座由大家定。\n"
        "\n"
        "1. 养老金\n"
        "2. 反诈\n"
        "\n"
        "请在成员网页里写“投票 编号”，每人一票。\n"
        "12:00 截止，到时公布结果；截止前可以改，以最后一次为准。\n"
        "👉 点开成员网页：（链接）"
    ]
    phone = await bank.member("wm1")
    page = await phone.get("/m/calls")
    assert page.lines[:9] == [
        "群里正在收集",
        "12:00 截止",
        "投票：下期想听什么",
        "下期讲座由大家定。",
        "1. 养老金",
        "2. 反诈",
        "您的回复",
        "请在成员网页里写“投票 编号”。",
        "发送",
    ]
    again = "没看懂要投给谁。请在成员网页里写“投票 编号”。可选：1. 养老金；2. 反诈。"
    for text, answer in (
        ("3", again),
        ("2", "✅ 已投给：2. 反诈。截止前可以再改。"),
        ("投票 1", "✅ 已改为：1. 养老金。截止前可以再改。"),
        ("", "请先写下您的回答。"),
    ):
        assert (await reply(phone, page, 0, text)).lines[0] == answer
    assert "您已回复，可以再改" in (await phone.get("/m/calls")).lines
    assert await said(bank) == []
    await bank.house.jump("11-24 11:59")
    form = await (await bank.member("wm2")).get("/m/calls")
    await bank.house.jump("11-24 12:00")
    closing = [one for one in await said(bank) if "投票" in one]
    assert closing == [
        "guided: 📊 投票结果：下期想听什么\n1. 养老金\n██████████ 100%（1 票）\n"
        "2. 反诈\n░░░░░░░░░░ 0%（0 票）\n得票最多：养老金\n共 1 人投票。"
    ]
    late = await bank.member("wm2")
    fields = dict(form.forms[0][1]) | {"key": (await late.get("/m/checkin")).field("key")}
    page = await late.post("/m/calls", fields | {"say": "1"})
    assert page.lines[0] == "投票“下期想听什么”已经截止，下次早点来。"
    page = await late.post("/m/calls", fields | {"say": "1", "call": "999"})
    assert page.lines[0] == "这次收集已经截止，下次早点来。"


async def test_score_is_given_in_private(bank) -> None:
    await bank.house.jump("11-24 10:00")
    phone = await bank.member("wm1")
    page = await phone.get("/m/calls")
    answer = await reply(phone, page, 1, "9 喜欢这里")
    assert answer.lines[0] == "✅ 已收到 9 分。谢谢您的评分！"


async def test_survey_shows_its_questions(bank) -> None:
    await bank.house.jump("11-24 14:00")
    phone = await bank.member("wm1")
    page = await phone.get("/m/calls")
    assert page.lines[3:10] == [
        "两个小问题。",
        "1. 多久看一次账单？",
        "A. 每天",
        "B. 每月",
        "2. 想学什么？",
        "A. 存款",
        "B. 保险",
    ]
    answer = await reply(phone, page, 0, "AB")
    assert answer.lines[0] == "✅ 已收到：AB。谢谢您的回答！"


async def test_check_in_day_is_opened_with_the_link(bank) -> None:
    await bank.house.jump("11-24 09:00")
    assert await said(bank) == [
        "guided: ☀️ 周二好，客户群的各位！今天的签到开始了。\n"
        "请在成员网页里点“签到”，每天一次。\n21:00 公布人数。\n👉 点开成员网页：（链接）"
    ]


async def reply(phone, page, number, text):
    """What the member reads who writes this into the call's field."""
    fields = dict(page.forms[number][1]) | {"say": text}
    return await phone.post("/m/calls", fields)
