"""Check-in relay: whole relays word by word, real days, repairs, and who is first."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sop.game import Player, Result, Turn, View
from sop.games import is_quiet
from sop.games.streak import GAME, Options

SEED = bytes(range(32))
ZONE = ZoneInfo("Asia/Shanghai")
THREE = Options(days=3, goal=4)
ANNA, BOB, CARL = (Player(f"wm-{name}", name) for name in ("安娜", "小波", "卡尔"))


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """Local time in Shanghai, day 0 is Tuesday 24 November."""
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=ZONE) + timedelta(days=day)


def opened(options: Options = THREE, now: datetime | None = None) -> Turn:
    return GAME.start(options, {}, SEED, now or at(0))


def said(
    turn: Turn, player: Player, now: datetime, text: str = "签到", options: Options = THREE
) -> Turn:
    answered = GAME.said(options, turn.state, player, text, now)
    assert answered is not None
    return answered


def test_streak_runs_beside_other_games() -> None:
    assert is_quiet("streak")


def test_streak_whole_relay() -> None:
    turn = opened()
    lines = [*turn.posts]
    for day, players in enumerate(((ANNA, BOB), (ANNA,), (BOB, ANNA))):
        for player in players:
            turn = said(turn, player, at(day, 10))
            lines += [f"{player.name}：{turn.reply}", *turn.posts]
        if day == 2:
            turn = said(turn, BOB, at(2, 11), "补签")
            lines.append(f"小波：{turn.reply}")
        assert turn.next_at == at(day, 20, 30)
        turn = GAME.tick(THREE, turn.state, at(day, 20, 30))
        lines += turn.posts
    assert lines == [
        "🏃 **签到接力，开始！**\n"
        "从今天到 11 月 26 日，每天说一次“签到”，全群一起凑满 4 人次。\n"
        "> 天天都到的是全勤，全勤才有名次；漏签可以发“补签”补上，每人 1 次\n"
        "> 没有补签的排在前面，其余按开局前定下的随机号排先后，早签晚签一样\n"
        "> 每天 20:30 播报，最后一天这时结束",
        "安娜：🏃 签到接力第 1/3 天：您已连续 1 天，全群 1/4 人次。",
        "小波：🏃 签到接力第 1/3 天：您已连续 1 天，全群 2/4 人次。",
        "🏃 **签到接力 第 1/3 天**\n"
        "今天 2 人签到，累计 2/4 人次，2 人保持全勤。\n"
        "还没签的朋友，今天 24 点前说“签到”还来得及。",
        "安娜：🏃 签到接力第 2/3 天：您已连续 2 天，全群 3/4 人次。",
        "🏃 **签到接力 第 2/3 天**\n"
        "今天 1 人签到，累计 3/4 人次，2 人保持全勤。\n"
        "还没签的朋友，今天 24 点前说“签到”还来得及。",
        "小波：🏃 签到接力第 3/3 天：您漏了 1 天，发“补签”能补上，全群 4/4 人次。",
        "🎉 签到接力满 4 人次，全群目标达成！",
        "安娜：🏃 签到接力第 3/3 天：您已连续 3 天，全群 5/4 人次。",
        "小波：🩹 签到接力：已补上第 2 天，全都接上了。",
        "🏁 **签到接力，结束！**\n"
        "2 人参加，累计 5 人次，全群目标达成 🎉。\n"
        "全勤 2 人：\n"
        "🥇 安娜　签到 3 天\n"
        "🥈 小波　签到 2 天，补签 1 次",
    ]
    assert turn.over == Result("时间到", (ANNA.id, BOB.id))


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        (at(0, 23, 59, 59), at(1, 0, 0, 0), [0, 1]),
        (at(0, 0, 0, 1), at(0, 23, 59, 59), [0]),
        (at(0, 7, 59).astimezone(UTC), at(0, 8, 1).astimezone(UTC), [0]),
    ],
)
def test_streak_days_are_those_of_the_zone(
    first: datetime, second: datetime, days: list[int]
) -> None:
    turn = said(said(opened(now=at(0, 0)), ANNA, first), ANNA, second)
    assert turn.state["players"][ANNA.id]["days"] == days


def test_streak_in_another_zone() -> None:
    options = Options(days=3, zone=ZoneInfo("America/New_York"))
    turn = opened(options, datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    assert turn.state["first"] == "2026-11-23"
    assert turn.state["ends_at"] == "2026-11-26T01:30:00+00:00"


def test_streak_second_check_in_is_answered_once_a_day() -> None:
    turn = said(opened(), ANNA, at(0))
    second = said(turn, ANNA, at(0, 10))
    assert second.reply == "🏃 签到接力：今天这一棒您已经接上，连续 1 天。"
    assert (second.played, said(second, ANNA, at(0, 11)).reply) == ((), None)
    assert said(second, ANNA, at(1)).state["players"][ANNA.id]["days"] == [0, 1]


@pytest.mark.parametrize("text", ["签 到！", "簽到", "签到。", "补签", "補簽"])
def test_streak_words(text: str) -> None:
    assert GAME.said(THREE, opened().state, ANNA, text, at(1)) is not None


@pytest.mark.parametrize("text", ["", "我签到了", "怎么签到", "签" * 3000, "A", "1", "\u200b"])
def test_streak_words_of_others(text: str) -> None:
    assert GAME.said(THREE, opened().state, ANNA, text, at(0)) is None


def test_streak_repairs_run_out() -> None:
    options = Options(days=4, repairs=1)
    turn = said(opened(options), ANNA, at(0), "补签", options)
    assert turn.reply == "🏃 签到接力：您没有漏签，不用补。"
    replies = []
    for text in ("签到", "补签", "补签"):
        turn = said(turn, ANNA, at(2), text, options)
        replies.append(turn.reply)
    assert replies == [
        "🏃 签到接力第 3/4 天：您签了 1 天，全群 1/50 人次。",
        "🩹 签到接力：已补上第 1 天，还漏 1 天。",
        "🏃 签到接力：补签次数已经用完，后面的每一天还可以签。",
    ]
    assert turn.state["players"][ANNA.id] == {"name": "安娜", "days": [2], "repaired": [0]}


def test_streak_repair_is_no_check_in() -> None:
    turn = said(opened(), ANNA, at(1), "补签")
    assert turn.reply == "🩹 签到接力：已补上第 1 天，全都接上了，今天的也别忘了说“签到”。"
    assert turn.played == (ANNA.id,)
    assert GAME.end(THREE, turn.state, at(1)).over == Result("主持人结束", ())


def test_streak_without_repairs() -> None:
    options = Options(days=3, repairs=0)
    turn = said(opened(options), ANNA, at(1), "补签", options)
    assert turn.reply == "🏃 签到接力：补签次数已经用完，后面的每一天还可以签。"
    assert "漏签不能补。" in GAME.announcement(options)


def test_streak_order_of_the_full_does_not_depend_on_the_hour() -> None:
    members = [Player(f"wm{number}", f"成员{number}") for number in range(20)]
    ends = []
    for row in (members, members[::-1]):
        turn = opened()
        for day in range(3):
            for number, member in enumerate(row):
                turn = said(turn, member, at(day, 9, number))
        ends.append(GAME.tick(THREE, turn.state, at(2, 20, 30)).over)
    assert ends[0] == ends[1]
    assert ends[0] is not None
    assert len(ends[0].winners) == 20


def test_streak_nobody_full_and_nobody_there() -> None:
    turn = GAME.tick(THREE, said(opened(), ANNA, at(0)).state, at(2, 20, 30))
    assert turn.posts == (
        "🏁 **签到接力，结束！**\n"
        "1 人参加，累计 1 人次，离 4 人次的目标还差 3。\n"
        "这次没有人全勤，坚持过的都很棒。",
    )
    assert turn.over == Result("时间到", ())
    empty = GAME.tick(THREE, opened().state, at(2, 20, 30))
    assert empty.posts == ("🏁 **签到接力，结束！**\n这次还没有人签到。没关系，下次再一起来。",)


@pytest.mark.parametrize(("day", "winners"), [(0, (ANNA.id,)), (1, (ANNA.id,)), (2, ())])
def test_streak_ended_early_counts_the_days_that_are_over(
    day: int, winners: tuple[str, ...]
) -> None:
    turn = GAME.end(THREE, said(opened(), ANNA, at(0)).state, at(day, 12))
    assert turn.over == Result("主持人结束", winners)


def test_streak_reports_missed_by_a_stop_are_one() -> None:
    turn = GAME.tick(Options(days=7), opened(Options(days=7)).state, at(3, 21))
    assert [post.split("\n")[0] for post in turn.posts] == ["🏃 **签到接力 第 4/7 天**"]
    assert turn.next_at == at(4, 20, 30)


def test_streak_opened_after_the_hour_of_the_report() -> None:
    assert opened(now=at(0, 21)).next_at == at(1, 20, 30)


def test_streak_extended_to_midnight_at_most() -> None:
    turn = said(opened(), ANNA, at(0))
    posts: list[Any] = []
    for seconds in (1800, 3600, 3600, 3600, 3600):
        turn = GAME.extend(THREE, turn.state, at(2, 20), seconds)
        posts.append(turn.posts or turn.reply)
    assert posts == [
        ("⏱ 签到接力延到最后一天 21:00 结束。",),
        ("⏱ 签到接力延到最后一天 22:00 结束。",),
        ("⏱ 签到接力延到最后一天 23:00 结束。",),
        ("⏱ 签到接力延到最后一天 24:00 结束。",),
        "已经延到最后一天的 24 点，不能再延了。",
    ]
    report = GAME.tick(THREE, turn.state, at(2, 20, 30))
    assert report.posts[0].endswith("\n还没签的朋友，今天 24 点前说“签到”还来得及。")
    assert report.next_at == at(3, 0)


def test_streak_late_word() -> None:
    late = said(opened(), ANNA, at(2, 20, 30))
    assert (late.reply, late.played) == ("🏃 签到接力已经结束，谢谢您。", ())


def test_streak_hint_and_reveal() -> None:
    turn = said(opened(), ANNA, at(0))
    progress = "🏃 **签到接力 第 2/3 天**\n今天 0 人签到，累计 1/4 人次，1 人保持全勤。"
    assert GAME.reveal(THREE, turn.state, at(1)).posts == (progress,)
    assert GAME.hint(THREE, turn.state, at(1)).posts == (
        f"{progress}\n说一声“签到”就接上今天这一棒。",
    )


def test_streak_views() -> None:
    turn = said(said(opened(), ANNA, at(0)), BOB, at(1))
    rule = "天天都到的是全勤；漏签可以发“补签”补上，每人 1 次。"
    ends_at = at(2, 20, 30)
    views = [GAME.view(THREE, turn.state, one, at(1, 12)) for one in (ANNA.id, BOB.id)]
    assert views == [
        View(("第 2/3 天　✅⬜⬜", "全群 2/4 人次。", rule), ("签到",), closes_at=ends_at),
        View(("第 2/3 天　❌✅⬜", "全群 2/4 人次。", rule), ("补签",), closes_at=ends_at),
    ]
    repaired = said(turn, BOB, at(1, 13), "补签")
    assert GAME.view(THREE, repaired.state, BOB.id, at(1, 14)).lines[0] == "第 2/3 天　🩹✅⬜"
    assert GAME.view(THREE, repaired.state, BOB.id, at(1, 14)).choices == ()


@pytest.mark.parametrize(
    "changed", [{"days": 1}, {"days": 31}, {"goal": 0}, {"repairs": 4}, {"report_at": "25:00"}]
)
def test_streak_options_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(changed)


def test_streak_options_survive_json() -> None:
    options = Options(days=5, report_at=time(21, 5), zone=ZoneInfo("Asia/Tokyo"))
    assert Options.model_validate_json(options.model_dump_json()) == options
