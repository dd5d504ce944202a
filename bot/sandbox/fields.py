"""Typed reading of request JSON: unknown fields are ignored, wrong types refused."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import wrong_json


class Fields:
    """A JSON object whose values are read by type."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    @classmethod
    def parse(cls, body: bytes | str) -> "Fields":
        """The object in a request body; anything else is `wrong json format`."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise wrong_json("body") from error
        if not isinstance(value, dict):
            raise wrong_json("body")
        return cls(value)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise wrong_json(name)
        return value

    def number(self, name: str, default: int = 0) -> int:
        """An integer; WeCom also takes its decimal digits in quotes for agentid and the like."""
        value = self.values.get(name, default)
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_json(name)
        return value

    def flag(self, name: str) -> bool:
        """A boolean, false when absent."""
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise wrong_json(name)
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings, empty when absent."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise wrong_json(name)
        return list(value)

    def object(self, name: str) -> "Fields":
        """An object, empty when absent or null."""
        value = self.values.get(name)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise wrong_json(name)
        return Fields(value)

    def objects(self, name: str) -> "list[Fields]":
        """A list of objects, empty when absent."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise wrong_json(name)
        return [Fields(item) for item in value]
