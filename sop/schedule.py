"""A plan's steps (步骤): when each is due, and which kind of thing it does.

A step does one thing: the key of a kind (`content:`, `game:` …). With `variants:` it does one of
several, chosen for each community (or, for what goes to members one by one, for each member).
"""

import copyreg
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PrivateAttr,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sop.campaign import Name
from sop.compliance.waiver import Waiver
from sop.discovery import Misregistered
from sop.model import Strict
from sop.step import CHOOSING, StepKind
from sop.steps import step_kinds
from sop.times import Duration, TimeOfDay, wrong
from sop.tracked import Links

if TYPE_CHECKING:
    from sop.library import Library

OnHoliday = Literal["run", "skip", "shift"]
M = TypeVar("M", bound=BaseModel)


class CatchUp(Strict):
    """What happens when the bot comes too late for a step (it was down, the clock jumped)."""

    within: Duration = Field(
        default=timedelta(hours=2), description="迟到多久以内按 then 处理，再晚就跳过"
    )
    then: Literal["run", "skip", "ask"] = Field(
        description="run：补发；skip：跳过；ask：问客户经理"
    )


def _given(model: BaseModel) -> list[str]:
    """The kinds that a step, variant or override names."""
    return [kind for kind in step_kinds() if kind in model.model_fields_set]


def _spec(model: BaseModel) -> StepKind | None:
    found = (getattr(model, kind, None) for kind in step_kinds())
    return next((spec for spec in found if spec is not None), None)


def _choice() -> str:
    return "、".join(f"{name}（{kind.title}）" for name, kind in step_kinds().items())


def _not_two(given: list[str]) -> None:
    if len(given) > 1:
        text = f"一步只能做一件事，这里写了 {'、'.join(given)}。"
        raise wrong("kind", text, "请拆成几步，各有自己的 id。")


def _in_schema(one: list[JsonSchemaValue], schema: JsonSchemaValue) -> JsonSchemaValue:
    """Which keys go together, for editors; the kinds are shown first. `schema` is changed."""
    keys = schema["properties"]
    for kind in step_kinds():
        keys[kind].pop("default", None)
    schema["oneOf"] = [*({"required": [kind]} for kind in step_kinds()), *one]
    return schema


def _with_kinds(base: type[M]) -> type[M]:
    """`base` with one optional field for each kind found in `sop.steps`.

    Raises Misregistered for a kind that takes the name of something `base` has.
    """
    for name in step_kinds():
        if name in base.model_fields:
            raise Misregistered(f"步骤种类不能叫“{name}”，每一步都已有这一项。")
    fields: dict[str, Any] = {
        name: (kind, Field(default=None, description=kind.title))
        for name, kind in step_kinds().items()
    }
    model: type[M] = create_model(base.__name__, __base__=base, __module__=__name__, **fields)
    copyreg.pickle(model, lambda one: (_blank, (base,), one.__getstate__()))
    return model


def _blank(base: type[BaseModel]) -> Any:
    """Pickle looks a class up by its name, and would find `base`."""
    read_as = {Step: step_model, StepChange: change_model, Variant: variant_model}
    model = read_as[base]()
    return model.__new__(model)


