"""Chances: in all and a day, over midnight, for the last card, and asked for twice by a page."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.letters import Origin
from sop import lottery
from sop.effects import Effect, Reply
from sop.library import Library
from tests.house import FESTIVAL, FIRST, SECOND, House, library_of, opened

ALWAYS: Mapping[str, Any] = {
    **FESTIVAL,
    "campaign": "always",
    "title": "天天抽",
    "round": "standing",
    "budget": "20.00",
    "deck": [{"prize": "红包", "amount": "1.00", "count": 20}],
}
NOT_OPEN = "回答: 现在没有进行中的抽奖，请留意群里的预告。"


def always(**more: Any) -> Mapping[str, Any]:
    return {**ALWAYS, **more}


async def heads(house: House, member: str, times: int) -> list[str]:
    """The first line of each answer."""
    return [(await house.say(member, "抽奖"))[0].split("\n")[0] for _ in range(times)]


WON = "回答: 🎉 天天抽：恭喜抽中 **红包 1.00 元**！"


async def test_chances_in_all_are_all_there_are(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(always(chances=3))) as house:
        await house.owed()
        spent = (
            "回答: 您的 3 次机会都用完了，抽中“红包 1.00 元”、“红包 1.00 元”、“红包 1.00 元”。"
            "发“@群运 我的奖品”可查。"
        )
        assert await heads(house, "wm1", 5) == [WON, WON, WON, spent, spent]
        assert await house.rows("SELECT member, number FROM draw ORDER BY number") == [
            ("wm1", 1),
            ("wm1", 2),
            ("wm1", 3),
        ]


async def test_chances_a_day_begin_anew_at_the_communitys_midnight(sqlite_url: str) -> None:
    library = library_of(always(chances={"total": 3, "per_day": 1}))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        await house.jump("11-25 23:59:59")
        await house.owed()
        tomorrow = "回答: 今天的 1 次机会用完了，明天再来抽“天天抽”，您一共还有 {} 次。"
        assert await heads(house, "wm1", 2) == [WON, tomorrow.format(2)]
        await house.jump("11-26 00:00")
        assert await heads(house, "wm1", 2) == [WON, tomorrow.format(1)]
        assert await house.rows("SELECT day, number FROM draw ORDER BY number") == [
            ("2026-11-25", 1),
            ("2026-11-26", 2),
        ]


async def test_notice_says_how_often(sqlite_url: str) -> None:
    library = library_of(always(chances={"total": 3, "per_day": 1}))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        (notice, _) = await house.owed()
        assert notice.split("\n")[3] == "**怎么抽**　发“@群运 抽奖”，每人 3 次，每天 1 次。"


async def draw_from(house: House, member: str, deck: int, request: str, at: str = FIRST) -> str:
    """A request of the member page: its answer."""

    def work(tx: Any) -> list[Effect]:
        now = house.clock.now()
        facts = house.due.facts(tx)
        community = facts.community(at)
        assert community is not None
        effects = lottery.draw_from(facts, community, member, deck, request, now)
        kept = [one for one in effects if not isinstance(one, Reply)]
        house.due.runtime.apply(tx, kept, Origin(f"page/{member}/{request}", now))
        return effects

    (reply,) = [one for one in await house.database.write(work) if isinstance(one, Reply)]
    return reply.text.split("\n")[0]


async def test_page_asked_twice_draws_once(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(always(chances=2))) as house:
        await house.join("wm1")
        first = await draw_from(house, "wm1", 1, "r1")
        again = await draw_from(house, "wm1", 1, "r1")
        assert (first, again) == (
            "🎉 天天抽：恭喜抽中 **红包 1.00 元**！",
            "恭喜抽中 **红包 1.00 元**！发“@群运 我的奖品”可查。",
        )
        assert await draw_from(house, "wm1", 1, "r2") == first
        assert await draw_from(house, "wm1", 1, "r3") == (
            "您的 2 次机会都用完了，抽中“红包 1.00 元”、“红包 1.00 元”。发“@群运 我的奖品”可查。"
        )
        assert await house.rows("SELECT number, request FROM draw ORDER BY number") == [
            (1, "r1"),
            (2, "r2"),
        ]


@pytest.mark.parametrize(
    ("who", "deck", "answer"),
    [
        ("wmGone", 1, "您现在不在“一群”里，请先回到群里再来。"),
        ("wmStranger", 1, "您现在不在“一群”里，请先回到群里再来。"),
        ("wm1", 99, "这一期已经结束了，下次请早。"),
    ],
)
async def test_page_of_somebody_or_something_gone_is_refused(
    sqlite_url: str, who: str, deck: int, answer: str
) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(always())) as house:
        await house.join("wm1", "wmGone")
        await house.write("UPDATE membership SET left_at = joined_at WHERE member = 'wmGone'")
        assert await draw_from(house, who, deck, "r1") == answer
        assert await house.rows("SELECT count(*) FROM draw") == [(0,)]


async def test_offers_say_what_a_member_may_do(sqlite_url: str) -> None:
    library = library_of(always(chances={"total": 3, "per_day": 2}))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        await house.join("wm1")
        await draw_from(house, "wm1", 1, "r1")

        def work(tx: Any) -> list[lottery.Offer]:
            facts = house.due.facts(tx)
            community = facts.community(FIRST)
            assert community is not None
            return lottery.offers(facts, community, "wm1", house.clock.now())

        offer = lottery.Offer(
            deck=1,
            campaign="always",
            title="天天抽",
            how="发“@群运 抽奖”，每人 3 次，每天 2 次。",
            mode="instant",
            left=19,
            size=20,
            chances_left=1,
            refusal=None,
            closes_at=None,
            entered=False,
        )
        assert await house.database.read(work) == [offer]


async def test_two_communities_share_a_standing_deck_and_its_chances(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(always())) as house:
        await house.owed()
        assert (await house.say("wm1", "抽奖"))[0].split("\n")[0] == WON
        assert await house.say("wm1", "抽奖", SECOND) == [
            "回答: 您已经抽过“天天抽”了，抽中“红包 1.00 元”。发“@群运 我的奖品”可查。"
        ]
        assert await house.rows("SELECT community, taken FROM deck") == [("", 1)]


async def test_price_is_paid_with_the_card_or_not_at_all(sqlite_url: str) -> None:
    library = library_of(always(condition={"points": 30}, chances=5))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        await house.write("INSERT INTO points_wallet VALUES ('wm1', 70, 70, false)")
        (notice, _) = await house.owed()
        assert notice.split("\n")[3] == ("**怎么抽**　发“@群运 抽奖”，每人 5 次，每次用 30 积分。")
        missing = "回答: 抽一次“天天抽”要 30 积分，您有 10 积分，还差 20。"
        assert await heads(house, "wm1", 3) == [WON, WON, missing]
        assert await house.rows("SELECT balance FROM points_wallet") == [(10,)]
        assert await house.rows(
            "SELECT points, kind, reason, key FROM points_entry ORDER BY key"
        ) == [
            (-30, "draw", "抽一次“天天抽”", "price/1/wm1/1"),
            (-30, "draw", "抽一次“天天抽”", "price/1/wm1/2"),
        ]


async def test_prize_of_points_arrives_at_once(sqlite_url: str) -> None:
    deck = [{"prize": "积分", "kind": "points", "points": 50, "count": 1, "redeem": "在成员页兑换"}]
    async with opened(sqlite_url, "11-24 12:00", library_of(always(deck=deck))) as house:
        (notice, _) = await house.owed()
        assert notice.split("\n")[5:9] == [
            "**奖池**　共 1 张，张张有奖：积分 50 积分 ×1",
            "**积分**　在成员页兑换",
            "**发奖**　中奖当场到账，发“@群运 我的奖品”可查",
            "**主办方**　示例银行",
        ]
        answer, *_ = await house.say("wm1", "抽奖")
        assert answer.split("\n")[:2] == [
            "回答: 🎉 天天抽：恭喜抽中 **积分 50 积分**！",
            "> 第 1/1 张　已到账　发“@群运 我的奖品”可查",
        ]
        assert await house.rows("SELECT balance FROM points_wallet") == [(50,)]
        assert await house.rows("SELECT status, amount_fen FROM payout") == [("paid", 0)]


async def test_points_of_a_prize_lapse_as_the_program_says(sqlite_url: str) -> None:
    program = {
        "points": "neighbours",
        "title": "邻里积分",
        "applies_to": {"labels": ["all"]},
        "earn": {"checkin": 5},
        "expires_after": 1,
    }
    deck = [{"prize": "50 积分", "kind": "points", "points": 50, "count": 1, "redeem": "当场到账"}]
    library = library_of(always(deck=deck), program)
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        await house.owed()
        await house.say("wm1", "抽奖")
        assert await house.rows("SELECT points, kind, key, expires_on FROM points_entry") == [
            (50, "prize", "draw/1/wm1/1", "2026-12-31")
        ]


async def test_coupon_without_a_code_waits_and_colleagues_are_told(sqlite_url: str) -> None:
    deck = [
        {"prize": "电影票", "kind": "coupon", "amount": "30.00", "count": 2, "redeem": "凭码兑换"}
    ]
    library = library_of(always(deck=deck, budget="60.00"))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        warned = (
            "⚠️ “天天抽”开始了，“电影票”有 2 张，券码只有 0 个。"
            "没有券码时抽奖会暂停，请管理员先导入：\n"
            "> qunyun payouts codes import 文件 --source always --prize 奖品名称 --by 您的userid"
        )
        assert (await house.owed())[2:] == [f"li: {warned}", f"chen: {warned}"]
        paused = "回答: 抽奖暂停一会儿，您的机会还在，请稍后再试。"
        told = (
            "“天天抽”暂停抽奖：“电影票”没有券码了，请管理员导入：\n"
            "> qunyun payouts codes import 文件 --source always --prize 电影票 --by 您的userid"
        )
        assert await house.say("wm1", "抽奖") == [paused, f"li: {told}"]
        assert await house.say("wm2", "抽奖") == [paused]
        await house.write(
            "INSERT INTO coupon (source, prize, code, number, imported_at)"
            " VALUES ('always', '电影票', 'ABC', 0, '2026-11-24 00:00:00.000000+00:00')"
        )
        (answer,) = await house.say("wm1", "抽奖")
        assert answer.split("\n")[:2] == [
            "回答: 🎉 天天抽：恭喜抽中 **电影票（价值 30.00 元）**！",
            "> 第 1/2 张　12 月 1 日起可领券码　发“@群运 我的奖品”可查",
        ]
        assert await house.rows("SELECT kind, claim_by FROM award") == [("coupon", "2026-12-24")]


async def test_large_prize_is_shown_to_everybody_at_once(sqlite_url: str) -> None:
    deck = [{"prize": "大奖", "amount": "500.01", "count": 2}]
    library = library_of(always(deck=deck, budget="1000.02"))
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        await house.join("wm1")
        await house.write("UPDATE member SET name = '赵敏'")
        await house.owed()
        _, shown = await house.say("wm1", "抽奖")
        assert shown == "first: 🎉 天天抽：赵＊＊ 抽中 **大奖 500.01 元**"


DAYS = ["11-24 12:00", "11-24 23:59", "11-25 00:00", "11-25 12:00", "11-26 09:00"]


@settings(max_examples=15, deadline=None)
@given(
    total=st.integers(1, 3),
    per_day=st.integers(1, 3),
    cards=st.integers(1, 6),
    wishes=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["wm1", "wm2", "wm3"]), st.booleans()),
        max_size=25,
    ),
)
async def test_never_more_than_allowed_in_any_order(
    sqlite_template: bytes,
    total: int,
    per_day: int,
    cards: int,
    wishes: list[tuple[int, str, bool]],
) -> None:
    campaign = always(
        chances={"total": total, "per_day": min(per_day, total)},
        deck=[{"prize": "红包", "amount": "1.00", "count": cards}],
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "qunyun.db"
        path.write_bytes(sqlite_template)
        url = f"sqlite:///{path}"
        await _wished(url, library_of(campaign), wishes)
        async with opened(url, "11-27 12:00", library_of(campaign)) as house:
            drawn = await house.rows("SELECT member, day, position FROM draw ORDER BY position")
            budget = await house.rows("SELECT committed_fen FROM budget")
            awards = await house.rows("SELECT count(*) FROM award")
    assert [position for _, _, position in drawn] == list(range(len(drawn)))
    assert len(drawn) <= cards
    assert max(Counter(one for one, _, _ in drawn).values(), default=0) <= total
    by_day = Counter((one, day) for one, day, _ in drawn)
    assert max(by_day.values(), default=0) <= min(per_day, total)
    assert (budget, awards) == ([(100 * len(drawn),)], [(len(drawn),)])


async def _wished(url: str, library: Library, wishes: list[tuple[int, str, bool]]) -> None:
    async with opened(url, "11-24 12:00", library) as house:
        await house.join("wm1", "wm2", "wm3")
        for number, (day, member, on_page) in enumerate(sorted(wishes, key=lambda one: one[0])):
            await house.jump(DAYS[day])
            if on_page:
                await draw_from(house, member, 1, f"r{number // 2}")
            else:
                await house.say(member, "抽奖")
