"""Members chosen, written to, labelled and followed up, through the whole program."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.house import GUIDED, House, content, library_of, opened

SLEEPING = {"segment": "sleeping", "title": "沉睡成员", "who": {"silent_for": "14d"}}
RULE = {"tag": "沉睡预警", "reason": "14 天没有参与", "who": {"silent_for": "14d"}}
MONDAY = "week/care/2026-11-23/first"


def plan(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan for the first community, every Monday at 10."""
    each = [{"at": "10:00", "title": "关怀", **one} for one in steps]
    return {
        "plan": "week",
        "title": "一周",
        "applies_to": {"labels": ["first"]},
        "week": {"monday": each},
        **more,
    }


CARE = {"id": "care", "message": {"text": "好久不见。", "to": {"segment": "sleeping"}}}


async def members(house: House, *who: str) -> None:
    """They join on 1 November and do nothing."""
    await house.join(*who)
    for one in who:
        await house.write(f"UPDATE member SET name = '名{one[2:]}' WHERE id = '{one}'")
    await house.write("UPDATE membership SET joined_at = '2026-11-01 00:00:00.000000+00:00'")
    await house.owed()


@pytest.fixture
async def caring(database_url: str) -> AsyncIterator[House]:
    """Sunday evening: two members sleep, one spoke lately; the two are written to on Monday."""
    library = library_of(plan(CARE), SLEEPING)
    async with opened(database_url, "11-22 20:00", library) as house:
        await members(house, "wm1", "wm2", "wm3")
        await house.say("wm3", "大家好")
        yield house


async def test_message_is_handed_over_and_confirmed(caring: House) -> None:
    await caring.until("11-23 10:00")
    note, text, card = await caring.owed()
    assert note == (
        "li: 💌 **关怀**　一群\n请私信这 2 位成员（人群“沉睡成员”），话术在下面：\n"
        "1. 名1\n2. 名2\n> 不想再收私信的成员，请发：标签 名字 勿扰"
    )
    assert text == "li: 好久不见。"
    assert card == (
        "li: 关怀｜都发完了，请点“已发”；不发，请点“跳过”。"
        f"［已发 sent|{MONDAY}］［跳过 drop|{MONDAY}］"
    )
    waits = await caring.say("li", "今日", None)
    assert "📨 已交给客户经理 10:00，待确认" in waits[0]
    assert "请把“关怀”按名单发出去，再点卡片上的“已发”" in waits[0]
    assert await caring.press("li", f"sent|{MONDAY}") == ["卡片: 已发，谢谢"]
    assert await caring.press("li", f"drop|{MONDAY}") == ["卡片: 已经发过了"]
    assert "✅ 已发 10:00" in (await caring.say("li", "今日", None))[0]
    assert await caring.rows("SELECT member, occurrence FROM private_message ORDER BY member") == [
        ("wm1", MONDAY),
        ("wm2", MONDAY),
    ]


async def test_message_comes_again_a_week_later_to_those_who_still_sleep(caring: House) -> None:
    await caring.until("11-23 10:00")
    await caring.say("wm2", "我在")
    await caring.owed()
    await caring.until("11-30 10:00")
    note, *_ = await caring.owed()
    assert note.split("\n")[2:3] == ["1. 名1"]


@pytest.mark.parametrize("answer", ["press", "command"])
async def test_message_that_was_not_sent_counts_for_nothing(caring: House, answer: str) -> None:
    await caring.until("11-23 10:00")
    await caring.owed()
    if answer == "press":
        assert await caring.press("li", f"drop|{MONDAY}") == ["卡片: 已跳过"]
        assert await caring.press("li", f"drop|{MONDAY}") == ["卡片: 已跳过"]
        assert await caring.row(MONDAY) == ("skipped", "客户经理选择跳过")
    else:
        await caring.press("li", f"skip|{MONDAY}")
        assert await caring.row(MONDAY) == ("done", "")
        await caring.press("li", f"drop|{MONDAY}")
    assert await caring.rows("SELECT * FROM private_message") == []


async def test_message_dropped_and_undone_is_handed_over_again(caring: House) -> None:
    await caring.until("11-23 10:00")
    first = await caring.owed()
    await caring.press("li", f"drop|{MONDAY}")
    await caring.jump("11-23 10:02")
    _, *again = await caring.say("li", "撤销", None)
    assert again == first
    assert await caring.rows("SELECT COUNT(*) FROM private_message") == [(2,)]


