"""The numbers of the weekly summary, each with its definition (product.md).

Every ratio keeps its numerator and denominator. A zero denominator gives no value (printed 无数据),
never 0 %.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sop.summary.figures import SILENT_DAYS, WeekFigures

Number = int | float
LESS_IS_BETTER = frozenset({"lost", "leaves", "silent", "cost_per_new", "cost_per_active"})


class Unit(StrEnum):
    """How a value is written."""

    PERSONS = "persons"
    TIMES = "times"
    """人次 and other counts of events."""
    MEAN = "mean"
    """Rounded to two decimals."""
    RATIO = "ratio"
    """0.523 is 52.3 %; rounded to four decimals."""
    FEN = "fen"
    """Integer fen."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of one week."""

    key: str
    name: str
    unit: Unit
    value: Number | None
    """None: nothing to divide by."""
    numerator: Number | None
    denominator: Number | None
    """Both None for plain counts."""
    previous: Number | None
    """The value one week earlier."""
    definition: str
    target: Number | None = None
    """What the plans want it to reach; None: nothing."""
    unknown: str = ""
    """Why there is no value although there is something to divide by."""
    at_least: bool = False
    """Some communities are not heard: what their members say is missing from it."""
    mean: Number | None = None
    """The mean of its values in the four weeks before, of those that have one and in which there
    was anybody."""
    quality: str = ""
    """What is missing from it, in Chinese (`3 个群没有会话存档`); empty: complete."""
    less_is_better: bool = False
    """Its target is not to be exceeded: people who leave, costs."""

    @property
    def reached(self) -> bool:
        """Whether there is a target, and the value has come up to it or stayed below it."""
        if self.target is None or self.value is None:
            return False
        return self.value <= self.target if self.less_is_better else self.value >= self.target

    @property
    def change(self) -> Number | None:
        """Value minus previous; None if either has no value."""
        if self.value is None or self.previous is None:
            return None
        return round(self.value - self.previous, 4)


Count = Callable[[WeekFigures], int | Fraction]


class Hearing(StrEnum):
    """What becomes of a number where the bot does not hear what members say."""

    NOT_NEEDED = "not_needed"
    COUNTS_MORE = "counts_more"
    """Messages are one kind of action among others: it is at least so much."""
    OF_THE_HEARD = "of_the_heard"
    """It is taken over the communities that are heard, if there are any."""
    OF_ALL = "of_all"
    """It cannot be known."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a metric is computed from the figures of one week."""

    key: str
    name: str
    unit: Unit
    definition: str
    numerator: Count
    denominator: Count | None = None
    hearing: Hearing = Hearing.NOT_NEEDED

    def unknown(self, figures: WeekFigures) -> str:
        """Why the number cannot be known; empty where it can."""
        nobody_heard = figures.unheard >= figures.communities
        if self.hearing is Hearing.COUNTS_MORE:
            hopeless = bool(figures.unheard) and not self.numerator(figures)
        elif self.hearing is Hearing.OF_THE_HEARD:
            hopeless = bool(figures.unheard) and nobody_heard
        else:
            hopeless = bool(figures.unheard) and self.hearing is Hearing.OF_ALL
        return f"{figures.unheard} 个群没有会话存档" if hopeless else ""

    def value(self, figures: WeekFigures) -> Number | None:
        """The number itself; None where the denominator is zero or something is not known."""
        if self.unknown(figures):
            return None
        exact = Fraction(self.numerator(figures))
        if self.denominator is not None:
            divisor = self.denominator(figures)
            if divisor == 0:
                return None
            exact /= divisor
        return _rounded(exact, self.unit)

    def measure(self, now: WeekFigures, past: Sequence[WeekFigures]) -> Metric:
        """The metric of a week beside the weeks before it, newest first."""
        upper = lower = None
        unknown = self.unknown(now)
        if self.denominator is not None and not unknown:
            upper, lower = _plain(self.numerator(now)), _plain(self.denominator(now))
        return Metric(
            self.key,
            self.name,
            self.unit,
            self.value(now),
            upper,
            lower,
            self.value(past[0]),
            self.definition,
            dict(now.targets).get(self.key),
            unknown,
            self.hearing is Hearing.COUNTS_MORE and bool(now.unheard) and not unknown,
            self._mean(past),
            self._quality(now),
            self.key in LESS_IS_BETTER,
        )

    def _mean(self, past: Sequence[WeekFigures]) -> Number | None:
        weeks = [each for each in past if each.anybody]
        values = [value for each in weeks if (value := self.value(each)) is not None]
        if not values:
            return None
        exact = sum(map(Fraction, values), Fraction()) / len(values)
        return round(float(exact), 4 if self.unit is Unit.RATIO else 2)

    def _quality(self, now: WeekFigures) -> str:
        partial = self.hearing is not Hearing.NOT_NEEDED and bool(now.unheard)
        return f"{now.unheard} 个群没有会话存档" if partial else ""


