"""How long to fuzz, from which seed, and how to spoil what was right.

`QUNYUN_FUZZ_SECONDS` says how long links, WeCom's answers, notifications and what games hear are
fuzzed: 30 each with `CI=true`, else 3; the others share as much. Each run has another seed, which
a failed test prints; `QUNYUN_FUZZ_SEED` runs that one again.
"""

import json
import os
import time
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from tests.bot.payouts.conftest import account as account
from tests.bot.payouts.conftest import counter as counter

SECONDS = float(os.environ.get("QUNYUN_FUZZ_SECONDS") or (30 if os.environ.get("CI") else 3))
HOSTILE = (
    "",
    " ",
    "\x00",
    "\r\n",
    "\r\nSet-Cookie: a=b",
    "\x1b[2J",
    "\u202e\u200b\u200d\ufeff",
    "\ud800",
    "\U0010ffff",
    "Z̴̡͎a̷l̵g̸o",
    "{{ 7*7 }}{% for x in y %}",
    "${7*7}",
    "' OR 1=1 --",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "<@all> [点](http://x.cn) **粗**",
    "%00%ff%",
    "../../etc/passwd",
    "٣٤٥",
    "①②",
    "１２３",
    "-1",
    "0",
    "1e999",
    "9" * 400,
    "亿" * 400,
    "长" * 1500,
)


class Fuzz:
    """One run's chance and time."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.tries = 0

    def rounds(self, sharing: int = 1) -> Iterator[int]:
        """Numbers until the time is over, which so many tests share."""
        end = time.monotonic() + SECONDS / sharing
        while time.monotonic() < end:
            self.tries += 1
            yield self.tries

    def pick(self, things: Any) -> Any:
        """One of them."""
        return self.chance.choice(things)

    def text(self, *known: str) -> str:
        """Words that are known or hostile, torn, doubled and put together."""
        parts = [self.pick((*known, *HOSTILE)) for _ in range(self.chance.randint(1, 3))]
        return "".join(self.torn(part) if self.chance.random() < 0.4 else part for part in parts)

    def torn(self, text: str) -> str:
        """The text with a character cut out, changed, doubled or moved."""
        if not text:
            return self.pick(HOSTILE)
        at = self.chance.randrange(len(text))
        changed = chr(self.pick((ord(text[at]) ^ 1, 0, 0x30, 0x661, 0xFF11, 0x202E)))
        return self.pick(
            (
                text[:at] + text[at + 1 :],
                text[:at] + changed + text[at + 1 :],
                text[:at] + text[at:] * 2,
                text[at:] + text[:at],
                text[:at],
                text.swapcase(),
            )
        )

    def spoilt(self, data: bytes) -> bytes:
        """Other bytes than these."""
        found = data
        while found == data:
            at = self.chance.randrange(len(data) + 1)
            found = self.pick(
                (
                    data[:at] + bytes([self.chance.randrange(256)]) + data[at + 1 :],
                    data[:at] + data[at + 1 :],
                    data[:at],
                    data[:at] + self.chance.randbytes(self.chance.randint(1, 9)) + data[at:],
                    data + data[at:],
                )
            )
        return found

    def changed(self, value: Any) -> Any:
        """The JSON value with one thing in it otherwise."""
        found = deepcopy(value)
        places = list(_places(found))
        while _same(found, value):
            holder, key = self.pick(places)
            self._change(holder, key)
            places = list(_places(found)) or places
        return found

    def _change(self, holder: Any, key: Any) -> None:
        old = holder[key]
        how = self.chance.randrange(6)
        if how == 0:
            del holder[key]
        elif how == 1:
            holder[key] = self.pick((None, True, 0, -1, 1.5, 2**70, [], {}, *HOSTILE))
        elif how == 2 and isinstance(old, str):
            holder[key] = self.torn(old)
        elif how == 3 and isinstance(old, int):
            holder[key] = old + self.pick((-1, 1, 1000))
        elif how == 4 and isinstance(old, list) and len(old) > 1:
            self.chance.shuffle(old)
        elif isinstance(holder, list):
            holder.insert(self.chance.randrange(len(holder) + 1), deepcopy(old))
        else:
            holder[self.torn(str(key))] = deepcopy(old)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, key) of everything inside."""
    inside = list(value) if isinstance(value, dict) else []
    inside = list(range(len(value))) if isinstance(value, list) else inside
    for key in inside:
        yield value, key
        yield from _places(value[key])


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Iterator[Fuzz]:
    """Another seed each time, printed."""
    seed = int(os.environ.get("QUNYUN_FUZZ_SEED") or int.from_bytes(os.urandom(6)))
    print(f"QUNYUN_FUZZ_SEED={seed} {request.node.name}")
    one = Fuzz(seed)
    yield one
    print(f"{one.tries} tries")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They need their time, and some more on a busy machine."""
    for item in items:
        if item.path.parent.name == "fuzz":
            item.add_marker(pytest.mark.timeout(SECONDS * 2 + 120))