async def test_undisturbed_members_are_left_alone(caring: House) -> None:
    for name in ("名1", "名2"):
        await caring.say("li", f"标签 {name} 勿扰", None)
    await caring.until("11-23 10:00")
    assert (await caring.owed())[2:] == []
    assert await caring.row(MONDAY) == ("skipped", "现在没有符合条件的成员")


async def test_journey_after_joining(database_url: str) -> None:
    steps = [
        {
            "id": "hello",
            "at": "10:00",
            "title": "问候",
            "message": {"text": "{{ member }}，欢迎。"},
        },
        {"id": "label", "at": "10:05", "tag": {"name": "新朋友", "reason": "{{ date }}入群"}},
        {"id": "call", "at": "10:10", "title": "回访", "follow_up": {"reason": "聊聊需求"}},
    ]
    journey = plan(
        content("idle", "9:00"), after_join={"0": steps, "1": [{**steps[0], "id": "again"}]}
    )
    async with opened(database_url, "11-24 08:00", library_of(journey)) as house:
        await house.join("wm1")
        await house.write("UPDATE member SET name = '小周' WHERE id = 'wm1'")
        await house.owed()
        await house.until("11-24 12:00")
        assert [one.split("\n")[0] for one in await house.owed()] == [
            "li: 💌 **问候**　一群",
            "li: 小周，欢迎。",
            "li: 问候｜都发完了，请点“已发”；不发，请点“跳过”。"
            "［已发 sent|week/hello/2026-11-24/first］［跳过 drop|week/hello/2026-11-24/first］",
            "li: 📞 **回访**　一群",
        ]
        await house.until("11-26 12:00")
        again = await house.owed()
        assert [one for one in again if "欢迎" in one] == ["li: 小周，欢迎。"]
        assert await house.rows("SELECT tag, added_by, reason FROM tag") == [
            ("新朋友", "week/label", "11月24日入群")
        ]
        assert await house.rows("SELECT key, staff FROM follow_up") == [
            ("week/call/2026-11-24/first/wm1", "li")
        ]


async def test_thanks_name_the_active(database_url: str) -> None:
    thanks = {"id": "care", "at": "18:00", "thanks": {"top": 1}}
    async with opened(database_url, "11-23 09:00", library_of(plan(thanks))) as house:
        await members(house, "wm1", "wm2", "wm3", "wm4")
        for who in ("wm1", "wm2", "wm1", "wm2", "wm3"):
            await house.say(who, "大家好")
        await house.owed()
        await house.until("11-23 18:00")
        assert await house.owed() == [
            "first: 💐 **本周感谢这些热心的群友**\n名1、名2\n谢谢大家，下次见！"
        ]


async def test_moment_is_handed_over(database_url: str) -> None:
    moment = {"id": "care", "moment": {"text": "{{ weekday }}好"}}
    async with opened(database_url, "11-23 09:00", library_of(plan(moment))) as house:
        await house.until("11-23 10:00")
        note, text, card = await house.owed()
        assert note.startswith("li: 📷 **关怀**　一群\n")
        assert text == "li: 周一好"
        assert card.endswith(f"［跳过 drop|{MONDAY}］")


# --- labels by night


@pytest.fixture
async def labelling(database_url: str) -> AsyncIterator[House]:
    """Sunday evening: two members sleep, one spoke lately."""
    library = library_of(plan(content("idle", "9:00")), RULE)
    async with opened(database_url, "11-22 20:00", library) as house:
        await members(house, "wm1", "wm2", "wm3")
        await house.say("wm3", "大家好")
        await house.owed()
        yield house


WORN = "SELECT member, added_by, reason FROM tag WHERE removed_at IS NULL ORDER BY member"
BY_RULE = (
    "rule:沉睡预警",
    "14 天没有参与：入群 21 天，一直没有活跃行为（至少 14 天），2026-11-23",
)


async def test_rule_labels_at_half_past_three(labelling: House) -> None:
    await labelling.until("11-23 03:29")
    assert await labelling.rows(WORN) == []
    await labelling.until("11-23 03:31")
    assert await labelling.rows(WORN) == [("wm1", *BY_RULE), ("wm2", *BY_RULE)]
    assert await labelling.rows("SELECT added_at FROM tag LIMIT 1") == await labelling.rows(
        "SELECT at FROM watermark WHERE name = 'labels/first'"
    )


