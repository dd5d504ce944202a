"""How many mass messages a customer or a group receives (H.4): as many a month as it has days."""

import calendar
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


class Caps:
    """Counts what each receiver got in each month of Beijing time."""

    def __init__(self) -> None:
        self.monthly: int | None = None
        """A stricter rule than the usual one, for tests; None: as many as the month has days."""
        self._got: dict[tuple[str, int, int], int] = {}

    def take(self, receiver: str, now: datetime) -> bool:
        """Counts one and says True, or says False."""
        local = now.astimezone(ZONE)
        key = (receiver, local.year, local.month)
        most = self.monthly
        if most is None:
            most = calendar.monthrange(local.year, local.month)[1]
        if self._got.get(key, 0) >= most:
            return False
        self._got[key] = self._got.get(key, 0) + 1
        return True