def _rounded(exact: Fraction, unit: Unit) -> Number:
    if unit is Unit.RATIO:
        return round(float(exact), 4)
    if unit is Unit.MEAN:
        return round(float(exact), 2)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _plain(number: int | Fraction) -> Number:
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else round(float(exact), 2)


def _mean_members(figures: WeekFigures) -> Fraction:
    return Fraction(sum(figures.daily_members), 7)


def _mean_dau(figures: WeekFigures) -> Fraction:
    return Fraction(sum(figures.dau), 7)


_PEOPLE = (
    _Rule(
        "members",
        "成员数",
        Unit.PERSONS,
        "周末在群的成员，跨群去重；解散的群不算",
        lambda f: f.members_at_end,
    ),
    _Rule("new", "新增", Unit.PERSONS, "本周第一次进入任一社群的人", lambda f: f.new),
    _Rule("lost", "流失", Unit.PERSONS, "本周退出、周末已不在任何社群的人", lambda f: f.lost),
    _Rule("net", "净增", Unit.PERSONS, "新增 − 流失", lambda f: f.new - f.lost),
    _Rule("joins", "入群人次", Unit.TIMES, "本周入群事件数", lambda f: f.joins),
    _Rule("leaves", "退群人次", Unit.TIMES, "本周退群事件数", lambda f: f.leaves),
)

_ACTIVITY = (
    _Rule(
        "wau",
        "周活跃成员",
        Unit.PERSONS,
        "本周有计数行为的成员（消息、答题、签到、抽奖、点击、进群；退群不算）",
        lambda f: f.wau,
        hearing=Hearing.COUNTS_MORE,
    ),
    _Rule(
        "active_rate",
        "活跃率",
        Unit.RATIO,
        "周活跃成员 ÷ 七天成员数的平均值",
        lambda f: f.wau,
        _mean_members,
        Hearing.COUNTS_MORE,
    ),
    _Rule(
        "dau",
        "日均活跃成员",
        Unit.MEAN,
        "每天至少有一次计数行为的成员数，七天平均",
        lambda f: sum(f.dau),
        lambda _: 7,
        Hearing.COUNTS_MORE,
    ),
    _Rule(
        "stickiness",
        "黏性",
        Unit.RATIO,
        "日均活跃成员 ÷ 周活跃成员",
        _mean_dau,
        lambda f: f.wau,
        Hearing.OF_ALL,
    ),
    _Rule(
        "speakers",
        "发言人数",
        Unit.PERSONS,
        "本周发过消息的成员，去重",
        lambda f: f.speakers,
        hearing=Hearing.OF_THE_HEARD,
    ),
    _Rule(
        "messages_per_member",
        "人均消息",
        Unit.MEAN,
        "本周消息数 ÷ 周末成员数",
        lambda f: f.messages,
        lambda f: f.members_who_are_heard,
        Hearing.OF_THE_HEARD,
    ),
    _Rule(
        "silent",
        "沉默成员",
        Unit.PERSONS,
        f"入群超过 {SILENT_DAYS} 天，且最近 {SILENT_DAYS} 天没有计数行为的成员",
        lambda f: f.silent,
        hearing=Hearing.OF_THE_HEARD,
    ),
    _Rule(
        "returned",
        "回流",
        Unit.PERSONS,
        "周初为沉默成员，本周又有计数行为（退群不算）的人",
        lambda f: f.returned,
        hearing=Hearing.OF_THE_HEARD,
    ),
)

