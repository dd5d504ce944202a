"""What members do on the page: once, only for themselves, only after having agreed."""

import asyncio
import json

import pytest
from yarl import URL

from bot.pages.door import SESSION
from sop.consent import terms
from tests.house import FIRST, GUIDED

VERSION = terms("示例银行").version
AGAIN = [
    "请再操作一次",
    "页面放得太久，或在别处重新打开过。请回到首页再操作一次，没有重复提交。",
    "回到首页",
    "示例银行",
]


async def visiting(bank, who="wm1", community=GUIDED):
    """A phone inside, without consent yet."""
    phone = bank.phone()
    await bank.opened(phone, who, bank.link(community))
    return phone


async def deck_of(bank) -> int:
    ((deck,),) = await bank.house.rows("SELECT id FROM deck")
    return deck


async def draws(bank):
    return await bank.house.rows("SELECT member, number, position FROM draw ORDER BY position")


# consent


@pytest.mark.parametrize("path", ["/m/game", "/m/checkin", "/m/points", "/m/draw/1", "/m/invite"])
async def test_who_has_not_agreed_reads_the_terms_first(bank, path) -> None:
    phone = await visiting(bank)
    page = await phone.get(path)
    assert (page.status, page.path, page.lines[0]) == (200, "/m/data", "参加前，请读一读")
    after = await phone.press(page, consent="yes")
    assert (after.status, after.path, after.lines[0]) == (200, path, "谢谢，已记下您的同意。")


@pytest.mark.parametrize("path", ["/m/game", "/m/checkin", "/m/points", "/m/draw/1", "/m/invite"])
async def test_form_of_who_has_not_agreed_does_nothing(bank, path) -> None:
    phone = await visiting(bank)
    key = (await phone.get("/m/data")).field("key")
    fields = {"key": key, "say": "掷", "request": "0" * 32, "number": "1"}
    page = await phone.post(path, fields)
    assert (page.path, page.lines[0]) == ("/m/data", "参加前，请读一读")
    assert await draws(bank) == []
    assert await bank.house.rows("SELECT 1 FROM daily WHERE kind = 'checkin'") == []


async def test_consent_is_given_and_taken_back_with_version_and_time(bank) -> None:
    phone = await bank.member("wm1")
    page = await phone.press(await phone.get("/m/data"), consent="no")
    assert page.lines[:2] == ["已撤回同意，您的奖品照常发放。", "参加前，请读一读"]
    assert (await phone.get("/m/checkin")).path == "/m/data"
    assert (await phone.get("/m/prizes")).status == 200
    assert await bank.house.rows("SELECT member, version, given, at FROM consent") == [
        ("wm1", VERSION, 1, "2026-11-23 01:00:00.000000+00:00"),
        ("wm1", VERSION, 0, "2026-11-23 01:00:00.000000+00:00"),
    ]


async def test_consent_to_other_words_is_none(bank) -> None:
    phone = await visiting(bank)
    key = (await phone.get("/m/data")).field("key")
    page = await phone.post("/m/data", {"key": key, "consent": "yes", "version": "0badc0de"})
    assert page.lines[:2] == ["活动须知刚刚更新了，请再读一遍。", "参加前，请读一读"]
    assert await bank.house.rows("SELECT 1 FROM consent") == []


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/m/../x", "/wecom/app/1", "/m/HOME"]
)
async def test_consent_leads_nowhere_else(bank, elsewhere) -> None:
    phone = await visiting(bank)
    key = (await phone.get("/m/data")).field("key")
    fields = {"key": key, "consent": "yes", "version": VERSION, "next": elsewhere}
    assert (await phone.post("/m/data", fields)).path == "/m/data"


# forms


async def test_form_without_the_key_of_this_session(bank) -> None:
    phone, other = await bank.member("wm1"), await bank.member("wm2")
    theirs = (await other.get("/m/checkin")).field("key")
    for key in ("", "0" * 32, theirs):
        page = await phone.post("/m/checkin", {"key": key})
        assert (page.status, page.lines) == (403, AGAIN)


async def test_form_of_an_old_tab(bank) -> None:
    phone = await bank.member("wm1")
    old = await phone.get("/m/checkin")
    await bank.house.clock.advance_to(bank.house.clock.now().replace(minute=1))
    await bank.opened(phone, "wm2")
    page = await phone.post("/m/checkin", {"key": old.field("key")})
    assert (page.status, page.lines) == (403, AGAIN)


