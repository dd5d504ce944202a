"""How often somebody may knock and act: a sliding log in memory, of bounded size.

It keeps hammering away from the database. What must never happen twice is the database's matter.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within so long."""

    count: int
    within: timedelta


class Throttle:
    """Remembers when each key was let in; who was seen longest ago is forgotten first."""

    def __init__(self, rate: Rate, most_keys: int = MOST_KEYS) -> None:
        self._rate = rate
        self._most = most_keys
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def lets_in(self, key: str, now: datetime) -> bool:
        """Whether there is room for one more; if there is, it counts."""
        seen = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        while seen and seen[0] <= now - self._rate.within:
            seen.popleft()
        if len(seen) >= self._rate.count:
            return False
        seen.append(now)
        return True
