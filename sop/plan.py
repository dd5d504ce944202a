"""Plans as values (SOP 计划): what a YAML file says once it has been checked."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import time, timedelta
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from sop.audience import AppliesTo
from sop.campaign import Name
from sop.community import Community
from sop.diagnostics import did_you_mean
from sop.model import Strict
from sop.schedule import AnyChange, AnyStep, OnHoliday, Step, StepChange
from sop.step import StepKind
from sop.target import Targets
from sop.templates import Variables
from sop.times import (
    KEY,
    DatedDay,
    Duration,
    QuietHours,
    Weekday,
    Zone,
    parse_dated_day,
    parse_weekday,
    weekday_names,
    wrong,
)
from sop.variants import assigned

__all__ = ["Plan", "Step", "StepChange"]


def parse_join_day(value: object) -> int:
    """The day after joining, `0` (the day itself) to `365`."""
    text = str(value).strip()
    found = re.fullmatch(r"(?:第|day)? *([0-9]{1,3}) *(?:天|d)?", text, re.IGNORECASE)
    if found is not None and int(found[1]) > 365:
        raise wrong("value", f"入群后第 {found[1]} 天太久了。", "最多写到 365。")
    if found is None:
        hint = "请写入群后的第几天：0 是入群当天，1 是第二天，最多 365。"
        raise wrong("value", f"看不懂“{value}”是入群后第几天。", hint)
    return int(found[1])


def _distinct_days(parse: Callable[[Any], Any]) -> BeforeValidator:
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
                    "duplicate", f"“{seen[day]}”和“{key}”是同一天。", "请合并成一处。", (key, KEY)
                )
            seen[day] = key
        return value

    return BeforeValidator(read)


def _any_case(name: str) -> str:
    return "".join(f"[{one.upper()}{one}]" if one.isascii() else one for one in name)


def _key(pattern: str) -> WithJsonSchema:
    """How an editor judges a key: as the parser does."""
    return WithJsonSchema({"type": "string", "pattern": f"^ *({pattern}) *$"})


Week = Annotated[
    dict[
        Annotated[
            Weekday,
            BeforeValidator(parse_weekday),
            _key("|".join(_any_case(one) for one in weekday_names())),
        ],
        list[AnyStep],
    ],
    _distinct_days(parse_weekday),
]
Dates = Annotated[
    dict[
        Annotated[
            DatedDay,
            BeforeValidator(parse_dated_day),
            _key("([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
        ],
        list[AnyStep],
    ],
    _distinct_days(parse_dated_day),
]
AfterJoin = Annotated[
    dict[
        Annotated[
            int,
            BeforeValidator(parse_join_day),
            _key("(第|[Dd][Aa][Yy])? *([0-2]?[0-9]{1,2}|3[0-5][0-9]|36[0-5]) *(天|[Dd])?"),
        ],
        list[AnyStep],
    ],
    _distinct_days(parse_join_day),
]


class Overrides(Strict):
    """What is different in one community, without a copy of the plan."""

    variables: Variables = Field(default={}, description="换掉计划变量的值")
    steps: dict[Name, AnyChange] = Field(default={}, description="改哪几步：步骤编号 → 改什么")

    def changed(self, step: Step) -> Step | None:
        """A step as it is here; None when there is no such step here."""
        change = self.steps.get(step.id)
        return step if change is None else change.applied(step)


class Plan(Strict):
    """A recurring week, dated days, days after joining, or all three."""

    unspoken: ClassVar[str] = "每一步各有自己的章。"

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [key]} for key in ("week", "dates", "after_join")]
        }
    )

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """Weekdays stand below `week:`."""
        if key not in weekday_names():
            return None
        return f"计划上没有“{key}”这一项。", f"请写到 week: 下面，再缩进一层：week: 换行写 {key}:"

    plan: Name = Field(description="计划名，唯一")
    title: str = Field(min_length=1, max_length=40, description="计划标题")
    author: str | None = Field(
        default=None, min_length=1, description="撰稿人的 userid；写的人不能给自己盖审核章"
    )
    applies_to: AppliesTo = Field(description="面向哪些社群")
    zone: Zone = Field(default=ZoneInfo("Asia/Shanghai"), description="时区")
    variables: Variables = Field(default={}, description="话术里可用的自定变量：名字 → 文字")
    on_holiday: OnHoliday = Field(
        default="run", description="法定节假日：run 照常，skip 跳过，shift 顺延到下一个工作日"
    )
    quiet_hours: QuietHours | None = Field(
        default=None, description='静默时段，期间不发内容，例如 "21:30-08:30"'
    )
    daily_cap: int | None = Field(default=None, ge=1, le=50, description="每群每天最多几步")
    jitter: Duration | None = Field(
        default=None, description="错峰：各社群在这段时间内分散执行，避开整点和半点，例如 6m"
    )
    targets: Targets = Field(default={}, description="本计划的每周目标：指标 → 数值")
    week: Week = Field(default={}, description="每周的步骤，按星期")
    dates: Dates = Field(default={}, description="某一天的步骤：2026-11-11，或每年的 11-11")
    after_join: AfterJoin = Field(
        default={}, description="成员入群后第几天的步骤，逐个发给成员；0 是入群当天"
    )
    overrides: dict[Name, Overrides] = Field(
        default={}, description="个别社群的不同之处：社群编号 → 改什么"
    )
    _resolved: dict[str, "Plan"] = PrivateAttr(default_factory=dict)

    def steps(self) -> Iterator[Step]:
        """Every step, as the file orders them."""
        for steps in (*self.week.values(), *self.dates.values(), *self.after_join.values()):
            yield from steps

    def step(self, step_id: str) -> Step | None:
        """A step by its id."""
        return next((step for step in self.steps() if step.id == step_id), None)

    def days_after_join(self, step_id: str) -> int | None:
        """For a step of `after_join:` its day; None for every other step."""
        for day, steps in self.after_join.items():
            if any(step.id == step_id for step in steps):
                return day
        return None

    def includes(self, community: Community) -> bool:
        """Whether this plan is for the community."""
        return self.applies_to.includes(community)

    def in_community(self, community: str) -> "Plan":
        """The plan as it is in one community: overrides applied, variants chosen.

        Communities without either share one value.
        """
        found = self._resolved.get(community)
        if found is None:
            found = self._resolved[community] = self._resolve(community)
        return found

    def changed(self) -> "Iterator[Plan]":
        """The plan as it is in each community that has overrides, before anything is scattered."""
        for own in self.overrides.values():
            yield self._mapped(own.changed, own.variables)

    def times(self, step: Step) -> list[time]:
        """When a step may be due: as written, or with `jitter` one of the minutes after it that
        are neither on the hour nor on the half, the same day."""
        if self.jitter is None:
            return [step.at]
        written = step.at.hour * 60 + step.at.minute
        last = min(written + int(self.jitter.total_seconds() // 60), 24 * 60 - 1)
        found = [one for one in range(written + 1, last + 1) if one % 30]
        return [time(one // 60, one % 60) for one in found] or [step.at]

    def _resolve(self, community: str) -> "Plan":
        own = self.overrides.get(community)
        varied = any(step.variants and not step.spec.to_members for step in self.steps())
        if own is None and not varied and self.jitter is None:
            return self

        def here(step: Step) -> Step | None:
            changed = step if own is None else own.changed(step)
            return None if changed is None else self._chosen(changed, community)

        return self._mapped(here, own.variables if own else {})

    def _mapped(self, here: Callable[[Step], Step | None], variables: Mapping[str, str]) -> "Plan":
        def each(steps: list[Step]) -> list[Step]:
            return [changed for step in steps if (changed := here(step)) is not None]

        update = {
            "variables": {**self.variables, **variables},
            "week": {day: each(steps) for day, steps in self.week.items()},
            "dates": {day: each(steps) for day, steps in self.dates.items()},
            "after_join": {day: each(steps) for day, steps in self.after_join.items()},
            "overrides": {},
            "jitter": None,
        }
        plan = self.model_copy(update=update)
        plan._resolved = {}
        return plan

    def _chosen(self, step: Step, community: str) -> Step:
        name = f"{self.plan}/{step.id}"
        if step.variants and not step.spec.to_members:
            step = step.choose(assigned(name, community, list(step.variants)))
        if self.jitter is None:
            return step
        minutes = {f"{one:%H:%M}": one for one in self.times(step)}
        return step.model_copy(update={"at": minutes[assigned(name, community, list(minutes))]})

    @model_validator(mode="after")
    def _not_empty(self) -> "Plan":
        if not any(True for _ in self.steps()):
            hint = "请在 week:、dates: 或 after_join: 下面写上步骤。"
            raise wrong("empty", "这个计划一步也没有。", hint)
        return self

    @model_validator(mode="after")
    def _jitter_fits(self) -> "Plan":
        if self.jitter is not None and not (
            timedelta(minutes=1) <= self.jitter <= timedelta(minutes=29)
        ):
            raise wrong("value", "jitter 应在 1m 到 29m 之间。", at=("jitter",))
        return self

    @model_validator(mode="after")
    def _overrides_fit(self) -> "Plan":
        ids = [step.id for step in self.steps()]
        for community, own in self.overrides.items():
            for step in own.steps:
                if step not in ids:
                    near = did_you_mean(step, ids)
                    at = ("overrides", community, "steps", step, KEY)
                    raise wrong("link", f"本计划没有编号为“{step}”的步骤。", near, at)
            for name in own.variables:
                if name not in self.variables:
                    near = did_you_mean(name, self.variables, "请先在计划的 variables: 里写上它。")
                    at = ("overrides", community, "variables", name, KEY)
                    raise wrong("link", f"计划的 variables 里没有“{name}”。", near, at)
        return self

    @model_validator(mode="after")
    def _newcomers_one_by_one(self) -> "Plan":
        for day, steps in self.after_join.items():
            for number, step in enumerate(steps):
                at = ("after_join", str(day), number)
                _for_newcomers(step.announce, [((), step.spec)], at)
                for community, own in self.overrides.items():
                    if (change := own.steps.get(step.id)) is not None:
                        own_at = ("overrides", community, "steps", step.id)
                        _for_newcomers(change.announce, change.specs(), own_at)
        return self


def _for_newcomers(
    announce: timedelta | None,
    specs: Iterable[tuple[tuple[str, ...], StepKind]],
    at: tuple[str | int, ...],
) -> None:
    """What `after_join:` cannot hold, neither in the plan nor in one community."""
    for below, spec in specs:
        if not spec.to_members:
            text = f"“{spec.title}”是发到群里的，不能放在 after_join 里。"
            raise wrong("kind", text, "这里写逐个发给成员的步骤，例如 message。", (*at, *below))
    if announce is not None:
        text = "入群后的步骤不在群里预告。"
        raise wrong("value", text, "请删掉 announce。", (*at, "announce"))
