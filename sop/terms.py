"""Who may draw, after doing what, and how often: the parts of a campaign that `sop.eligibility`
judges at the instant of a draw.

Nothing here can ask for buying, holding or opening a product: the law forbids it, so no word for
it exists.
"""

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    FieldSerializationInfo,
    field_serializer,
    model_validator,
)

from sop.conditions import Conditions
from sop.model import Strict
from sop.names import Name as Name
from sop.names import StepName
from sop.times import Duration, wrong

MOST_CHANCES = 100
ANSWERED = ("survey", "vote", "nps", "topic")
"""Step kinds of which a member's reply is an answer."""

Label = Annotated[str, Field(min_length=1, max_length=40)]
Price = Annotated[int, Field(ge=1, le=1_000_000)]


class CheckedIn(Strict):
    """So many days with a check-in, not necessarily in a row."""

    days: int = Field(ge=1, le=366, description="签到几天")
    within: Duration = Field(description="最近多久内，例如 7d")

    @model_validator(mode="after")
    def _possible(self) -> "CheckedIn":
        if self.days > self.within.days:
            raise wrong(
                "value",
                f"{self.within.days} 天内签不到 {self.days} 天。",
                "请把 within 写长一些，或把 days 写小。",
                ("days",),
            )
        return self


class Condition(Strict):
    """What a member must have done before drawing; everything that is written must hold."""

    played_within: Duration | None = Field(
        default=None, description="最近多久内玩过一局社群游戏，例如 7d"
    )
    checked_in: CheckedIn | None = Field(default=None, description="最近签到过几天")
    answered: StepName | None = Field(
        default=None, description="答过哪一步的问卷、投票、打分或话题：计划名/步骤编号"
    )
    invited: int | None = Field(
        default=None, ge=1, le=100, description="本期开始后介绍来几位朋友（已计入的）"
    )
    points: Price | None = Field(default=None, description="抽一次用多少积分")

    @model_validator(mode="after")
    def _something(self) -> "Condition":
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise wrong("empty", "condition 里一个条件也没有。", "没有条件就删掉 condition。")
        return self


def _nothing(value: object) -> bool:
    """Rules in which it is not written read, and hash, as they did before there was such a key."""
    return value is None


class Who(Strict):
    """For whom the campaign is. Staff never take part, whatever is written here."""

    customers_only: bool = Field(default=False, description="只限已加客户经理好友的本行客户")
    member_for: Duration | None = Field(default=None, description="入群满多久，例如 7d")
    joined_within: Duration | None = Field(
        default=None, description="只限最近多久内入群的新成员，例如 30d"
    )
    tags: list[Label] = Field(default=[], description="要有这些标签（全部）")
    without_tags: list[Label] = Field(default=[], description="不能有这些标签（任何一个）")
    not_in: list[Name] = Field(default=[], description="没有参加过这些活动的人")
    segment: Name | None = Field(
        default=None,
        exclude_if=_nothing,
        description="只限这个人群：人群名，见 segments/；抽奖的那一刻在不在里面",
    )
    conditions: Conditions | None = Field(
        default=None,
        exclude_if=_nothing,
        description="只限符合这些条件的成员，写法和人群的 who 一样；和 segment 只写一项",
    )

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Conditions of segments are written below a key of their own."""
        if key not in Conditions.model_fields:
            return None
        hint = f"请写在 conditions: 下面，例如 conditions: {{{key}: …}}；或者写 segment: 人群名。"
        return f"who 下面不能直接写“{key}”。", hint

    @property
    def asked(self) -> Conditions | None:
        """The conditions, among which a segment may be named."""
        if self.segment is not None:
            return Conditions(segment=self.segment)
        return self.conditions

    @property
    def chosen(self) -> bool:
        """Whether it is for members whom the bank has chosen by what they are or did."""
        return bool(self.tags or self.without_tags or self.asked)

    @field_serializer("conditions")
    def _as_written(self, conditions: Conditions | None, info: FieldSerializationInfo) -> Any:
        """What was not written stays so: it decides what a bound of numbers means."""
        if conditions is None:
            return None
        return conditions.model_dump(mode=info.mode, by_alias=True, exclude_unset=True)

    @model_validator(mode="after")
    def _one_choice(self) -> "Who":
        if self.segment is not None and self.conditions is not None:
            hint = "请把 segment 写到 conditions 里面，或者只留 segment。"
            raise wrong("value", "这里同时写了 segment 和 conditions。", hint, ("conditions",))
        return self

    @model_validator(mode="after")
    def _somebody(self) -> "Who":
        if both := [one for one in self.tags if one in self.without_tags]:
            text = f"标签“{both[0]}”既要有，又不能有。"
            raise wrong("value", text, "请删掉其中一处。", ("without_tags",))
        if self.member_for and self.joined_within and self.member_for >= self.joined_within:
            text = "入群要满的时间不短于新成员的期限，谁都参加不了。"
            raise wrong("value", text, "请把 member_for 写短，或把 joined_within 写长。")
        return self


class Chances(Strict):
    """How often one member draws: in the whole round, and on one local day."""

    total: int = Field(default=1, ge=1, le=MOST_CHANCES, description="每人每期一共几次")
    per_day: int | None = Field(
        default=None, ge=1, le=MOST_CHANCES, description="每人每天最多几次（当地日期）；不写则不限"
    )

    @model_validator(mode="after")
    def _fits(self) -> "Chances":
        if self.per_day is not None and self.per_day > self.total:
            text = f"每天 {self.per_day} 次，超过一共 {self.total} 次。"
            raise wrong("value", text, "请把 total 写大，或把 per_day 写小。", ("per_day",))
        return self


def _short(value: Any) -> Any:
    """`chances: 3` says the total."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    return {"total": value} if plain else value


AnyChances = Annotated[
    Chances,
    BeforeValidator(
        _short,
        json_schema_input_type=Annotated[int, Field(ge=1, le=MOST_CHANCES)] | Chances,
    ),
]
