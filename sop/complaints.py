"""What pydantic found, in the words of the person who wrote the YAML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sop.diagnostics import closest, did_you_mean
from sop.intended import spoken_number
from sop.model import Strict
from sop.times import KEY

Path = tuple[str | int, ...]
MISSING = "missing-key"
MOST = 200
"""Complaints about one file; what follows is only counted: a hostile file has ten thousand."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One broken rule at one path of the data."""

    path: Path
    on_key: bool
    """The key itself is wrong, not its value."""
    code: str
    message: str
    hint: str = ""
    line: int = 0
    """Line within a long text, from 1; 0: the whole value."""
    word: str = ""
    """The part of the text that is meant; empty: the whole value."""
    meant: str | None = None
    """For an unknown key: the key that was meant."""


def complaints(error: ValidationError, model: type[BaseModel]) -> list[Complaint]:
    """Every error of a validation of `model`; a misspelt key is not missing as well."""
    errors = error.errors(include_url=False)
    found = [_complaint(one, model) for one in errors[:MOST]]
    meant = {(*one.path[:-1], one.meant) for one in found if one.meant}
    found = [one for one in found if one.code != MISSING or one.path not in meant]
    if len(errors) > MOST:
        text = f"还有 {len(errors) - MOST} 个问题没有列出。"
        found.append(Complaint((), False, "more", text, "请先改好已经列出的。"))
    return found


_READ = ("time", "duration", "amount", "date", "zone")
"""Codes of validators that read a text; what is not there they cannot read."""
_WANTED = {
    "string_type": "文字",
    "int_type": "整数",
    "int_from_float": "整数",
    "int_parsing": "整数",
    "float_type": "数字",
    "float_parsing": "数字",
    "bool_type": " true 或 false",
    "bool_parsing": " true 或 false",
    "list_type": "列表（每项另起一行，以“- ”开头）",
    "dict_type": "一组“键: 值”",
    "model_type": "一组“键: 值”",
    "model_attributes_type": "一组“键: 值”",
}


def _complaint(error: ErrorDetails, model: type[BaseModel]) -> Complaint:
    kind, context = error["type"], error.get("ctx", {})
    path, on_key = (*error["loc"], *context.get("at", ())), False
    if path and path[-1] == KEY:
        path, on_key = path[:-1], True
    name = str(path[-1]) if path else ""
    if "text" in context:
        hint, line, word = context["hint"], context["line"], context["word"]
        if kind in _READ and error["input"] is None:
            return Complaint(path, on_key, "type", f"“{name}”后面没有内容。", hint)
        return Complaint(path, on_key, kind, context["text"], hint, line, word)
    if kind == "extra_forbidden":
        return _unknown(path, name, _model_at(model, path[:-1]))
    if kind == "missing":
        hint = _description(_model_at(model, path[:-1]), name)
        return Complaint(path, on_key, MISSING, f"缺少“{name}”。", hint)
    if kind in _WANTED:
        message, hint = _wrong_type(kind, name, error["input"])
        hint = hint or _inside(_model_at(model, path), error["input"])
        return Complaint(path, on_key, "type", message, hint)
    message, hint = _broken_rule(kind, context, error)
    if kind in ("literal_error", "enum") and not hint:
        hint = _choices_told(_model_at(model, path[:-1]), name, str(context["expected"]))
    return Complaint(path, on_key, "value", message, hint)


def _unknown(path: Path, name: str, model: type[BaseModel] | None) -> Complaint:
    """A model may know what people mean who write a key that belongs elsewhere."""
    told = model.elsewhere(name) if model is not None and issubclass(model, Strict) else None
    if told is not None:
        return Complaint(path, True, "unknown-key", *told)
    known = _keys(model)
    hint, meant = did_you_mean(name, known), closest(name, known)
    return Complaint(path, True, "unknown-key", f"没有“{name}”这一项。", hint, meant=meant)


def _wrong_type(kind: str, name: str, value: object) -> tuple[str, str]:
    wanted = _WANTED[kind]
    if value is None:
        return f"“{name}”后面没有内容，应为{wanted}。", ""
    if wanted == "文字" and isinstance(value, bool | int | float):
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return "应为文字，这里是数字或真假值。", f'请加上引号："{shown}"。'
    hint = ""
    if isinstance(value, str):
        text = value.strip()
        if wanted == "整数" and text.isdecimal():
            hint = f"请去掉引号：{text}。"
        elif wanted == "整数":
            hint = _meant_number(text)
        elif wanted == _WANTED["bool_type"]:
            hint = next((f"请写 {one}。" for one, said in _SAID.items() if text in said), "")
        elif wanted == _WANTED["list_type"] and text and "\n" not in text and len(text) <= 40:
            hint = f"请写 [{text.strip('【】［］（）()')}]。"
    return f"应为{wanted}，这里是{_kind_of(value)}。", hint


