"""Plans and steps as values (SOP 计划): what a YAML file says once it has been checked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, create_model, model_validator
from pydantic_core import CoreSchema

from sop.audience import AppliesTo
from sop.campaign import Name
from sop.community import Community
from sop.discovery import Misregistered
from sop.model import Strict
from sop.step import StepKind
from sop.steps import step_kinds
from sop.times import (
    DatedDay,
    Duration,
    QuietHours,
    TimeOfDay,
    Weekday,
    Zone,
    parse_dated_day,
    parse_weekday,
    wrong,
)

OnHoliday = Literal["run", "skip", "shift"]


class CatchUp(Strict):
    """What happens when the bot comes too late for a step (it was down, the clock jumped)."""

    within: Duration = Field(
        default=timedelta(hours=2), description="迟到多久以内按 then 处理，再晚就跳过"
    )
    then: Literal["run", "skip", "ask"] = Field(
        description="run：补发；skip：跳过；ask：问客户经理"
    )


class Step(Strict):
    """One entry of a plan (步骤). What it does is `spec`; everything else is when."""

    id: Name = Field(description="步骤编号，在本计划内唯一；客户经理用它跳过、推迟")
    at: TimeOfDay = Field(description='时间，24 小时制，例如 "19:30"')
    window: Duration = Field(
        default=timedelta(minutes=30), description="执行窗口：多久以内算准时，例如 30m"
    )
    remind: Duration | None = Field(default=None, description="提前多久把话术发给客户经理")
    announce: Duration | None = Field(default=None, description="提前多久在群里预告")
    catch_up: CatchUp | None = Field(
        default=None, description="错过执行窗口怎么办；不写就跳过并告诉客户经理"
    )
    on_holiday: OnHoliday | None = Field(default=None, description="节假日：不写则随计划")

    @property
    def spec(self) -> StepKind:
        """The step's kind with its options."""
        spec: StepKind = next(
            getattr(self, kind) for kind in step_kinds() if getattr(self, kind, None) is not None
        )
        return spec

    def window_end(self, due_at: datetime) -> datetime:
        """The latest instant that counts as on time."""
        return due_at + self.window

    def expires_at(self, due_at: datetime, now: datetime) -> datetime:
        """When a message of this step is worth nothing any more.

        The window's end, or the catch-up's when late is still welcome. Someone who runs the step
        after that (补发) gives it a new window.
        """
        allowed = self.window
        if self.catch_up is not None and self.catch_up.then != "skip":
            allowed = max(allowed, self.catch_up.within)
        end = due_at + allowed
        return end if now < end else now + self.window

    @model_validator(mode="after")
    def _one_kind(self) -> "Step":
        kinds = step_kinds()
        given = [kind for kind in kinds if kind in self.model_fields_set]
        if not given:
            choice = "、".join(f"{name}（{kind.title}）" for name, kind in kinds.items())
            raise wrong("kind", "这一步没有写要做什么。", f"请加上其中一项：{choice}。")
        if len(given) > 1:
            text = f"一步只能做一件事，这里写了 {'、'.join(given)}。"
            raise wrong("kind", text, "请拆成几步，各有自己的 id。")
        return self


@cache
def step_model() -> type[Step]:
    """`Step` with one optional field for each kind found in `sop.steps`.

    Raises Misregistered for a kind that takes the name of something every step has.
    """
    for name in step_kinds():
        if name in Step.model_fields:
            raise Misregistered(f"步骤种类不能叫“{name}”，每一步都已有这一项。")
    fields: dict[str, Any] = {
        name: (kind, Field(default=None, description=kind.title))
        for name, kind in step_kinds().items()
    }
    model: type[Step] = create_model("Step", __base__=Step, __module__=__name__, **fields)
    return model


class _WithKinds:
    """Makes pydantic read a `Step` by `step_model()`: mypy sees one class, YAML every kind."""

    read_as = staticmethod(step_model)
    """For `sop.complaints`, which looks for the keys that would have been right."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Step], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler.generate_schema(step_model())


AnyStep = Annotated[Step, _WithKinds]


def _distinct_days(parse: Any) -> Any:
    """Reads the keys; two spellings of one day would hide each other's steps."""

    def read(value: object) -> object:
        if not isinstance(value, dict):
            return value
        seen: dict[Any, str] = {}
        for key in value:
            try:
                day = parse(key)
            except ValueError:
                continue  # the key's own validator says what is wrong, at the key
            if day in seen:
                raise wrong(
                    "duplicate", f"“{seen[day]}”和“{key}”是同一天。", "请合并成一处。", (key,)
                )
            seen[day] = key
        return value

    return BeforeValidator(read)


Week = Annotated[
    dict[Annotated[Weekday, BeforeValidator(parse_weekday)], list[AnyStep]],
    _distinct_days(parse_weekday),
]
Dates = Annotated[
    dict[Annotated[DatedDay, BeforeValidator(parse_dated_day)], list[AnyStep]],
    _distinct_days(parse_dated_day),
]


class Plan(Strict):
    """A recurring week, dated days, or both, for the communities it applies to."""

    plan: Name = Field(description="计划名，唯一")
    title: str = Field(min_length=1, max_length=40, description="计划标题")
    applies_to: AppliesTo = Field(description="面向哪些社群")
    zone: Zone = Field(default=ZoneInfo("Asia/Shanghai"), description="时区")
    on_holiday: OnHoliday = Field(
        default="run", description="法定节假日：run 照常，skip 跳过，shift 顺延到下一个工作日"
    )
    quiet_hours: QuietHours | None = Field(
        default=None, description='静默时段，期间不发内容，例如 "21:30-08:30"'
    )
    daily_cap: int | None = Field(default=None, ge=1, le=50, description="每群每天最多几步")
    week: Week = Field(default={}, description="每周的步骤，按星期")
    dates: Dates = Field(default={}, description="某一天的步骤：2026-11-11，或每年的 11-11")

    def steps(self) -> Iterator[Step]:
        """Every step, as the file orders them."""
        for steps in (*self.week.values(), *self.dates.values()):
            yield from steps

    def step(self, step_id: str) -> Step | None:
        """A step by its id."""
        return next((step for step in self.steps() if step.id == step_id), None)

    def includes(self, community: Community) -> bool:
        """Whether this plan is for the community."""
        return self.applies_to.includes(community)

    @model_validator(mode="after")
    def _not_empty(self) -> "Plan":
        if not any(True for _ in self.steps()):
            raise wrong("empty", "这个计划一步也没有。", "请在 week: 或 dates: 下面写上步骤。")
        return self