async def test_form_from_another_site(bank) -> None:
    phone = await bank.member("wm1")
    key = (await phone.get("/m/checkin")).field("key")
    headers = {"Origin": "https://evil.example"}
    assert (await phone.post("/m/checkin", {"key": key}, headers=headers)).status == 403
    assert (
        await phone.post("/m/checkin", {"key": key}, headers={"Origin": bank.url})
    ).status == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"key=1&say=" + b"x" * 8192, "application/x-www-form-urlencoded", 413),
        (b'{"key": 1}', "application/json", 403),
        (b"--x\r\n", "multipart/form-data; boundary=x", 403),
        (b"", "application/x-www-form-urlencoded", 403),
        (b"%ff%00=&&&=\xff", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_odd_bodies(bank, body, kind, status) -> None:
    phone = await bank.member("wm1")
    async with phone.session.post(
        bank.url + "/m/checkin", data=body, headers={"Content-Type": kind}
    ) as answer:
        assert answer.status == status


async def test_who_hammers_is_asked_to_rest(bank) -> None:
    phone = await bank.member("wm1")
    key = (await phone.get("/m/checkin")).field("key")
    statuses = [(await phone.post("/m/checkin", {"key": key})).status for _ in range(41)]
    assert statuses == [200] * 39 + [429] * 2  # agreeing was the first


async def test_colleague_cannot_take_part(bank) -> None:
    phone = await visiting(bank, "chen")
    deck = await deck_of(bank)
    key = bank_key(bank, phone)
    for path in ("/m/checkin", f"/m/draw/{deck}", "/m/game", "/m/points", "/m/data", "/m/prizes"):
        fields = {"key": key, "request": "0" * 32, "say": "掷", "number": "1", "ranking": "hide"}
        page = await phone.post(path, fields)
        assert (page.status, page.lines[0]) == (403, "同事只能看")
    assert await draws(bank) == []


def bank_key(bank, phone) -> str:
    from bot.pages.keys import Keys

    (session,) = [one.value for one in phone.session.cookie_jar if one.key == SESSION]
    return Keys("page-secret-of-at-least-32-characters").form_key(session)


async def test_colleague_sees_every_page_without_buttons(bank) -> None:
    phone = await visiting(bank, "chen")
    deck = await deck_of(bank)
    for path in ("home", "game", "checkin", "points", "prizes", "proofs", "data", "invite", "rules",
                 f"draw/{deck}", f"rules/{deck}"):  # fmt: skip
        page = await phone.get(f"/m/{path}")
        assert (page.status, page.forms) == (200, []), path


async def test_member_who_leaves_meanwhile(bank) -> None:
    phone = await bank.member("wm1")
    key = (await phone.get("/m/checkin")).field("key")
    await bank.house.write("UPDATE membership SET left_at = joined_at WHERE member = 'wm1'")
    page = await phone.post("/m/checkin", {"key": key})
    assert (page.status, page.lines[0]) == (403, "您已不在这个群里")
    assert await bank.house.rows("SELECT 1 FROM daily WHERE kind = 'checkin'") == []


# checking in


async def test_check_in_once_a_day(either_bank) -> None:
    bank = either_bank
    phone = await bank.member("wm1")
    page = await phone.get("/m/checkin")
    first = await phone.press(page, key=page.field("key"))
    again = await phone.post("/m/checkin", {"key": page.field("key")})
    assert (first.lines[0], again.lines[0]) == (
        "✅ 签到成功，今天是第 1 天，明天继续。",
        "今天已经签到过了，连续签到 1 天，明天再来。",
    )
    assert first.lines[1:6] == ["签到", "连续签到", "1 天", "本月", "1 天"]
    assert "今天签到" not in first.lines
    rows = await bank.house.rows("SELECT member, n FROM daily WHERE kind = 'checkin'")
    assert rows == [("wm1", 1)]


async def test_answer_is_shown_once(bank) -> None:
    phone = await bank.member("wm1")
    page = await phone.get("/m/checkin")
    await phone.press(page, key=page.field("key"))
    assert (await phone.get("/m/checkin")).lines[0] == "签到"


# drawing


async def test_draw_is_made_and_shown_with_its_proof(bank) -> None:
    phone = await bank.member("wm1")
    deck = await deck_of(bank)
    before = await phone.get(f"/m/draw/{deck}")
    after = await phone.press(before, request=before.field("request"))
    ((code, receipt, commitment),) = await bank.house.rows(
        "SELECT code, receipt, commitment FROM draw JOIN deck ON deck.id = draw.deck"
    )
    ((prize, yuan),) = await bank.house.rows("SELECT prize, amount_fen FROM award")
    amount = f"{yuan // 100}.{yuan % 100:02}"
    assert before.lines[:6] == [
        "见面礼", "张张有奖", "还剩 3/3 张", "抽一张", "您还有 1 次机会", "奖品与概率",
    ]  # fmt: skip
    assert after.lines[:9] == [
        "见面礼",
        "第 1/3 张",
        "恭喜抽中",
        f"{amount} 元",
        prize,
        "张张有奖",
        "还剩 2/3 张",
        "您这一期的机会用完了，奖品在我的奖品里。",
        "我的凭证",
    ]
    assert {code, receipt, commitment} <= set(after.lines)
    assert await draws(bank) == [("wm1", 1, 0)]


async def test_one_request_sent_at_once_from_two_devices_is_one_draw(either_bank) -> None:
    bank = either_bank
    one, two = await bank.member("wm1"), await bank.member("wm1")
    deck = await deck_of(bank)
    form = await one.get(f"/m/draw/{deck}")
    other = await two.get(f"/m/draw/{deck}")
    sent = [
        one.post(f"/m/draw/{deck}", dict(form.forms[0][1])),
        one.post(f"/m/draw/{deck}", dict(form.forms[0][1])),
        two.post(f"/m/draw/{deck}", dict(other.forms[0][1])),
        two.post(f"/m/draw/{deck}", dict(other.forms[0][1])),
    ]
    pages = await asyncio.gather(*sent)
    assert [(page.status, page.path) for page in pages] == [(200, f"/m/draw/{deck}")] * 4
    assert all("您这一期的机会用完了，奖品在我的奖品里。" in page.lines for page in pages)
    assert await draws(bank) == [("wm1", 1, 0)]
    assert await bank.house.rows("SELECT count(*) FROM award") == [(1,)]


async def test_last_card_for_three_at_once(either_bank) -> None:
    bank = either_bank
    await bank.house.join("wm4", community=GUIDED)
    phones = [await bank.member(one) for one in ("wm1", "wm2", "wm4")]
    deck = await deck_of(bank)
    forms = [(await phone.get(f"/m/draw/{deck}")).forms[0][1] for phone in phones]
    sent = [
        phone.post(f"/m/draw/{deck}", dict(form)) for phone, form in zip(phones, forms, strict=True)
    ]
    pages = await asyncio.gather(*sent)
    assert sorted(page.lines[1] for page in pages) == ["第 1/3 张", "第 2/3 张", "第 3/3 张"]
    assert [number for _, number, _ in await draws(bank)] == [1, 1, 1]


@pytest.mark.parametrize("request_key", ["", "short", "G" * 32, "0" * 33])
async def test_draw_without_a_request_of_ours(bank, request_key) -> None:
    phone = await bank.member("wm1")
    deck = await deck_of(bank)
    key = (await phone.get(f"/m/draw/{deck}")).field("key")
    page = await phone.post(f"/m/draw/{deck}", {"key": key, "request": request_key})
    assert (page.status, page.lines[0]) == (400, "没有抽成")
    assert await draws(bank) == []


@pytest.mark.parametrize("number", ["0", "999", "x", "9" * 30, "-1", "%C2%B2"])
async def test_deck_that_is_not_there(bank, number) -> None:
    phone = await bank.member("wm1")
    page = await phone.get(f"/m/draw/{number}")
    assert (page.status, page.lines[0]) == (404, "没有这个抽奖")


async def test_deck_of_another_community(bank) -> None:
    phone = await bank.member("wm1")
    deck = await deck_of(bank)
    await bank.house.write("UPDATE deck SET community = 'second'")
    for path in (f"/m/draw/{deck}", f"/m/rules/{deck}"):
        assert (await phone.get(path)).status == 404
    key = bank_key(bank, phone)
    page = await phone.post(f"/m/draw/{deck}", {"key": key, "request": "0" * 32})
    assert page.status == 404
    assert await draws(bank) == []


async def test_rules_are_the_public_notice_with_the_odds(bank) -> None:
    phone = await bank.member("wm1")
    deck = await deck_of(bank)
    lines = (await phone.get(f"/m/rules/{deck}")).lines
    table = lines[lines.index("奖品与概率") :]
    assert table[:10] == [
        "奖品与概率", "奖品", "数量", "每张概率",
        "大红包 8.88 元", "1", "33.33%", "小红包 1.88 元", "2", "66.67%",
    ]  # fmt: skip
    assert lines[:3] == ["见面礼", "见面礼来了。", "怎么抽"]
    assert lines[lines.index("主办方") :][:3] == [
        "主办方",
        "示例银行",
        "1. 群成员均可参加，每人一次。",
    ]


# games


async def test_game_in_a_group_that_the_bot_cannot_hear(bank) -> None:
    house = bank.house
    await house.jump("11-23 19:30")
    *_, script, opening, card = await house.owed()
    assert script.startswith("chen: 🎮 **掷骰子**　客户群　主持稿\n👉 点开成员网页：")
    text, _, link = opening.partition(f"{bank.url}/m/")
    assert text.splitlines()[-2:] == [
        "这一局在网页上玩，群里发的消息我听不到。",
        "👉 点开成员网页：",
    ]
    assert card.startswith("guided: 客户群｜上面的话术请转发到群里")
    phone = await bank.member("wm1")
    assert (await bank.opened(phone, "wm1", f"/m/{link}")).path == "/m/home"
    page = await phone.get("/m/game")
    moved = await phone.press(page, say="掷")
    assert moved.lines[0].startswith("🎲 ")
    assert "已有 1 人掷过，到点公布排名。" in moved.lines
    assert await house.owed() == []
    await house.jump("11-23 19:40")
    assert await house.owed() == [
        "guided: 🏁 掷骰子，结束！\n1 人参加，排名如下：\n🥇 陈晓雯　9 点（4 + 5）",
        "chen: 掷骰子·第 1 段｜请把上面的话转发到“客户群”，21:40 前发才有用。"
        "［已发 piece|sent|1］［跳过 piece|skipped|1］",
    ]
    ended = await phone.get("/m/game")
    assert "本局已结束。" in ended.lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请先写下您的回答。"),
        ("随便说说", "这句话不算作答，请照下面的要求再写一次。"),
    ],
)
async def test_words_that_are_no_move(bank, text, said) -> None:
    await bank.house.jump("11-23 19:30")
    phone = await bank.member("wm1")
    page = await phone.get("/m/game")
    answer = await phone.post("/m/game", {"key": page.field("key"), "say": text})
    assert answer.lines[0] == said


