"""The base of every value read from YAML, and how its schema says which keys go together."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, strict, no unknown keys: what is written is what runs, or it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @classmethod
    def elsewhere(cls, key: str) -> tuple[str, str] | None:
        """For a key that belongs elsewhere: what is wrong with it here and what to write, in
        Chinese; None for any other."""
        return None


def one_of(keys: Iterable[str]) -> dict[str, Any]:
    """JSON Schema: exactly one of these keys has a value."""
    return {
        "oneOf": [
            {"required": [key], "properties": {key: {"not": {"type": "null"}}}} for key in keys
        ]
    }
