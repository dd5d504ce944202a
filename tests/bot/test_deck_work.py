"""Rounds opened and ended by hand, and the notice asked for again."""

import pytest
from typer.testing import CliRunner

from bot.acts import CloseRound, OpenRound
from bot.cli import cli
from bot.desk import Refused
from tests.house import FESTIVAL, FIRST, POOL, SECOND, House, library_of, opened

HOOK = {**FESTIVAL, "campaign": "hook", "title": "见面礼", "round": "standing"}
LIBRARY = library_of(POOL, FESTIVAL, HOOK)
NIGHT = "11-24 22:00"


async def asked(house: House, act: OpenRound | CloseRound) -> tuple[str, list[str]]:
    """An act of the terminal, and everything owed because of it."""
    await house.owed()
    done = await house.database.write(lambda tx: act.do(tx, house.clock.now()))
    await house.work()
    return done, await house.owed()


def opening(**more: object) -> OpenRound:
    given = {"by": "wang", "campaign": "festival", "community": "first", "seconds": 1800, **more}
    return OpenRound.model_validate(given)


async def test_round_is_opened_besides_the_plans(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        done, (notice, told) = await asked(house, opening())
        assert done == "已交办：运行中的服务会在几秒内开启“festival”，结果私信给 wang"
        assert notice.split("\n")[:4] == [
            "first: **🎁 周五节**",
            "周五节来了。",
            "",
            "**怎么抽**　12:30 截止，发“@群运 抽奖”，每人一次。",
        ]
        assert told == "wang: “周五节”已开启，公告已发到群里。"
        assert await house.rows(
            "SELECT round, community FROM deck WHERE campaign = 'festival'"
        ) == [("2026-11-24", "first")]
        assert await house.rows("SELECT actor, action, subject, detail FROM audit") == [
            ("wang", "开启活动", "festival", "first")
        ]


async def test_standing_round_opens_at_night_if_somebody_wants_it(sqlite_url: str) -> None:
    async with opened(sqlite_url, NIGHT, LIBRARY) as house:
        _, owed = await asked(house, opening(campaign="hook", community="", seconds=0))
        assert [one.split("\n")[0] for one in owed] == [
            "first: **🎁 见面礼**",
            "second: **🎁 见面礼**",
            "wang: “见面礼”已开启，公告已发到群里。",
        ]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"campaign": "gone"}, "没有开启：计划库里没有活动“gone”，或它的文件有错误。"),
        ({"seconds": 0}, "“周五节”没有开启：请写开放多久，例如 --for 30m。"),
        ({"community": "guided"}, "“周五节”没有开启：这个社群不在活动范围里，或成员没有办法参加。"),
        ({"campaign": "hook"},
         "“见面礼”没有开启：已经开过，或不在 starts 到 ends 之间，或没有社群能参加。"),
    ],
)  # fmt: skip
async def test_round_that_cannot_be_opened_says_why(
    sqlite_url: str, more: dict[str, object], why: str
) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        _, owed = await asked(house, opening(**more))
        assert owed == [f"wang: {why}"]