async def test_rule_follows_what_members_do(labelling: House) -> None:
    await labelling.until("11-23 04:00")
    await labelling.say("wm1", "我回来了")
    await labelling.until("11-24 04:00")
    assert await labelling.rows(WORN) == [("wm2", *BY_RULE)]
    assert await labelling.rows("SELECT member, removed_by FROM tag ORDER BY member") == [
        ("wm1", "rule:沉睡预警"),
        ("wm2", None),
    ]


async def test_rule_gives_way_to_people(labelling: House) -> None:
    await labelling.say("li", "标签 名3 沉睡预警", None)
    await labelling.until("11-23 04:00")
    await labelling.say("li", "去标签 名1 沉睡预警", None)
    await labelling.until("11-25 04:00")
    assert await labelling.rows(WORN) == [
        ("wm2", *BY_RULE),
        ("wm3", "li", "李静手动添加"),
    ]


async def test_rule_makes_up_for_many_nights_once(labelling: House) -> None:
    await labelling.jump("11-26 15:00")
    reason = "14 天没有参与：入群 25 天，一直没有活跃行为（至少 14 天），2026-11-26"
    assert await labelling.rows(WORN) == [
        ("wm1", "rule:沉睡预警", reason),
        ("wm2", "rule:沉睡预警", reason),
    ]
    await labelling.write("UPDATE tag SET removed_at = added_at, removed_by = 'rule:沉睡预警'")
    await labelling.jump("11-26 23:59")
    assert await labelling.rows(WORN) == []
    await labelling.jump("11-27 03:30")
    assert len(await labelling.rows(WORN)) == 2


async def test_rule_serves_a_member_of_two_groups_once(labelling: House) -> None:
    await labelling.join("wm1", community=GUIDED)
    await labelling.until("11-24 04:00")
    assert await labelling.rows("SELECT member, removed_by FROM tag ORDER BY member") == [
        ("wm1", None),
        ("wm2", None),
    ]


async def test_clock_has_nothing_to_wait_for_without_rules(database_url: str) -> None:
    async with opened(database_url, "11-22 20:00", library_of(SLEEPING)) as house:
        assert await house.calendar.next_due() is None


async def test_clock_waits_for_the_night_where_there_are_rules(database_url: str) -> None:
    async with opened(database_url, "11-22 20:00", library_of(RULE)) as house:
        due = await house.calendar.next_due()
        assert due is not None
        assert f"{due.astimezone(house.settings.zone):%m-%d %H:%M}" == "11-23 03:30"


# --- what members get privately is no message to the group


async def test_private_messages_leave_the_groups_day_to_the_group(database_url: str) -> None:
    steps = [
        {"id": "care", "message": {"text": "您好。"}},
        {"id": "mark", "at": "10:01", "tag": {"name": "老友", "reason": "老友"}},
        {"id": "pyq", "at": "10:02", "moment": {"text": "周一好"}},
        content("first", "10:03", title="一"),
        content("second", "10:04", title="二"),
    ]
    library = library_of(plan(*steps, daily_cap=1))
    async with opened(database_url, "11-22 20:00", library) as house:
        await members(house, "wm1")
        await house.until("11-23 11:00")
        query = "SELECT step, status, reason FROM occurrence ORDER BY due_at"
        assert await house.rows(query) == [
            ("care", "done", ""),
            ("mark", "done", ""),
            ("pyq", "done", ""),
            ("first", "done", ""),
            ("second", "skipped", "已到每日上限 1 条"),
        ]


async def test_variant_without_members_leaves_the_others_theirs(database_url: str) -> None:
    each = {name: {"message": {"text": name, "to": {"tags": [name]}}} for name in ("甲", "乙")}
    variants = {"a": each["甲"], "b": each["乙"]}
    library = library_of(plan({"id": "care", "variants": variants}))
    async with opened(database_url, "11-22 20:00", library) as house:
        people = [f"wm{number}" for number in range(6)]
        await members(house, *people)
        for one in people:
            await house.write(
                "INSERT INTO tag (member, tag, added_by, reason, added_at)"
                f" VALUES ('{one}', '乙', 'li', '', '2026-11-01 00:00:00.000000+00:00')"
            )
        await house.until("11-23 10:00")
        note, text, _ = await house.owed()
        assert note.split("\n")[0] == "li: 💌 **关怀（版本 b）**　一群"
        assert text == "li: 乙"
        assert await house.row(MONDAY) == ("done", "")