_PLAY = (
    _Rule(
        "game_participation",
        "游戏参与率",
        Unit.RATIO,
        "本周玩过游戏的人 ÷ 周初在群的成员",
        lambda f: f.players,
        lambda f: f.members_at_start,
    ),
    _Rule(
        "funnel_joined",
        "漏斗·入群",
        Unit.PERSONS,
        "本周入群的人，去重",
        lambda f: f.funnel.joined,
    ),
    _Rule(
        "funnel_played",
        "漏斗·玩过游戏",
        Unit.RATIO,
        "其中到周末玩过游戏的人 ÷ 入群的人",
        lambda f: f.funnel.played,
        lambda f: f.funnel.joined,
    ),
    _Rule(
        "funnel_drew",
        "漏斗·抽过奖",
        Unit.RATIO,
        "其中到周末抽过奖的人 ÷ 玩过游戏的人",
        lambda f: f.funnel.drew,
        lambda f: f.funnel.played,
    ),
    _Rule(
        "funnel_claimed",
        "漏斗·已到账",
        Unit.RATIO,
        "其中到周末奖金已到账的人 ÷ 抽过奖的人",
        lambda f: f.funnel.claimed,
        lambda f: f.funnel.drew,
    ),
)

_MONEY = (
    _Rule(
        "budget_committed",
        "预算执行率·已发出",
        Unit.RATIO,
        "截至周末累计已发出 ÷ 投放",
        lambda f: f.committed_fen,
        lambda f: f.budget_fen,
    ),
    _Rule(
        "budget_settled",
        "预算执行率·已领取",
        Unit.RATIO,
        "截至周末累计已领取 ÷ 投放",
        lambda f: f.settled_by_end_fen,
        lambda f: f.budget_fen,
    ),
    _Rule(
        "cost_per_new",
        "单客成本（每名新增）",
        Unit.FEN,
        "本周已领取金额 ÷ 新增",
        lambda f: f.settled_fen,
        lambda f: f.new,
    ),
    _Rule(
        "cost_per_active",
        "单客成本（每名活跃）",
        Unit.FEN,
        "本周已领取金额 ÷ 周活跃成员",
        lambda f: f.settled_fen,
        lambda f: f.wau,
        Hearing.OF_ALL,
    ),
)

_WORK = (
    _Rule(
        "sop_completion",
        "SOP 完成率",
        Unit.RATIO,
        "已执行 ÷ 应执行（注明原因取消的不算应执行）",
        lambda f: f.executed,
        lambda f: f.due,
    ),
    _Rule(
        "sop_on_time",
        "SOP 准时率",
        Unit.RATIO,
        "在执行窗口内执行的 ÷ 已执行",
        lambda f: f.on_time,
        lambda f: f.executed,
    ),
    _Rule(
        "rm_confirmation",
        "RM 确认率",
        Unit.RATIO,
        "客户经理确认已发 ÷ 交给客户经理发送",
        lambda f: f.confirmed,
        lambda f: f.reminded,
    ),
    _Rule(
        "follow_up_completion",
        "跟进完成率",
        Unit.RATIO,
        "已完成的跟进 ÷ 原定本周到期的跟进",
        lambda f: f.follow_ups_done,
        lambda f: f.follow_ups_due,
    ),
)


_RULES = (*_PEOPLE, *_ACTIVITY, *_PLAY, *_MONEY, *_WORK)


def units() -> dict[str, tuple[str, Unit]]:
    """Each metric's Chinese name and unit, by its key."""
    return {rule.key: (rule.name, rule.unit) for rule in _RULES}


def measure(now: WeekFigures, past: Sequence[WeekFigures]) -> Sequence[Metric]:
    """Every metric of a week beside the weeks before it (newest first, at least one), in reading
    order."""
    return tuple(rule.measure(now, past) for rule in _RULES)