async def test_round_of_a_day_is_opened_once(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        await asked(house, opening())
        _, owed = await asked(house, opening())
        assert owed == ["wang: “周五节”没有开启：今天已经开过一期。"]


async def test_round_is_ended_early_with_its_reason(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        await house.say("wm1", "抽奖")
        done, (first, second, told) = await asked(
            house, CloseRound(by="wang", deck=1, reason="系统维护")
        )
        ((seed, commitment, head, reason),) = await house.rows(
            "SELECT seed, commitment, head, close_reason FROM deck"
        )
        assert done == "已交办：运行中的服务会在几秒内结束 1 号奖池，并在群里公布种子"
        assert first == (
            "first: **见面礼·本期结束**\n"
            "提前结束：系统维护\n"
            "共 1 位群友抽奖，人人中奖。\n"
            f"> 种子 `{seed}`\n"
            f"> 承诺值 `{commitment}`\n"
            f"> 日志末尾 `{head}`\n"
            "> 用种子重排牌堆，可以验证每一张牌在开始前就已确定。"
        )
        assert second == first.replace("first", "second", 1)
        assert (reason, told) == (
            "系统维护",
            "wang: 1 号奖池已提前结束，种子已发到群里。",
        )
        with pytest.raises(Refused, match=r"^1 号奖池不存在或已经结束"):
            await asked(house, CloseRound(by="wang", deck=1, reason="再来"))


async def test_notice_is_shown_again_as_it_stands(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        (notice, _) = await house.owed()
        text = notice.removeprefix("first: ")
        assert await house.say("li", "公示", FIRST) == [f"回答: {text}"]
        assert await house.say("li", "公示 见面礼 一群", None) == [f"li: {text}"]
        (unknown,) = await house.say("li", "公示 别的", FIRST)
        assert unknown.split("\n")[0] == ("回答: “一群”里没有叫“别的”的抽奖，进行中的有：见面礼。")


async def test_notice_needs_no_community_where_only_one_has_a_draw(sqlite_url: str) -> None:
    library = library_of({**HOOK, "applies_to": {"communities": [FIRST]}})
    async with opened(sqlite_url, "11-24 12:00", library) as house:
        (notice,) = await house.owed()
        text = notice.removeprefix("first: ")
        assert await house.say("wang", "公示", None) == [f"wang: {text}"]
        assert await house.say("chen", "公示", None) == ["chen: 您的社群里现在没有进行中的抽奖。"]


async def test_notice_asks_where_several_communities_have_a_draw(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", LIBRARY) as house:
        await house.owed()
        (several,) = await house.say("wang", "公示 见面礼", None)
        assert several.split("\n")[:3] == [
            "wang: 有几个社群在抽奖，请写明是哪一个：",
            "> 公示 见面礼 一群",
            "> 公示 见面礼 二群",
        ]


async def test_notice_of_nothing_says_so(sqlite_url: str) -> None:
    async with opened(sqlite_url, NIGHT, LIBRARY) as house:
        assert await house.say("chen", "公示", SECOND) == ["回答: “二群”现在没有进行中的抽奖。"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["open", "x", "--by", "nobody"],
         "“nobody”不是 config.yaml 里的运营、主管或管理员，不能开启或结束活动。"),
        (["open", "x", "--by", "wangqiang", "--community", "nowhere"], "没有编号为“nowhere”的社群"),
        (["open", "x", "--by", "wangqiang", "--for", "soon"],
         "看不懂 --for“soon”，请写 30m、2h 这样的时长。"),
        (["open", "x", "--by", "wangqiang"],
         "计划库里没有活动“x”，或它的文件有错误。有：customer-friday、"),
        (["open", "friday-festival", "--by", "wangqiang", "--for", "30m"],
         "请用 --community 写明在哪个社群开“周五节抽奖”，能参加的有：wealth-01。"),
        (["open", "friday-festival", "--by", "wangqiang", "--for", "30m",
          "--community", "wealth-02"],
         "社群“wealth-02”不能参加“周五节抽奖”，能参加的有：wealth-01。"),
        (["open", "friday-festival", "--by", "wangqiang", "--community", "wealth-01"],
         "“周五节抽奖”要写明开放多久，例如 --for 30m。"),
        (["open", "points-draw", "--by", "wangqiang"],
         "没有社群能参加“积分抽奖”：标签不符，或机器人听不到又没有成员网页。"),
        (["close", "1", "--by", "wangqiang", "--reason", " "], "请用 1 到 100 个字写明原因。"),
    ],
)  # fmt: skip
def test_terminal_refuses_what_makes_no_sense(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    folder = tmp_path_factory.mktemp("bank")
    monkeypatch.chdir(folder)
    runner = CliRunner()
    assert runner.invoke(cli, ["init", "."]).exit_code == 0
    result = runner.invoke(cli, ["campaign", *words])
    assert (result.exit_code, told in str(result.exception)) == (1, True)
