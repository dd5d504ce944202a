"""When colleagues read in the morning what the day holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.config import Config


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """Local times on working days."""

    at: time
    """Of everybody who has none of their own, and of the managers' word about what is overdue."""
    own: Mapping[str, time]
    """By colleague."""

    def of(self, staff: str) -> time:
        """A colleague's."""
        return self.own.get(staff, self.at)


def digest_settings(config: "Config") -> DigestSettings | None:
    """As configured; None where nobody wants a digest."""
    if config.digest is None:
        return None
    own = {one.id: one.digest for one in config.staff if one.digest is not None}
    return DigestSettings(config.digest, own)
