"""A summary as plain JSON, and back: what a final week is kept as.

Unlike `Summary.as_json`, which is for readers, this loses nothing: every form is rendered from the
value that was kept, so that a page of last year shows what was told last year.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from sop.summary.summary import Summary

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Plain = Any
FORMAT = 1
"""Grows when a kept summary could no longer be read as it is."""
_DATE = "date"


class Unreadable(ValueError):
    """Not a summary of this format."""


def to_plain(summary: Summary) -> dict[str, Plain]:
    """The whole summary as JSON values."""
    return {"format": FORMAT, "summary": _down(summary)}


def from_plain(kept: Mapping[str, Plain]) -> Summary:
    """The summary that was kept. Raises Unreadable."""
    try:
        if kept["format"] != FORMAT:
            raise Unreadable(f"format {kept['format']}")
        return cast(Summary, _up(Summary, kept["summary"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(str(error)) from error


def _down(value: Any) -> Plain:
    if is_dataclass(value):
        return {one.name: _down(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, tuple):
        return [_down(one) for one in value]
    return value


def _up(kind: Any, value: Plain) -> Any:
    if isinstance(value, dict) and value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    if get_origin(kind) in (Union, types.UnionType):
        return _up_one_of(get_args(kind), value)
    if get_origin(kind) is tuple:
        return _up_tuple(get_args(kind), value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = [(name, hint) for name, hint in _hints(kind) if name in value]
        return kind(**{name: _up(hint, value[name]) for name, hint in hints})
    if isinstance(kind, type) and issubclass(kind, Enum | ZoneInfo):
        return kind(value)
    return value


def _up_one_of(kinds: tuple[Any, ...], value: Plain) -> Any:
    """None stays None; of the others at most one is made of something else than plain values."""
    if value is None:
        return None
    for kind in kinds:
        made = isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum))
        if made or get_origin(kind) is tuple:
            return _up(kind, value)
    return value


def _up_tuple(kinds: tuple[Any, ...], value: list[Plain]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_up(kinds[0], one) for one in value)
    return tuple(_up(kind, one) for kind, one in zip(kinds, value, strict=True))


@cache
def _hints(kind: "type[DataclassInstance]") -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((one.name, hints[one.name]) for one in fields(kind))
