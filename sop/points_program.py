"""The points program of communities (积分): what earns, which levels there are, what can be had.

Files begin with `points:`. The first program by name that includes a community is its program.
"""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from sop.audience import AppliesTo
from sop.community import Community
from sop.compliance.waiver import Waiver
from sop.model import Strict
from sop.spoken import Spoken
from sop.terms import Name
from sop.times import Duration, Fen, wrong

if TYPE_CHECKING:
    from sop.library import Library

MOST = 100_000
"""Points that one rule may give."""


class Streak(Strict):
    """A bonus on the day that completes a streak of check-ins."""

    days: int = Field(ge=2, le=366, description="连续签到满几天")
    points: int = Field(ge=1, le=MOST, description="加多少分")


class Earn(Strict):
    """Points by what they are earned with; 0 earns nothing."""

    checkin: int = Field(default=0, ge=0, le=MOST, description="每天签到")
    streak: list[Streak] = Field(default=[], description="连续签到的奖励，满那一天另加")
    played: int = Field(default=0, ge=0, le=MOST, description="玩一局游戏（每局一次）")
    won: int = Field(default=0, ge=0, le=MOST, description="赢一局游戏（每局一次）")
    answered: int = Field(
        default=0, ge=0, le=MOST, description="参加一次问卷、投票、打分或话题（每次活动一次）"
    )
    invited: int = Field(
        default=0, ge=0, le=MOST, description="介绍来的新朋友留满天数（见 referral 文件）"
    )


class Caps(Strict):
    """The most points that a member earns on a local day. Streaks and invitations are not
    capped: nobody has them twice a day."""

    played: int | None = Field(default=None, ge=1, le=MOST, description="玩游戏一天最多")
    won: int | None = Field(default=None, ge=1, le=MOST, description="赢游戏一天最多")
    answered: int | None = Field(default=None, ge=1, le=MOST, description="问卷和投票一天最多")
    total: int | None = Field(default=None, ge=1, le=MOST, description="以上和签到合计一天最多")

    def of(self, kind: str) -> int | None:
        """A kind's own cap."""
        return {"played": self.played, "won": self.won, "answered": self.answered}.get(kind)


class Level(Strict):
    """A name for those who have earned enough, ever."""

    name: str = Field(min_length=1, max_length=10, description="等级名，例如 白银")
    least: int = Field(alias="from", ge=0, le=999_999_999, description="累计满多少分")


class Item(Strict):
    """Something that points are redeemed for: never money, and nothing that can be sold as such."""

    number: int = Field(ge=1, le=99, description="编号，成员发“兑换 编号”；换东西就换一个编号")
    item: str = Field(min_length=1, max_length=40, description="兑换什么")
    kind: Literal["coupon", "gift"] = Field(description="种类，coupon：券码，gift：实物")
    points: int = Field(ge=1, le=10_000_000, description="要多少积分")
    stock: int = Field(ge=1, le=100_000, description="一共多少份，换完为止")
    value_fen: Fen = Field(alias="value", description="一份的价值（元），计入预算")
    each: int | None = Field(default=None, ge=1, le=100, description="每人最多换几份")
    claim_within: Duration = Field(
        default=timedelta(days=30), description="多久内来领，过期作废，例如 30d"
    )
    where: str = Field(
        default="", max_length=80, description="怎么领、限制是什么，例如 到网点大堂出示领取码"
    )


class PointsProgram(Spoken):
    """A points program."""

    kind: ClassVar[str] = "points"
    called: ClassVar[str] = "积分计划"
    held: ClassVar[str] = "积分照记，成员看不到积分、积分榜和兑换清单"
    uncovered: ClassVar[frozenset[str]] = frozenset({"by_hand_per_day", "waive"})

    points: Name = Field(description="积分计划名")
    title: str = Field(min_length=1, max_length=20, description="积分叫什么，例如 邻里积分")
    applies_to: AppliesTo = Field(description="面向哪些社群")
    earn: Earn = Field(description="做什么得多少分")
    most_per_day: Caps = Field(default=Caps(), description="每人每天的上限")
    levels: list[Level] = Field(default=[], description="等级，从 0 分的那一级写起")
    expires_after: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="几个月后到期：某月得的分，到几个月后的那个月底作废；不写则不过期",
    )
    redeem: list[Item] = Field(default=[], description="兑换清单")
    by_hand_per_day: int = Field(
        default=200, ge=0, le=MOST, description="每位同事一天最多手动加多少分"
    )
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")

    @property
    def budget_fen(self) -> int:
        """What the whole redemption list can cost."""
        return sum(one.value_fen * one.stock for one in self.redeem)

    def item(self, number: int) -> Item | None:
        """What a number stands for."""
        return next((one for one in self.redeem if one.number == number), None)

    def level(self, earned: int) -> Level | None:
        """The level of who has earned so much; None without levels."""
        return next((one for one in reversed(self.levels) if one.least <= earned), None)

    def next_level(self, earned: int) -> Level | None:
        """The next level; None on the highest."""
        return next((one for one in self.levels if one.least > earned), None)

    def last_day(self, earned_on: date) -> date | None:
        """The last day on which points of a day can be spent; None: they do not lapse."""
        if self.expires_after is None:
            return None
        years, month = divmod(earned_on.month - 1 + self.expires_after, 12)
        year = earned_on.year + years
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    @model_validator(mode="after")
    def _makes_sense(self) -> "PointsProgram":
        _rising([one.days for one in self.earn.streak], "连续签到的天数", ("earn", "streak"))
        _rising([one.least for one in self.levels], "等级的分数", ("levels",))
        if self.levels and self.levels[0].least:
            raise wrong("value", "第一级应从 0 分开始。", "请写 from: 0。", ("levels", 0, "from"))
        for key, values in (
            ("number", [one.number for one in self.redeem]),
            ("item", [one.item for one in self.redeem]),
        ):
            twice = next((n for n, one in enumerate(values) if one in values[:n]), None)
            if twice is not None:
                text = f"“{values[twice]}”在兑换清单里写了两次。"
                raise wrong("value", text, "编号和名称都不能重复。", ("redeem", twice, key))
        return self


def _rising(values: list[int], what: str, at: tuple[str, ...]) -> None:
    for number in range(1, len(values)):
        if values[number] <= values[number - 1]:
            raise wrong("value", f"{what}应越来越大。", "请从小到大写。", (*at, number))


def program_of(library: "Library", community: Community) -> PointsProgram | None:
    """The community's program; None where points are not collected."""
    programs: Mapping[str, PointsProgram] = library.points
    for name in sorted(programs):
        if programs[name].applies_to.includes(community):
            return programs[name]
    return None


def ways_to_earn(program: PointsProgram) -> str:
    """What anybody can earn points with from the first day: `每天签到 5 分、玩一局游戏 10 分`."""
    earn = program.earn
    ways = (("每天签到", earn.checkin), ("玩一局游戏", earn.played), ("答一次问卷", earn.answered))
    return "、".join(f"{way} {points} 分" for way, points in ways if points)
