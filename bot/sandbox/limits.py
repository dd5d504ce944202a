"""Frequency limits: a sliding log, so no window of that length ever holds more than allowed."""

from collections import deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class SlidingLog:
    """At most `count` events for each key in any window of `window`."""

    def __init__(self, count: int, window: timedelta) -> None:
        self._count = count
        self._window = window
        self._times: dict[str, deque[datetime]] = {}

    def full(self, key: str, now: datetime) -> bool:
        """Whether one more at `now` would be too many."""
        times = self._times.get(key)
        if times is None:
            return False
        while times and now - times[0] >= self._window:
            times.popleft()
        return len(times) >= self._count

    def add(self, key: str, now: datetime) -> None:
        """Counts one."""
        self._times.setdefault(key, deque()).append(now)


class Quota:
    """Several limits that count together: nothing is counted unless all of them allow it."""

    def __init__(self, *logs: SlidingLog) -> None:
        self._logs = logs

    def take(self, key: str, now: datetime) -> bool:
        """Counts one and says True, or says False."""
        if any(log.full(key, now) for log in self._logs):
            return False
        for log in self._logs:
            log.add(key, now)
        return True
