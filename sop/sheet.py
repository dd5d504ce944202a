"""What a reviewer reads and stamps: one step with everything it says, gives and links to, or a
file that speaks by itself (`sop.spoken`).

The *sheet* (审核单) of a step has lines for people and a hash over the values themselves, as the
files have them: the step with its variants, what single communities change about it, the plan's
audience and variables, and every file that it uses. Comments, blanks and the order of keys do not
count, nor do empty values: options that a later version of the program adds keep the stamps.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sop.audience import AppliesTo
from sop.library import Library
from sop.plan import Plan
from sop.schedule import Step
from sop.spoken import Spoken
from sop.times import DatedDay, Weekday, spoken_duration

SHORT = 8
"""Characters of a hash that people compare and type."""
_LINK = re.compile(r"https?://[^\s，。；、）》”<>\"']+")
_ASCII_NAME = re.compile(r"[\x00-\x7f]+：")
_BEFORE_MORE = re.compile(r"[，；。：;,:(]")
_LONGEST_WORD = 20
"""Characters of each entry of a list that stands in one line."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One step, or one file, as its reviewer reads it."""

    plan: str
    """Of a file: its subject (`channel:walk-in`)."""
    step: str
    """Empty for a file."""
    title: str
    """The plan's title and what the step is called."""
    lines: tuple[str, ...]
    hash: str
    """SHA-256 in hex."""

    @property
    def name(self) -> str:
        """`plan/step`, `channel:walk-in`."""
        return f"{self.plan}/{self.step}" if self.step else self.plan

    @property
    def short(self) -> str:
        """The beginning of the hash, for people."""
        return self.hash[:SHORT]

    @property
    def text(self) -> str:
        """The lines in one."""
        return "\n".join(self.lines)


def sheet(plan: Plan, step: Step, library: Library) -> Sheet:
    """The sheet of a step. `plan` and `step` as their file has them, before a community's
    overrides and the choice of a variant."""
    title = f"{plan.title} · {step.title or step.spec.called(library)}"
    lines = tuple(_lines(plan, step, library))
    return Sheet(plan.plan, step.id, title, lines, content_hash(plan, step, library))


def file_sheet(file: Spoken, library: Library) -> Sheet:
    """The sheet of a file that speaks by itself."""
    title = f"{file.called} · {getattr(file, 'title', '') or file.name}"
    lines = tuple(_file_lines(file, library))
    return Sheet(file.subject, "", title, lines, file_hash(file, library))


def file_hash(file: Spoken, library: Library) -> str:
    """The hash of the file's sheet."""
    return _file_hash(_Same(file), _Same(library))


def content_hash(plan: Plan, step: Step, library: Library) -> str:
    """The hash of the step's sheet. A thousand communities may ask at the same second."""
    return _step_hash(_Same(plan), _Same(step), _Same(library))


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Same(Generic[T]):
    """This very object, compared at no cost. Remembered ones live on, so none takes the place of
    another."""

    value: T

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


@lru_cache(maxsize=256)
def _step_hash(plan: _Same[Plan], step: _Same[Step], library: _Same[Library]) -> str:
    return _hashed(_covered(plan.value, step.value, library.value))


@lru_cache(maxsize=256)
def _file_hash(file: _Same[Spoken], library: _Same[Library]) -> str:
    return _hashed(_covered_of(file.value, library.value))


def _hashed(covered: dict[str, Any]) -> str:
    canonical = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def whole_hash(sheets: Sequence[Sheet]) -> str:
    """One hash for several sheets of a plan, to stamp them together."""
    listed = "".join(f"{one.name} {one.hash}\n" for one in sheets)
    return hashlib.sha256(listed.encode()).hexdigest()


def linked(step: Step, library: Library) -> list[BaseModel]:
    """The values of other files that any variant of the step, each once, in order."""
    found: list[BaseModel] = []
    for _, spec in step.specs():
        found += [one for one in spec.links(library) if one not in found]
    return found


# --- what is covered -----------------------------------------------------------------------------


