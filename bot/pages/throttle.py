"""How often somebody may knock and act: a sliding log in memory, of bounded size.

It keeps hammering away from the database. What must never happen twice is the database's matter.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

MOST_KEYS = 20_000


def whence(
    remote: str, forwarded: Sequence[str], proxies: Sequence[IPv4Network | IPv6Network]
) -> str:
    """Where a request comes from: the last address that no proxy of ours has.

    `forwarded` are the lines of X-Forwarded-For. What stands there is believed only as far as a
    proxy of ours has written it, which is from the right.
    """
    passed = [one.strip() for line in forwarded for one in line.split(",")]
    found = remote
    while passed and _is_one_of(found, proxies):
        found = passed.pop()
    return found[:64]


def _is_one_of(address: str, proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        one = ip_address(address)
    except ValueError:
        return False
    plain = (isinstance(one, IPv6Address) and one.ipv4_mapped) or one
    return any(plain in network for network in proxies)


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
