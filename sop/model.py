"""The base of every value read from YAML."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, strict, no unknown keys: what is written is what runs, or it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)