def _covered(plan: Plan, step: Step, library: Library) -> dict[str, Any]:
    return {
        "plan": plan.plan,
        "days": _days(plan, step),
        "zone": plan.zone.key,
        "applies_to": _dump(plan.applies_to),
        "variables": dict(plan.variables),
        "step": _dump(step),
        "overrides": _overrides(plan, step),
        "links": [_dump(one) for one in _all_linked(plan, step, library)],
    }


def _covered_of(file: Spoken, library: Library) -> dict[str, Any]:
    """Everything but what no customer hears of."""
    dumped = _telling(file.model_dump(mode="json", by_alias=True, exclude=set(file.uncovered)))
    return {"file": file.subject, "said": dumped, "links": [*map(_dump, file.links(library))]}


def _dump(model: BaseModel) -> dict[str, Any]:
    """The values as YAML would give them, without those that say nothing."""
    dumped: dict[str, Any] = _telling(model.model_dump(mode="json", by_alias=True))
    return dumped


def _telling(value: Any) -> Any:
    if isinstance(value, dict):
        inside = ((key, _telling(one)) for key, one in value.items())
        return {key: one for key, one in inside if not _empty(one)}
    return [_telling(one) for one in value] if isinstance(value, list) else value


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _days(plan: Plan, step: Step) -> list[str]:
    """Where the plan has the step: `周一`, `11-11`, `入群第 3 天`."""
    found = [
        _day(key)
        for group in (plan.week, plan.dates)
        for key, steps in group.items()
        if any(one.id == step.id for one in steps)
    ]
    after = plan.days_after_join(step.id)
    return found if after is None else [*found, "入群当天" if not after else f"入群第 {after} 天"]


def _day(key: Weekday | DatedDay) -> str:
    return key.chinese if isinstance(key, Weekday) else str(key)


def _overrides(plan: Plan, step: Step) -> dict[str, Any]:
    """What single communities change about this step, and their variables."""
    return {
        community: {
            "variables": dict(own.variables),
            "step": _dump(own.steps[step.id]) if step.id in own.steps else {},
        }
        for community, own in plan.overrides.items()
        if own.variables or step.id in own.steps
    }


def _all_linked(plan: Plan, step: Step, library: Library) -> list[BaseModel]:
    """What the step uses, and what it uses where a community has it do something else."""
    found = linked(step, library)
    for own in plan.overrides.values():
        if step.id in own.steps:
            for _, spec in own.steps[step.id].specs():
                found += [one for one in spec.links(library) if one not in found]
    return found


# --- what is read --------------------------------------------------------------------------------


def _lines(plan: Plan, step: Step, library: Library) -> Iterator[str]:
    days = "、".join(_days(plan, step))
    zone = "" if plan.zone.key == "Asia/Shanghai" else f"（{plan.zone.key}）"
    yield f"计划：{plan.title}（{plan.plan}），撰稿人 {plan.author or '没有写'}"
    yield f"社群：{_audience(plan.applies_to)}"
    yield f"时间：{days} {step.at:%H:%M}{zone}"
    yield from _fields(step, "", without=("id", "at"))
    for name, value in plan.variables.items():
        yield f"变量 {name}：{value}"
    for community, own in plan.overrides.items():
        if own.variables or step.id in own.steps:
            yield f"社群 {community} 的不同之处"
            for name, value in own.variables.items():
                yield f"  变量 {name}：{value}"
            if step.id in own.steps:
                yield from _fields(own.steps[step.id], "  ")
    for one in _all_linked(plan, step, library):
        yield ""
        yield from _fields(one, "", heading="【{}】{}")
    links = _links(_covered(plan, step, library))
    yield ""
    yield "链接：" + ("、".join(links) if links else "没有")


def _file_lines(file: Spoken, library: Library) -> Iterator[str]:
    yield f"{file.called}：{file.name}，撰稿人 {file.author or '没有写'}"
    audience = getattr(file, "applies_to", None)
    if audience is not None:
        yield f"社群：{_audience(audience)}"
    yield f"没有章时：{file.held}"
    yield from _fields(file, "", without=(file.kind, "applies_to", *file.uncovered))
    for one in file.links(library):
        yield ""
        yield from _fields(one, "", heading="【{}】{}")
    links = _links(_covered_of(file, library))
    yield ""
    yield "链接：" + ("、".join(links) if links else "没有")


