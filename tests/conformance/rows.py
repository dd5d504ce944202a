"""Calls of wechatpy's client with the answers of the reference, as tables."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SINCE = int(START.timestamp())
OK = {"errcode": 0, "errmsg": "ok"}


class StandingClock:
    """Stands until a test moves it."""

    running = False

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def run(self, running: bool) -> None:
        self.running = running

    async def look_ahead(self) -> datetime | None:
        return None

    def next_due(self) -> datetime | None:
        return None

    async def advance_to(self, target: datetime) -> None:
        self.instant = target


@dataclass(frozen=True)
class Row:
    """One call: method and arguments, the whole answer, or the code with which it is refused.
    `names` gives ids in the answer a name (by path), which stands in later rows as `<name>`."""

    method: str
    given: Sequence[Any] | Mapping[str, Any]
    answer: Any
    names: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


Difference = tuple[str, Any, Any]
"""Method, answer, what the answer should have been."""
Play = Callable[[Sequence[Row]], Awaitable[list[Difference]]]


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with ids in the place of their names."""
    text = json.dumps(value, ensure_ascii=False)
    for name, id in ids.items():
        text = text.replace(f"<{name}>", id)
    return json.loads(text)