async def test_answer_of_four_kilobytes(bank) -> None:
    await bank.house.jump("11-23 19:30")
    phone = await bank.member("wm1")
    key = (await phone.get("/m/game")).field("key")
    page = await phone.post("/m/game", {"key": key, "say": "长" * 800})
    assert (page.status, page.lines[0]) == (413, "写得太长了")


async def test_round_that_ended_before_the_button_was_pressed(bank) -> None:
    await bank.house.jump("11-23 19:30")
    phone = await bank.member("wm1")
    page = await phone.get("/m/game")
    await bank.house.jump("11-23 19:41")
    late = await phone.press(page, say="掷")
    assert late.lines[0] == "这一局已经结束了。"


async def test_part_of_the_page_that_is_fetched_anew(bank) -> None:
    await bank.house.jump("11-23 19:30")
    phone = await bank.member("wm1")
    part = await phone.get("/m/game?part=live")
    assert "<html" not in part.html
    assert part.forms[0][0] == "/m/game"


# my data


async def test_my_data_as_a_file(bank) -> None:
    phone = await bank.member("wm1")
    page = await phone.get("/m/data?format=json")
    assert page.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    found = {title: rows for title, rows in json.loads(page.html).items() if rows}
    assert found == {
        "昵称": [{"id": "wm1", "name": "陈晓雯", "first_seen": "2026-11-23 01:00:00+00:00"}],
        "入群和离群": [
            {
                "community": "guided",
                "joined_at": "2026-11-23 01:00:00+00:00",
                "left_at": None,
                "via": "",
                "invitor": "",
            }
        ],
        "每天的活跃次数": [
            {
                "community": "guided",
                "day": "2026-11-23",
                "kind": "join",
                "n": 1,
                "last_at": "2026-11-23 01:00:00+00:00",
            }
        ],
        "活跃记录": [{"community": "guided", "kind": "join", "at": "2026-11-23 01:00:00+00:00"}],
        "同意与撤回": [{"version": VERSION, "given": True, "at": "2026-11-23 01:00:00+00:00"}],
        "个人信息告知": [{"at": "2026-11-23 01:00:00+00:00"}],
    }


async def test_hostile_name_is_text(bank) -> None:
    hostile = '\u202e<img src=x onerror="alert(1)">\u200b{{ 7*7 }}=cmd|A1!`' + "长" * 4000
    await bank.house.write(f"UPDATE member SET name = '{hostile}' WHERE id = 'wm1'")
    phone = await bank.member("wm1")
    for path in ("home", "data", "game", "prizes", "checkin"):
        page = await phone.get(f"/m/{path}")
        assert "<img" not in page.html
        assert "49" not in page.lines[0]
        assert len(page.html) < 20_000
    assert (await phone.get("/m/home")).lines[0] == "＜img src=x…，您好"


async def test_first_community_is_another_place(bank) -> None:
    phone = await bank.member("wm3", FIRST)
    assert URL(bank.url).host == "127.0.0.1"
    assert (await phone.get("/m/home")).lines[0] == "群友，您好"
