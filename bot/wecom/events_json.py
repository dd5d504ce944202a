"""sop.events ↔ plain JSON, for the inbox."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import TypeAdapter

from sop.events import Event

_ADAPTERS: dict[str, TypeAdapter[Event]] = {
    kind.__name__: TypeAdapter(kind) for kind in get_args(Event)
}


def kind_of(event: Event) -> str:
    """The name under which an event is kept: `Said`, `Joined`, …"""
    return type(event).__name__


def to_json(event: Event) -> dict[str, Any]:
    """Plain JSON data of an event; its kind is kept beside it."""
    data: dict[str, Any] = _ADAPTERS[kind_of(event)].dump_python(event, mode="json")
    return data


def from_json(kind: str, data: Mapping[str, Any]) -> Event:
    """The event again. Raises KeyError for an unknown kind, ValueError for wrong data."""
    return _ADAPTERS[kind].validate_python(data)