_SAID = {
    "true": ("是", "要", "对", "好", "开", "有", "yes", "Yes", "on", "y"),
    "false": ("否", "不", "不要", "不是", "关", "没有", "no", "No", "off", "n"),
}


def _meant_number(text: str) -> str:
    """What to write for `两步` or `5天`."""
    found = re.fullmatch(r"(\d{1,6}|[零一二两三四五六七八九十]{1,3})[^\d百千万亿]{0,2}", text)
    return f"只写数字：{spoken_number(found[1])}。" if found else "只写数字，例如 5。"


def _inside(model: type[BaseModel] | None, value: object) -> str:
    """What to write where one value stands for a whole model."""
    if model is None:
        return ""
    keys, fields = _keys(model), model.model_fields.values()
    if isinstance(value, str) and "segment" in keys and len(value) <= _LONGEST_NAME:
        return f"选一个人群请写 {{segment: {value.strip() or '人群名'}}}。"
    needed = [key for key, field in zip(keys, fields, strict=True) if field.is_required()]
    if needed:
        return f"下面至少要写：{'、'.join(needed)}。"
    return f"下面可以写：{'、'.join(keys)}。" if len(keys) <= _FEW else ""


_FEW = 12
_LIKE_A_CHOICE = 75
"""Of 100: choices are short words, and `phone` is no slip for `none`."""
_LONGEST_NAME = 64


def _choices_told(model: type[BaseModel] | None, name: str, expected: str) -> str:
    """The key's description, where it says what the choices mean."""
    described = _description(model, name)
    return described if all(one.strip(" '\"") in described for one in _choices(expected)) else ""


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "真假值"
    if isinstance(value, int | float):
        return "数字"
    if isinstance(value, str):
        return "文字"
    return "列表" if isinstance(value, list) else "一组“键: 值”"


def _broken_rule(kind: str, context: dict[str, Any], error: ErrorDetails) -> tuple[str, str]:
    if kind in ("literal_error", "enum"):
        choices = [one.strip(" '\"") for one in _choices(str(context["expected"]))]
        shown = error["input"]
        message = f"这里不能写“{shown}”，只能写 {'、'.join(choices)}。"
        near = closest(str(shown), choices, likeness=_LIKE_A_CHOICE)
        return message, f"您是想写 {near} 吗？" if near else ""
    if kind == "string_pattern_mismatch":
        pattern = f"须符合 {context['pattern']}"
        if context["pattern"] == r"^\w[\w.-]*$":
            pattern = "只能用文字、数字、“-”“_”“.”，不能有空格，例如 tue-dice"
        return f"“{error['input']}”不能用作编号或名称。", f"{pattern}。"
    return _bounds(kind, context, error), ""


def _choices(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(", ")


def _bounds(kind: str, context: dict[str, Any], error: ErrorDetails) -> str:
    bounds = {
        "greater_than_equal": "不能小于 {ge}。",
        "greater_than": "必须大于 {gt}。",
        "less_than_equal": "不能大于 {le}。",
        "less_than": "必须小于 {lt}。",
        "string_too_short": "至少要有 {min_length} 个字。",
        "string_too_long": "最多 {max_length} 个字。",
        "too_short": "至少要有 {min_length} 项。",
        "too_long": "最多 {max_length} 项。",
    }
    if kind in bounds:
        return bounds[kind].format(**context)
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    return f"写法不对（{error['msg']}）。"


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that validates the mapping at `path`."""
    current: Any = _concrete(model)
    for key in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = next(
                (
                    one
                    for name, one in current.model_fields.items()
                    if key in (one.validation_alias or one.alias or name, name)
                ),
                None,
            )
            current = _concrete(field.annotation) if field else None
        else:
            current = _concrete(get_args(current)[-1]) if get_args(current) else None
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return current if is_model else None


def _concrete(annotation: Any) -> Any:
    """An annotation without Annotated and None; a marker may name the model really used."""
    for marker in getattr(annotation, "__metadata__", ()):
        if hasattr(marker, "read_as"):
            return marker.read_as()
    if hasattr(annotation, "__metadata__"):
        return _concrete(get_args(annotation)[0])
    if get_origin(annotation) in (None, list, dict):
        return annotation
    rest = [one for one in get_args(annotation) if one is not type(None)]
    return _concrete(rest[0]) if len(rest) == 1 else annotation


def _keys(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [str(field.alias or name) for name, field in model.model_fields.items()]


def _description(model: type[BaseModel] | None, key: str) -> str:
    if model is None:
        return ""
    for name, field in model.model_fields.items():
        if key == (field.alias or name) and field.description:
            return f"{key}：{field.description}。"
    return ""