class _ReadAs:
    """Makes pydantic read a model by `read_as()`: mypy sees one class, YAML every kind."""

    def __init__(self, read_as: Callable[[], type[BaseModel]]) -> None:
        self.read_as = read_as
        """For `sop.complaints`, which looks for the keys that would have been right."""

    def __get_pydantic_core_schema__(
        self, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler.generate_schema(self.read_as())


class Variant(Strict):
    """One of the things that a step with `variants:` may do."""

    @property
    def spec(self) -> StepKind:
        """The kind with its options."""
        spec = _spec(self)
        assert spec is not None  # noqa: S101  # the validator saw to it
        return spec

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _in_schema([], handler.resolve_ref_schema(handler(core_schema)))

    @model_validator(mode="after")
    def _one_kind(self) -> "Variant":
        given = _given(self)
        if not given:
            raise wrong("kind", "这个版本没有写要做什么。", f"请加上其中一项：{_choice()}。")
        _not_two(given)
        return self


@cache
def variant_model() -> type[Variant]:
    """`Variant` with a field for each kind."""
    return _with_kinds(Variant)


class Step(Strict):
    """One entry of a plan (步骤). What it does is `spec`; everything else is when."""

    id: Name = Field(description="步骤编号，在本计划内唯一；客户经理用它跳过、推迟")
    title: str | None = Field(
        default=None, min_length=1, max_length=30, description="这一步叫什么，例如 周三小课堂"
    )
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
    links: Links = Field(
        default={},
        description="链接：名字 → 网址，正文里写 {{ links.名字 }}，谁点了会记下来",
    )
    variants: dict[Name, Annotated[Variant, _ReadAs(variant_model)]] = Field(
        default={}, description="A/B 版本：每个版本写一种做法，按社群（或成员）固定分配"
    )
    waive: list[Waiver] = Field(default=[], description="对合规检查的豁免，写明规则和理由")
    _variant: str = PrivateAttr(default="")

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """The kind says for whom it is."""
        if key not in CHOOSING:
            return None
        hint = "请写到做的事下面，例如 message: 下面写 to: {segment: 人群名}。"
        return f"步骤上没有“{key}”这一项。", hint

    @property
    def spec(self) -> StepKind:
        """The step's kind with its options; that of the first variant where none is chosen."""
        spec = _spec(self)
        return next(iter(self.variants.values())).spec if spec is None else spec

    def called(self, library: "Library") -> str:
        """What people call this step: its own title, else its game's, campaign's or script's."""
        return self.title or self.spec.called(library)

    @property
    def variant(self) -> str:
        """The name of the chosen variant; empty where there is nothing to choose."""
        return self._variant

    def specs(self) -> Iterator[tuple[tuple[str, ...], StepKind]]:
        """Everything the step may do, with its path below the step."""
        spec = _spec(self)
        if spec is not None:
            yield (spec.kind,), spec
        for name, variant in self.variants.items():
            yield ("variants", name, variant.spec.kind), variant.spec

    def choose(self, name: str) -> "Step":
        """The step as it is in this variant."""
        spec = self.variants[name].spec
        chosen = self.model_copy(update={"variants": {}, spec.kind: spec})
        chosen._variant = name
        return chosen

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

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["properties"]["variants"] |= {"minProperties": 2}
        return _in_schema([{"required": ["variants"]}], schema)

    @model_validator(mode="after")
    def _one_kind(self) -> "Step":
        given, varied = _given(self), "variants" in self.model_fields_set
        if not given and not varied:
            raise wrong("kind", "这一步没有写要做什么。", f"请加上其中一项：{_choice()}。")
        if given and varied:
            raise wrong("kind", f"写了 variants，就不要再写 {given[0]}。", "请把它也写成一个版本。")
        _not_two(given)
        if varied and len(self.variants) < 2:
            raise wrong("kind", "variants 至少要有两个版本。", at=("variants",))
        if len({variant.spec.to_members for variant in self.variants.values()}) > 1:
            text = "各版本要么都发到群里，要么都逐个发给成员。"
            raise wrong("kind", text, "请拆成两步。", ("variants",))
        return self


@cache
def step_model() -> type[Step]:
    """`Step` with a field for each kind."""
    return _with_kinds(Step)


AnyStep = Annotated[Step, _ReadAs(step_model)]


class StepChange(Strict):
    """What is different about a step in one community; what is not written stays."""

    skip: bool = Field(default=False, description="true：这个社群没有这一步")
    title: str | None = Field(default=None, min_length=1, max_length=30, description="换个名字")
    at: TimeOfDay | None = Field(default=None, description="换个时间")
    window: Duration | None = Field(default=None, description="换个执行窗口")
    remind: Duration | None = Field(default=None, description="换个提醒时间")
    announce: Duration | None = Field(default=None, description="换个预告时间")
    catch_up: CatchUp | None = Field(default=None, description="换个补发办法")
    on_holiday: OnHoliday | None = Field(default=None, description="换个节假日办法")

    def specs(self) -> Iterator[tuple[tuple[str, ...], StepKind]]:
        """What the step does instead, with its path below the change."""
        spec = _spec(self)
        if spec is not None:
            yield (spec.kind,), spec

    def applied(self, step: Step) -> Step | None:
        """The step with the change; None when the community has no such step."""
        if self.skip:
            return None
        update = {key: getattr(self, key) for key in self.model_fields_set if key != "skip"}
        spec = _spec(self)
        if spec is not None:
            update |= dict.fromkeys(step_kinds()) | {"variants": {}, spec.kind: spec}
        return step.model_copy(update=update)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        keys = schema["properties"]
        for key in ("at", "window"):
            keys[key] |= keys[key].pop("anyOf")[0]
        nothing = {"not": {"anyOf": [{"required": [kind]} for kind in step_kinds()]}}
        schema["minProperties"] = 1
        schema["if"] = {"required": ["skip"], "properties": {"skip": {"const": True}}}
        schema["then"] = {"maxProperties": 1}
        return _in_schema([nothing], schema)

    @field_validator("at", "window", mode="before")
    @classmethod
    def _not_nothing(cls, value: object) -> object:
        if value is None:
            raise wrong("type", "这里没有写内容。", "不想改就删掉这一行。")
        return value

    @model_validator(mode="after")
    def _meaningful(self) -> "StepChange":
        _not_two(_given(self))
        if not self.model_fields_set:
            raise wrong("empty", "这里没有写要改什么。", "请写要改的项，或删掉这一行。")
        if self.skip and len(self.model_fields_set) > 1:
            raise wrong("kind", "写了 skip: true，就不要再写别的。", at=("skip",))
        return self


@cache
def change_model() -> type[StepChange]:
    """`StepChange` with a field for each kind."""
    return _with_kinds(StepChange)


AnyChange = Annotated[StepChange, _ReadAs(change_model)]
