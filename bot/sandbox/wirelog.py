"""The last requests on the wire, both ways; secrets are masked when they are read."""

import json
import re
from collections import deque
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.sandbox.errors import Json

KEPT = 500
SHOWN = 4000
"""Characters of a body that are kept."""

_IN_QUERY = re.compile(r"\b((?:access_token|corpsecret|key|response_code)=)([^&\s\"]{4})[^&\s\"]*")
_IN_JSON = re.compile(
    r'("(?:access_token|secret|response_code|welcome_code|base64)"\s*:\s*")([^"]{4})[^"]*'
)


def mask(text: str) -> str:
    """Keeps four characters of every secret."""
    return _IN_JSON.sub(r"\1\2…", _IN_QUERY.sub(r"\1\2…", text))


def _readable(text: str) -> Any:
    """A masked body as JSON where it is whole JSON, else as text."""
    text = mask(text)
    if text.startswith("{"):
        with suppress(ValueError):
            return json.loads(text)
    return text


class WireLog:
    """A ring of entries, newest last."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self.count = 0

    def add(
        self,
        at: datetime,
        direction: str,
        method: str,
        path: str,
        status: int | None,
        request: str,
        response: str,
    ) -> None:
        """`direction` is `in` (a call to WeCom) or `out` (a callback); `status` None: no answer."""
        self.count += 1
        self._entries.append(
            {
                "n": self.count,
                "at": at.isoformat(),
                "direction": direction,
                "method": method,
                "path": path,
                "status": status,
                "request": request[:SHOWN],
                "response": response[:SHOWN],
            }
        )

    def latest(self, limit: int) -> list[Json]:
        """The newest entries, oldest of them first, with secrets masked."""
        newest = list(self._entries)[-limit:] if limit > 0 else []
        return [
            {
                **entry,
                "path": mask(entry["path"]),
                "request": _readable(entry["request"]),
                "response": _readable(entry["response"]),
            }
            for entry in newest
        ]