def _audience(audience: AppliesTo) -> str:
    labels, named = audience.labels, audience.communities
    parts = [f"标签 {'、'.join(labels)}"] if labels else []
    return "；".join([*parts, *([f"只限 {'、'.join(named)}"] if named else [])])


def _links(covered: Any) -> list[str]:
    """Every address in any text, each once."""
    if isinstance(covered, str):
        return list(dict.fromkeys(_LINK.findall(covered)))
    inside = covered.values() if isinstance(covered, Mapping) else covered
    if not isinstance(covered, Mapping | list):
        return []
    return list(dict.fromkeys(link for one in inside for link in _links(one)))


def _fields(
    model: BaseModel, indent: str, *, without: Sequence[str] = (), heading: str = ""
) -> Iterator[str]:
    """A model's values that differ from their defaults, each under the name that its
    description gives it; with `heading` the first one is a title."""
    dumped = _dump(model)
    for name, field in type(model).model_fields.items():
        key = field.alias or name
        if key not in dumped or name in without:
            continue
        value = getattr(model, name)
        label = _label(field.description or key, key)
        if heading:
            yield heading.format(label, dumped[key])
            heading = ""
            continue
        text = _meaning(field.description or "", dumped[key]) or dumped[key]
        yield from _value(label, value, text, indent)


def _meaning(description: str, value: Any) -> str:
    """`ask` → `ask（问客户经理）` where the description says what each choice means."""
    if not isinstance(value, str) or not value.isascii():
        return ""
    found = re.search(rf"(?<!\w){re.escape(value)}：([^，；]+)", description)
    return f"{value}（{found[1]}）" if found else ""


def _label(description: str, key: str) -> str:
    """`正文，可用变量 …` → `正文`; `true：文末附风险提示` → `文末附风险提示`."""
    if found := _ASCII_NAME.match(description):
        description = description[found.end() :] if found[0] == "true：" else key
    return _BEFORE_MORE.split(description, maxsplit=1)[0].strip()


def _value(label: str, value: Any, dumped: Any, indent: str) -> Iterator[str]:
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        yield f"{indent}{label}"
        yield from _fields(value, indent + "  ")
    elif isinstance(value, Mapping):
        yield f"{indent}{label}"
        for key, one in value.items():
            if str(key) in dumped:
                yield from _value(str(key), one, dumped[str(key)], indent + "  ")
    elif isinstance(value, list):
        yield from _several(label, value, dumped, indent)
    elif isinstance(dumped, str) and "\n" in dumped.strip():
        yield f"{indent}{label}："
        yield from (f"{indent}  │ {line}".rstrip() for line in dumped.strip().split("\n"))
    else:
        yield f"{indent}{label}：{_plain(value, dumped)}"


def _several(label: str, value: list[Any], dumped: list[Any], indent: str) -> Iterator[str]:
    """A list of words in one line; else one line for each, numbered."""
    texts = [_item(one, plain) for one, plain in zip(value, dumped, strict=True)]
    joined = "、".join(texts)
    if all(len(one) <= _LONGEST_WORD and "\n" not in one for one in texts):
        yield f"{indent}{label}：{joined}"
        return
    yield f"{indent}{label}（{len(texts)}）"
    for number, text in enumerate(texts, start=1):
        first, *rest = text.split("\n")
        yield f"{indent}  {number}. {first}"
        yield from (f"{indent}     │ {line}".rstrip() for line in rest)


def _item(value: Any, dumped: Any) -> str:
    """One entry of a list: its values side by side, long texts below."""
    if not isinstance(value, BaseModel):
        return _plain(value, dumped)
    if not isinstance(dumped, dict):
        return str(dumped)
    parts: list[str] = []
    texts: list[str] = []
    for line in _fields(value, ""):
        (texts if line.startswith("  │ ") else parts).append(line.removeprefix("  │ ").strip())
    return "\n".join(["；".join(parts), *texts])


def _plain(value: Any, dumped: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, timedelta):
        return spoken_duration(value)
    return str(dumped).strip()
