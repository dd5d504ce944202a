"""Games: who took part, by game and by round."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import RoundFigures
from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table
from sop.summary.weeks import WEEKDAYS

_GAMES = (
    Column("game", "游戏"),
    Column("sessions", "局数", Unit.TIMES, "本周开始的局"),
    Column("players", "参与人数", Unit.PERSONS, "玩过的成员，去重"),
    Column("members", "周初成员", Unit.PERSONS, "周初在群的成员，跨群去重"),
    Column("participation", "参与率", Unit.RATIO, "参与人数 ÷ 周初成员"),
    Column("players_before", "上周参与人数", Unit.PERSONS),
    Column("turns", "参与人次", Unit.TIMES, "每人每局算一次"),
    Column("reward", "奖励", Unit.FEN, "本周各局赢得的金额"),
)
_ROUNDS = (
    Column("day", "日期"),
    Column("weekday", "星期"),
    Column("game", "游戏"),
    Column("sessions", "局数", Unit.TIMES, "所有社群的局"),
    Column("players", "参与人数", Unit.PERSONS, "玩过的成员，去重"),
    Column("members", "在场成员", Unit.PERSONS, "当天在这些社群里的成员，去重"),
    Column("participation", "参与率", Unit.RATIO, "参与人数 ÷ 在场成员"),
)


def tables(period: Period) -> Iterator[Table]:
    """A row for each game, then one for each game and day."""
    now, before = period.now, {one.game: one.players for one in period.before.games}
    if now.games:
        games = tuple(
            Row(
                (
                    one.title,
                    one.sessions,
                    one.players,
                    now.members_at_start,
                    ratio(one.players, now.members_at_start),
                    before.get(one.game, 0),
                    one.turns,
                    one.reward_fen,
                ),
                opens="members:players",
            )
            for one in now.games
        )
        yield Table("games", "各个游戏", _GAMES, games)
    if period.details.rounds:
        rounds = tuple(
            Row(
                (
                    one.day,
                    WEEKDAYS[one.day.weekday()],
                    one.title,
                    one.sessions,
                    one.players,
                    one.members,
                    ratio(one.players, one.members),
                ),
                f"step:{one.plan}/{one.step}" if one.plan else "",
            )
            for one in period.details.rounds
        )
        yield Table("rounds", "每天的游戏", _ROUNDS, rounds)


def charts(period: Period) -> Iterator[Chart]:
    """How many of those who were there played, beside the same game on the same day last week."""
    rounds = period.details.rounds
    if not rounds:
        return
    before = {
        (one.day.weekday(), one.game): ratio(one.players, one.members)
        for one in period.details_before.rounds
    }
    yield Chart(
        "participation",
        "每天游戏的参与率",
        Shape.BARS,
        tuple(f"{WEEKDAYS[one.day.weekday()]} {one.title}" for one in rounds),
        (
            Series("本周", Unit.RATIO, tuple(ratio(one.players, one.members) for one in rounds)),
            Series("上周", Unit.RATIO, tuple(before.get(_slot(one)) for one in rounds)),
        ),
        "参与人数 ÷ 当天在场成员；上周是同一天的同一个游戏。",
        "游戏",
    )


def _slot(one: RoundFigures) -> tuple[int, str]:
    return one.day.weekday(), one.game


PART = Part("play", "游戏", 30, tables, charts)
