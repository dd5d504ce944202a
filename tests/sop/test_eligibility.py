"""Who may draw, after doing what; and the line that tells a member what a deed has opened."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.house import FESTIVAL, House, library_of, opened

GIFT: Mapping[str, Any] = {**FESTIVAL, "campaign": "gift", "title": "小礼", "round": "standing"}
SURVEY: Mapping[str, Any] = {
    "plan": "asking",
    "title": "小问卷",
    "applies_to": {"labels": ["first"]},
    "week": {
        "tuesday": [
            {
                "id": "ask",
                "at": "12:10",
                "vote": {
                    "subject": "考什么",
                    "text": "您来定。",
                    "options": ["存款", "防骗"],
                    "open_for": "2h",
                },
            }
        ]
    },
}
NOON = "11-24 12:00"
NOT_CHOSEN = "“小礼”这次只面向收到邀请的群友，您不在这次的名单里，请留意群里后面的活动。"
OLD = {"segment": "old", "title": "老朋友", "who": {"joined_before": "14d"}}
LONG_AGO = "UPDATE membership SET joined_at = '2026-11-01 04:00:00.000000+00:00'"


def gift(**more: Any) -> Mapping[str, Any]:
    return {**GIFT, **more}


async def answer(house: House, member: str = "wm1") -> str:
    """The first line of what a member hears who wants to draw."""
    await house.owed()
    return (await house.say(member, "抽奖"))[0].split("\n")[0].removeprefix("回答: ")


def won(text: str) -> bool:
    return text.startswith("🎉 小礼：恭喜抽中")


@pytest.mark.parametrize(
    ("who", "says", "line"),
    [
        ({"customers_only": True}, "“小礼”只面向本行客户：请先加群内客户经理为好友，再来参加。",
         "本行客户；本行及合作方工作人员不参加"),
        ({"member_for": "7d"}, "入群满 7 天就能参加“小礼”，再等 7 天。",
         "入群满 7 天的群成员；本行及合作方工作人员不参加"),
        ({"tags": ["老友"]}, NOT_CHOSEN,
         "收到邀请的群成员；本行及合作方工作人员不参加"),
    ],
)  # fmt: skip
async def test_who_does_not_belong_is_told_what_to_do(
    sqlite_url: str, who: Mapping[str, Any], says: str, line: str
) -> None:
    async with opened(sqlite_url, NOON, library_of(gift(who=who))) as house:
        (notice, *_) = await house.owed()
        assert notice.split("\n")[4] == f"**谁参加**　{line}"
        await house.join("wm1")
        assert await answer(house) == says
        assert await house.rows("SELECT count(*) FROM draw") == [(0,)]


@pytest.mark.parametrize(
    ("who", "change"),
    [
        (
            {"customers_only": True},
            "INSERT INTO relation (staff, member, state, since)"
            " VALUES ('li', 'wm1', '', '2026-11-24 00:00:00.000000+00:00')",
        ),
        (
            {"member_for": "7d"},
            "UPDATE membership SET joined_at = '2026-11-17 04:00:00.000000+00:00'",
        ),
        (
            {"tags": ["老友"]},
            "INSERT INTO tag (member, tag, added_by, reason, added_at)"
            " VALUES ('wm1', '老友', 'li', '', '2026-11-24 00:00:00.000000+00:00')",
        ),
        ({"joined_within": "7d"}, "UPDATE membership SET left_at = NULL"),
    ],
)
async def test_who_belongs_draws(sqlite_url: str, who: Mapping[str, Any], change: str) -> None:
    async with opened(sqlite_url, NOON, library_of(gift(who=who))) as house:
        await house.join("wm1")
        await house.write(change)
        assert won(await answer(house))


@pytest.mark.parametrize(
    "who",
    [
        {"segment": "old"},
        {"conditions": {"joined_before": "14d"}},
        {"conditions": {"segment": "old", "active_within": "1d"}},
    ],
)
async def test_draw_for_a_segment_is_judged_as_it_stands_at_the_draw(
    sqlite_url: str, who: Mapping[str, Any]
) -> None:
    async with opened(sqlite_url, NOON, library_of(gift(who=who), OLD)) as house:
        (notice, *_) = await house.owed()
        assert notice.split("\n")[4] == "**谁参加**　收到邀请的群成员；本行及合作方工作人员不参加"
        await house.join("wm1")
        assert await answer(house) == NOT_CHOSEN
        await house.write(LONG_AGO)
        assert won(await answer(house))


async def test_draw_for_a_segment_is_by_what_was_published(sqlite_url: str) -> None:
    campaign = gift(who={"segment": "old"})
    async with opened(sqlite_url, NOON, library_of(campaign, OLD)) as house:
        await house.join("wm1")
        await house.write(LONG_AGO)
        harder = {**OLD, "who": {"joined_before": "60d"}}
        house.due = replace(house.due, library=library_of(campaign, harder))
        await house.work()
        assert won(await answer(house))


async def test_draw_for_a_segment_tells_who_opted_out_why_not(sqlite_url: str) -> None:
    library = library_of(gift(who={"segment": "old"}), OLD)
    async with opened(sqlite_url, NOON, library) as house:
        await house.join("wm1")
        await house.write(LONG_AGO)
        await house.say("wm1", "退出统计")
        assert await answer(house) == (
            "您退出了统计，看不出“小礼”是不是面向您；想参加，请先发“@群运 恢复统计”。"
        )


async def test_old_member_does_not_get_the_newcomers_gift(sqlite_url: str) -> None:
    async with opened(sqlite_url, NOON, library_of(gift(who={"joined_within": "7d"}))) as house:
        await house.join("wm1")
        await house.jump("12-01 12:00:01")
        assert await answer(house) == "“小礼”是给入群 7 天内的新朋友的见面礼。"


async def test_member_of_another_campaign_does_not_draw_again(sqlite_url: str) -> None:
    other = gift(campaign="other", title="别的", keyword="抽别的")
    library = library_of(gift(who={"not_in": ["other"]}), other)
    async with opened(sqlite_url, NOON, library) as house:
        await house.say("wm1", "抽别的")
        assert await answer(house) == "您参加过同一批的另一个活动，“小礼”就不重复参加了。"
        assert won(await answer(house, "wm2"))


async def test_colleague_with_a_customer_account_wins_nothing(sqlite_url: str) -> None:
    async with opened(sqlite_url, NOON, library_of(GIFT)) as house:
        li = replace(house.settings.staff["li"], customer_ids=frozenset({"wmLi"}))
        chosen = replace(house.settings, staff={**house.settings.staff, "li": li})
        house.due = replace(house.due, settings=chosen)
        assert await answer(house, "wmLi") == (
            "谢谢捧场！本行工作人员不参加“小礼”，把机会留给群友吧。"
        )


async def test_days_of_check_in_are_counted_by_date(sqlite_url: str) -> None:
    condition = {"checked_in": {"days": 2, "within": "7d"}}
    async with opened(sqlite_url, NOON, library_of(gift(condition=condition))) as house:
        (notice, _) = await house.owed()
        assert notice.split("\n")[3] == (
            "**怎么抽**　先在 7 天内签到 2 天，再发“@群运 抽奖”，每人一次。"
        )
        assert await answer(house) == "再签到 2 天就能抽“小礼”啦，发“@群运 签到”。"
        (first,) = await house.say("wm1", "签到")
        assert "🎁" not in first
        assert await answer(house) == "再签到 1 天就能抽“小礼”啦，发“@群运 签到”。"
        await house.jump("11-25 12:00")
        (second,) = await house.say("wm1", "签到")
        assert second.split("\n")[-1] == "🎁 现在可以抽一次“小礼”了，发“@群运 抽奖”。"
        assert won(await answer(house))
        await house.jump("11-26 12:00")
        (third,) = await house.say("wm1", "签到")
        assert "🎁" not in third


async def test_check_in_that_opens_nothing_new_says_nothing(sqlite_url: str) -> None:
    condition = {"checked_in": {"days": 1, "within": "7d"}}
    async with opened(sqlite_url, NOON, library_of(gift(condition=condition))) as house:
        await house.owed()
        assert "🎁" in (await house.say("wm1", "签到"))[0]
        await house.jump("11-25 12:00")
        assert "🎁" not in (await house.say("wm1", "签到"))[0]


async def test_reply_to_the_right_step_opens_the_draw(sqlite_url: str) -> None:
    library = library_of(SURVEY, gift(condition={"answered": "asking/ask"}))
    async with opened(sqlite_url, "11-24 12:09", library) as house:
        await house.until("11-24 12:10")
        assert await answer(house) == "先答一答群里的小问卷，就能抽“小礼”啦，留意群里的通知。"
        (reply,) = await house.say("wm1", "投票 1")
        assert reply.split("\n")[-1] == "🎁 现在可以抽一次“小礼”了，发“@群运 抽奖”。"
        assert won(await answer(house))


async def test_game_that_ends_tells_its_players_of_the_draw(sqlite_url: str) -> None:
    library = library_of(gift(condition={"played_within": "7d"}))
    async with opened(sqlite_url, NOON, library) as house:
        await house.owed()
        await house.say("li", "开局 dice")
        await house.say("wm1", "掷")
        closing, *_ = await house.say("li", "结束")
        assert closing.split("\n")[-1] == (
            "🎁 玩过这一局的群友：现在可以抽一次“小礼”了，发“@群运 抽奖”。"
        )


async def test_invited_friends_count_from_the_rounds_beginning(sqlite_url: str) -> None:
    waiver = [{"rule": "draw.referral", "reason": "法务已书面确认，只面向本行客户"}]
    library = library_of(gift(condition={"invited": 1}, waive=waiver))
    async with opened(sqlite_url, NOON, library) as house:
        assert await answer(house) == "再有 1 位您介绍的朋友住满日子，就能抽“小礼”啦。"
        credited = (
            "INSERT INTO referral (community, inviter, invited, code, status, reason, day,"
            " joined_at) VALUES ('first', 'wm1', 'wm{0}', 'c', 'credited', '', '2026-11-24', '{1}')"
        )
        await house.write(credited.format(8, "2026-11-20 00:00:00.000000+00:00"))
        assert await answer(house) == "再有 1 位您介绍的朋友住满日子，就能抽“小礼”啦。"
        await house.write(credited.format(9, "2026-11-25 00:00:00.000000+00:00"))
        assert won(await answer(house))
