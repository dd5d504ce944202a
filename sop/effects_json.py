"""Effects as plain JSON and back: an audit row keeps the undo of a command this way.

`{"type": "SkipStep", "occurrence": "…", "due_at": "2026-11-24T11:30:00+00:00", …}`; instants are
ISO 8601 in UTC, tuples are lists, an effect inside an effect (`Record.undo`) is such an object.
"""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, ForwardRef, Union, get_args, get_origin, get_type_hints

from sop import effects
from sop.effects import Button, Effect, Json


class NotAnEffect(ValueError):
    """The JSON names no effect, or not this version's fields."""


def to_json(effect: Effect) -> Json:
    """Plain JSON of one effect."""
    return {
        "type": type(effect).__name__,
        **{one.name: _plain(getattr(effect, one.name)) for one in fields(effect)},
    }


def from_json(data: Json) -> Effect:
    """The inverse of `to_json`. Raises NotAnEffect."""
    kind = _kinds().get(str(data.get("type")))
    if kind is None:
        raise NotAnEffect(f"unknown effect {data.get('type')!r}")
    hints = get_type_hints(kind)
    given = {name: value for name, value in data.items() if name != "type"}
    if unknown := sorted(given.keys() - hints.keys()):
        raise NotAnEffect(f"{kind.__name__} has no {', '.join(unknown)}")
    try:
        effect: Effect = kind(**{name: _value(hints[name], one) for name, one in given.items()})
    except (TypeError, ValueError) as error:
        raise NotAnEffect(f"{kind.__name__}: {error}") from error
    return effect


@cache
def _kinds() -> dict[str, Any]:
    return {kind.__name__: kind for kind in get_args(effects.Effect)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Button):
        given = {"text": value.text, "key": value.key}
        return given | {"url": value.url} if value.url else given
    if is_dataclass(value):
        return to_json(value)  # type: ignore[arg-type]  # the only other dataclasses in effects
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _value(hint: Any, value: Any) -> Any:
    """A JSON value as its field wants it."""
    if value is None:
        return None
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return tuple(_value(item, one) for one in value)
    if get_origin(hint) in (Union, UnionType):
        if set(_kinds().values()) <= set(get_args(hint)):
            return from_json(value)
        (only,) = [one for one in get_args(hint) if one is not type(None)]
        return _value(only, value)
    if isinstance(hint, ForwardRef):
        return from_json(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is Button:
        return Button(**value)
    return value
